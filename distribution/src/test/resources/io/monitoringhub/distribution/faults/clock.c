/*
 * Preloaded into the hub's process by FaultRun: shifts the system's clock by the seconds that the file TEST_CLOCK_OFFSET holds (64 bits,
 * native byte order). The file is mapped, so that the clock can be moved while the process runs. The monotonic clock stays as it is.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
static volatile int64_t *seconds;
__attribute__((constructor)) static void open_offset(void) {
    const char *name = getenv("TEST_CLOCK_OFFSET");
    int file = name ? open(name, O_RDONLY) : -1;
    if (file >= 0) {
        void *page = mmap(0, sizeof *seconds, PROT_READ, MAP_SHARED, file, 0);
        seconds = page == MAP_FAILED ? 0 : page;
        close(file);
    }
}
int clock_gettime(clockid_t id, struct timespec *out) {
    int result = syscall(SYS_clock_gettime, id, out);
    if (result == 0 && seconds && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)) out->tv_sec += *seconds;
    return result;
}
int gettimeofday(struct timeval *restrict out, void *restrict zone) {
    struct timespec now;
    (void) zone;
    if (clock_gettime(CLOCK_REALTIME, &now)) return -1;
    out->tv_sec = now.tv_sec;
    out->tv_usec = now.tv_nsec / 1000;
    return 0;
}
