/* Clocks, random numbers, descriptors across fork, and what the process uses. */
#define _DEFAULT_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "internal.h"

#define MB 1048576.0
#define MAX_FDS 256
#define THREADS_LOOKED_AT 8

static int64_t clock_ms(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t monotonic_ms(void) {
    return clock_ms(CLOCK_MONOTONIC);
}

int64_t wall_ms(void) {
    return clock_ms(CLOCK_REALTIME);
}

void random_bytes(void *into, size_t count) {
    if (getentropy(into, count) == 0) {
        return;
    }
    /* A system without it, or a sandbox that forbids it: still different in every process and call. */
    static atomic_ullong calls;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    uint64_t seed = (uint64_t) now.tv_sec * 1000000007u ^ (uint64_t) now.tv_nsec << 20 ^ (uint64_t) getpid() << 40 ^ (uint64_t) (uintptr_t) into;
    seed += atomic_fetch_add(&calls, 1) * 0x9E3779B97F4A7C15u;
    for (size_t i = 0; i < count; i++) {
        seed += 0x9E3779B97F4A7C15u;
        uint64_t z = (seed ^ seed >> 30) * 0xBF58476D1CE4E5B9u;
        ((unsigned char *) into)[i] = (unsigned char) (z >> 56);
    }
}

void hex_id(char *out, int bytes) {
    unsigned char random[32];
    random_bytes(random, (size_t) bytes);
    for (int i = 0; i < bytes; i++) {
        out[2 * i] = "0123456789abcdef"[random[i] >> 4];
        out[2 * i + 1] = "0123456789abcdef"[random[i] & 15];
    }
    out[2 * bytes] = 0;
}

void new_uuid(char out[UUID_SIZE]) {
    char hex[33];
    hex_id(hex, 16);
    hex[12] = '4';
    hex[16] = "89ab"[hex[16] & 3];
    snprintf(out, UUID_SIZE, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
}

void note_error(struct counters *c, const char *format, ...) {
    char text[sizeof c->last_error];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    pthread_mutex_lock(&c->lock);
    memcpy(c->last_error, text, sizeof text);
    pthread_mutex_unlock(&c->lock);
}

/* --- descriptors --- */

static pthread_mutex_t fds_lock = PTHREAD_MUTEX_INITIALIZER;
static int fds[MAX_FDS];
static int fd_count;

void hold_fds(void) {
    pthread_mutex_lock(&fds_lock);
}

int own_held_fd(int fd) {
    if (fd >= 0) {
        int error = errno;
        fcntl(fd, F_SETFD, FD_CLOEXEC);
        if (fd_count < MAX_FDS) {
            fds[fd_count++] = fd;
        }
        errno = error;
    }
    pthread_mutex_unlock(&fds_lock);
    return fd;
}

void close_fd(int fd) {
    if (fd < 0) {
        return;
    }
    pthread_mutex_lock(&fds_lock);
    for (int i = 0; i < fd_count; i++) {
        if (fds[i] == fd) {
            fds[i] = fds[--fd_count];
            break;
        }
    }
    close(fd);
    pthread_mutex_unlock(&fds_lock);
}

void fds_before_fork(void) {
    pthread_mutex_lock(&fds_lock);
}

void fds_after_fork(bool is_child) {
    if (is_child) {
        for (int i = 0; i < fd_count; i++) {
            close(fds[i]);
        }
        fd_count = 0;
    }
    pthread_mutex_unlock(&fds_lock);
}

/* --- what the process uses; NAN for what the system doesn't tell --- */

static double rounded(double value) {
    return (double) (int64_t) (value * 100 + 0.5) / 100;
}

/* False if there is no such file. */
static bool slurp(const char *path, char *text, size_t size) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    size_t length = 0;
    ssize_t got;
    while (length + 1 < size && (got = read(fd, text + length, size - 1 - length)) > 0) {
        length += (size_t) got;
    }
    close(fd);
    text[length] = 0;
    return length > 0;
}

static double field(const char *text, const char *name) {
    const char *at = strstr(text, name);
    return at == NULL ? NAN : (double) strtoull(at + strlen(name), NULL, 10);
}

double process_cpu_seconds(void) {
    struct rusage use;
    getrusage(RUSAGE_SELF, &use);
    return (double) (use.ru_utime.tv_sec + use.ru_stime.tv_sec) + (double) (use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6;
}

double process_memory_mb(void) {
    char text[4096];
    double kb = slurp("/proc/self/status", text, sizeof text) ? field(text, "VmRSS:") : NAN;
    return isnan(kb) ? NAN : rounded(kb / 1024);
}

double process_disk_mb(void) {
    char text[1024];
    double bytes = slurp("/proc/self/io", text, sizeof text) ? field(text, "\nread_bytes:") + field(text, "\nwrite_bytes:") : NAN;
    return isnan(bytes) ? NAN : rounded(bytes / MB);
}

double host_network_mb(void) {
    char text[16384];
    if (!slurp("/proc/net/dev", text, sizeof text)) {
        return NAN;
    }
    double bytes = 0;
    char *rest = NULL;
    for (char *line = strtok_r(text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest)) {
        char name[64];
        unsigned long long in, out;
        if (sscanf(line, " %63[^: |]: %llu %*u %*u %*u %*u %*u %*u %*u %llu", name, &in, &out) == 3 && strcmp(name, "lo") != 0) {
            bytes += (double) in + (double) out;
        }
    }
    return rounded(bytes / MB);
}

/* A folder's entries without "." and "..", each given to use(); NAN if there is no such folder. */
static double entries(const char *path, void (*use)(const char *name, double count, void *into), void *into) {
    DIR *folder = opendir(path);
    if (folder == NULL) {
        return NAN;
    }
    double count = 0;
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        if (entry->d_name[0] != '.') {
            if (use != NULL) {
                use(entry->d_name, count, into);
            }
            count++;
        }
    }
    closedir(folder);
    return count;
}

/* The kernel keeps children by thread: those of the first ones are counted. Without the file its list stays NAN. */
static void add_children(const char *thread, double count, void *into) {
    double *children = into;
    char path[64], text[8192];
    snprintf(path, sizeof path, "/proc/self/task/%.20s/children", thread);
    if (count >= THREADS_LOOKED_AT || access(path, R_OK) != 0) {
        return;
    }
    double found = 0;
    if (slurp(path, text, sizeof text)) {
        for (const char *c = text; *c != 0; c++) {
            found += *c == ' ';
        }
    }
    *children = isnan(*children) ? found : *children + found;
}

void process_counts(struct counts *counts) {
    struct stat about;
    counts->children = NAN;
    counts->threads = entries("/proc/self/task", add_children, &counts->children);
    /* Since Linux 6.2 the folder's size is their number; before, it is 0, and the one that lists is among them. */
    counts->fds = stat("/proc/self/fd", &about) == 0 && about.st_size > 0 ? (double) about.st_size : entries("/proc/self/fd", NULL, NULL) - 1;
    double loads[3];
    int known = getloadavg(loads, 3);
    for (int i = 0; i < 3; i++) {
        counts->loads[i] = i < known ? rounded(loads[i]) : NAN;
    }
}
