/* Clocks, random numbers, and descriptors across fork. */
#define _DEFAULT_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "internal.h"

#define MAX_FDS 256

static int64_t clock_ms(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t mon_monotonic_ms(void) {
    return clock_ms(CLOCK_MONOTONIC);
}

int64_t mon_wall_ms(void) {
    return clock_ms(CLOCK_REALTIME);
}

void mon_random_bytes(void *into, size_t count) {
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

void mon_hex_id(char *out, int bytes) {
    unsigned char random[32];
    mon_random_bytes(random, (size_t) bytes);
    for (int i = 0; i < bytes; i++) {
        out[2 * i] = "0123456789abcdef"[random[i] >> 4];
        out[2 * i + 1] = "0123456789abcdef"[random[i] & 15];
    }
    out[2 * bytes] = 0;
}

void mon_new_uuid(char out[UUID_SIZE]) {
    char hex[33];
    mon_hex_id(hex, 16);
    hex[12] = '4';
    hex[16] = "89ab"[hex[16] & 3];
    snprintf(out, UUID_SIZE, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
}

void mon_note_error(struct counters *c, const char *format, ...) {
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

/* Held while a descriptor is made or closed, which in a folder that hangs can take long. Fork does not wait for that: a descriptor that open has not
   returned yet, or that close has begun with, is none of the child's. */
static pthread_mutex_t fds_lock = PTHREAD_MUTEX_INITIALIZER;
static int fds[MAX_FDS];
static int fd_count;

void mon_hold_fds(void) {
    pthread_mutex_lock(&fds_lock);
}

int mon_own_held_fd(int fd) {
    int error = errno;
    if (fd >= 0 && fd <= STDERR_FILENO) {
        /* The application has closed its standard streams: what it prints all the same must not go into this. */
        int low = fd;
        fd = fcntl(low, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
        error = errno;
        close(low);
    }
    if (fd >= 0) {
        fcntl(fd, F_SETFD, FD_CLOEXEC);
        if (fd_count < MAX_FDS) {
            fds[fd_count++] = fd;
        }
    }
    pthread_mutex_unlock(&fds_lock);
    errno = error;
    return fd;
}

void mon_close_fd(int fd) {
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

bool mon_fds_before_fork(int timeout_ms) {
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += (long) timeout_ms * 1000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    return pthread_mutex_timedlock(&fds_lock, &until) == 0;
}

void mon_fds_after_fork(bool is_child, bool held) {
    if (is_child) {
        for (int i = 0; i < fd_count; i++) {
            close(fds[i]);
        }
        fd_count = 0;
    }
    if (held) {
        pthread_mutex_unlock(&fds_lock);
    } else if (is_child) {
        pthread_mutex_init(&fds_lock, NULL);
    }
}
