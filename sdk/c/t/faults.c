/* A system that does, when told to, what no test can wait for: these functions go before those of the C library. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include "faults.h"

static atomic_int stall_ms, reads_until_error, deaf_sends;
static atomic_bool gate_is_shut;
static atomic_int at_gate, invalid_polls;

static void pause_ms(int ms) {
    struct timespec pause = {ms / 1000, (long) (ms % 1000) * 1000000};
    nanosleep(&pause, NULL);
}

int faults_set(const char *what, int value) {
    if (strcmp(what, "stall") == 0) atomic_store(&stall_ms, value);
    else if (strcmp(what, "break_read") == 0) atomic_store(&reads_until_error, value);
    else if (strcmp(what, "deaf") == 0) atomic_store(&deaf_sends, value);
    else if (strcmp(what, "gate") == 0) atomic_store(&gate_is_shut, value != 0);
    else return 0;
    return 1;
}

int faults_seen(const char *what) {
    return strcmp(what, "at_gate") == 0 ? atomic_load(&at_gate) : strcmp(what, "invalid_polls") == 0 ? atomic_load(&invalid_polls) : -1;
}

/* A disk that stalls. */
int fsync(int fd) {
    pause_ms(atomic_load(&stall_ms));
    return fdatasync(fd);
}

/* A folder that hangs: whoever makes a spool file in it waits at the gate. */
int open(const char *path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    bool is_spool = strstr(path, ".open-c") != NULL;
    atomic_fetch_add(&at_gate, is_spool ? 1 : 0);
    while (is_spool && atomic_load(&gate_is_shut)) {
        pause_ms(1);
    }
    atomic_fetch_sub(&at_gate, is_spool ? 1 : 0);
    return openat(AT_FDCWD, path, flags, mode);
}

/* A disk with a bad block: the nth read from now on fails. */
ssize_t pread(int fd, void *into, size_t size, off_t from) {
    if (atomic_load(&reads_until_error) > 0 && atomic_fetch_sub(&reads_until_error, 1) == 1) {
        errno = EIO;
        return -1;
    }
    return syscall(SYS_pread64, fd, into, size, from);
}

/* A network in which the end of the connection is known to the nth send from now on, and what came before it to nobody until then. */
ssize_t send(int fd, const void *bytes, size_t size, int flags) {
    if (atomic_load(&deaf_sends) == 1) {
        struct pollfd end = {.fd = fd, .events = POLLRDHUP};
        poll(&end, 1, 60000);
        ssize_t sent = 1;
        while (sent > 0) {
            sent = sendto(fd, bytes, size, flags | MSG_NOSIGNAL, NULL, 0);  /* the first may still go */
        }
        atomic_store(&deaf_sends, 0);
        return sent;
    }
    if (atomic_load(&deaf_sends) > 0) {
        atomic_fetch_sub(&deaf_sends, 1);
    }
    return sendto(fd, bytes, size, flags, NULL, 0);
}

ssize_t recv(int fd, void *into, size_t size, int flags) {
    if (atomic_load(&deaf_sends) > 0) {
        errno = EAGAIN;
        return -1;
    }
    return recvfrom(fd, into, size, flags, NULL, NULL);
}

int poll(struct pollfd *list, nfds_t count, int timeout_ms) {
    struct timespec time = {timeout_ms / 1000, (long) (timeout_ms % 1000) * 1000000};
    int found = ppoll(list, count, timeout_ms < 0 ? NULL : &time, NULL);
    for (nfds_t i = 0; i < count; i++) {
        atomic_fetch_add(&invalid_polls, found > 0 && (list[i].revents & POLLNVAL) != 0 ? 1 : 0);
    }
    return found;
}
