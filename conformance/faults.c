/*
 * A system that fails, for a process that this is preloaded into (LD_PRELOAD), as long as there is a file of the fault's name in $FAULTS; once it has, there
 * is one more, ".hit". Of the files in $FAULTS_SPOOL: "unreadable": reading gives EIO · "full": writing gives ENOSPC, after half of what was to be written. Of connections:
 * "deaf": nothing is heard of the other side before sending has failed; that ends the fault.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define PATH 4200

/* Whether there is this fault; *path is that of its file. */
static bool is_there(const char *fault, char path[PATH]) {
    const char *folder = getenv("FAULTS");
    if (folder == NULL) {
        return false;
    }
    snprintf(path, PATH, "%s/%s", folder, fault);
    return access(path, F_OK) == 0;
}

static void is_hit(char path[PATH]) {
    strcat(path, ".hit");
    close(open(path, O_WRONLY | O_CREAT, 0600));
}

static bool is_on(const char *fault, int fd) {
    const char *spool = getenv("FAULTS_SPOOL");
    char link[64], path[PATH];
    if (spool == NULL || fd < 3) {
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
    if (!is_there(fault, path)) {
        return false;
    }
    is_hit(path);
    return true;
}

static ssize_t fails(int error) {
    errno = error;
    return -1;
}

static bool is_connection(int fd) {
    struct sockaddr_storage address;
    socklen_t length = sizeof address;
    return getpeername(fd, (struct sockaddr *) &address, &length) == 0 && (address.ss_family == AF_INET || address.ss_family == AF_INET6);
}

static bool is_deaf(int fd) {
    char path[PATH];
    return is_there("deaf", path) && is_connection(fd);
}

/* Sends, and goes on until that fails if the other side has gone. */
static ssize_t send_deaf(int fd, const void *from, size_t size) {
    char path[PATH];
    struct pollfd end = {.fd = fd, .events = POLLRDHUP};
    ssize_t sent = sendto(fd, from, size, MSG_NOSIGNAL, NULL, 0);
    if (poll(&end, 1, 0) > 0) {
        while (sent > 0) {
            sent = sendto(fd, from, size, MSG_NOSIGNAL, NULL, 0);
        }
        int error = errno;
        is_there("deaf", path);
        unlink(path);
        is_hit(path);
        errno = error;
    }
    return sent;
}

ssize_t recv(int fd, void *into, size_t size, int flags) {
    return is_deaf(fd) ? fails(EAGAIN) : recvfrom(fd, into, size, flags, NULL, NULL);
}

ssize_t __recv_chk(int fd, void *into, size_t size, size_t room, int flags) {
    return size <= room ? recv(fd, into, size, flags) : fails(EFAULT);
}

ssize_t send(int fd, const void *from, size_t size, int flags) {
    return is_deaf(fd) ? send_deaf(fd, from, size) : sendto(fd, from, size, flags, NULL, 0);
}

ssize_t read(int fd, void *into, size_t size) {
    return is_on("unreadable", fd) ? fails(EIO) : is_deaf(fd) ? fails(EAGAIN) : syscall(SYS_read, fd, into, size);
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
    return is_on("full", fd) ? half(fd, from, size) : is_deaf(fd) ? send_deaf(fd, from, size) : syscall(SYS_write, fd, from, size);
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
