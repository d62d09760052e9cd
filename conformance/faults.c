/*
 * A disk that fails, for a process that this is preloaded into (LD_PRELOAD): what it does with the files in $FAULTS_SPOOL goes wrong as long as there is a
 * file of the fault's name in $FAULTS, and then there is one more, ".hit". "unreadable": reading gives EIO · "full": writing gives ENOSPC, after half of what was to be written.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static bool is_on(const char *fault, int fd) {
    const char *folder = getenv("FAULTS"), *spool = getenv("FAULTS_SPOOL");
    char link[64], path[4096 + 8];
    if (folder == NULL || spool == NULL || fd < 3) {
        return false;
    }
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, 4095);
    if (length < 0) {
        return false;
    }
    path[length] = 0;
    if (strncmp(path, spool, strlen(spool)) != 0 || strstr(path, ".lock") != NULL) {
        return false;
    }
    snprintf(path, sizeof path, "%s/%s", folder, fault);
    if (access(path, F_OK) != 0) {
        return false;
    }
    strcat(path, ".hit");
    close(open(path, O_WRONLY | O_CREAT, 0600));
    return true;
}

static ssize_t fails(int error) {
    errno = error;
    return -1;
}

ssize_t read(int fd, void *into, size_t size) {
    return is_on("unreadable", fd) ? fails(EIO) : syscall(SYS_read, fd, into, size);
}

ssize_t pread(int fd, void *into, size_t size, off_t from) {
    return is_on("unreadable", fd) ? fails(EIO) : syscall(SYS_pread64, fd, into, size, from);
}

/* As which programs built with _FORTIFY_SOURCE know them. */
ssize_t __read_chk(int fd, void *into, size_t size, size_t room) {
    return size <= room ? read(fd, into, size) : fails(EFAULT);
}

ssize_t __pread_chk(int fd, void *into, size_t size, off_t from, size_t room) {
    return size <= room ? pread(fd, into, size, from) : fails(EFAULT);
}

ssize_t __pread64_chk(int fd, void *into, size_t size, off_t from, size_t room) {
    return __pread_chk(fd, into, size, from, room);
}

ssize_t pread64(int fd, void *into, size_t size, off_t from) {
    return pread(fd, into, size, from);
}

/* The disk takes half, and what is left finds it full. */
static ssize_t half(int fd, const void *from, size_t size) {
    static _Thread_local bool had_half;
    had_half = !had_half && size > 1;
    return had_half ? syscall(SYS_write, fd, from, size / 2) : fails(ENOSPC);
}

ssize_t write(int fd, const void *from, size_t size) {
    return is_on("full", fd) ? half(fd, from, size) : syscall(SYS_write, fd, from, size);
}

ssize_t pwrite(int fd, const void *from, size_t size, off_t at) {
    return is_on("full", fd) ? fails(ENOSPC) : syscall(SYS_pwrite64, fd, from, size, at);
}

ssize_t pwrite64(int fd, const void *from, size_t size, off_t at) {
    return pwrite(fd, from, size, at);
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
    return is_on("full", fd) ? fails(ENOSPC) : syscall(SYS_writev, fd, parts, count);
}
