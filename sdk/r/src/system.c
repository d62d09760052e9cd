/* The system calls that base R has no functions for: sockets that never block and say how much they took, locks on files, fsync, a monotonic
 * clock. No state and no policy here. Where a call fails the
 * result is its negative errno; nothing raises an R error but a lack of memory and the user's interrupt. */

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <R_ext/Rdynload.h>

#include "internal.h"

#define BLOCK 65536

static SEXP code(int result) { return ScalarInteger(result < 0 ? -errno : result); }

static int is_again(void) { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

static SEXP bytes(const void *from, size_t size)
{
    SEXP raw = allocVector(RAWSXP, (R_xlen_t)size);
    if (size > 0)
        memcpy(RAW(raw), from, size);
    return raw;
}

/* The program has closed its standard streams: what it prints all the same must not go into this. */
static int above_streams(int fd)
{
    if (fd < 0 || fd > STDERR_FILENO)
        return fd;
    int high = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1), why = errno;
    close(fd);
    errno = why;
    return high;
}

static SEXP mon_now(void) { return ScalarReal(mon_seconds(CLOCK_MONOTONIC)); }

/* Since 1970. */
long long mon_milliseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static SEXP mon_stamp(void) { return ScalarReal((double)mon_milliseconds()); }

/* At most 256. Without entropy it still is an id. */
void mon_fill(unsigned char *some, size_t count)
{
    if (getentropy(some, count) == 0)
        return;
    uint64_t state = (uint64_t)(mon_seconds(CLOCK_MONOTONIC) * 1e9) + (uint64_t)getpid();
    for (size_t i = 0; i < count; i++, state = state * 6364136223846793005u + 1442695040888963407u)
        some[i] = (unsigned char)(state >> 56);
}

static SEXP mon_random(SEXP count)
{
    SEXP some = PROTECT(allocVector(RAWSXP, asInteger(count)));
    mon_fill(RAW(some), (size_t)XLENGTH(some));
    UNPROTECT(1);
    return some;
}

static SEXP mon_error(SEXP number) { return mkString(strerror(abs(asInteger(number)))); }

static SEXP mon_euid(void) { return ScalarReal((double)geteuid()); }

/* --- sockets --- */

/* The addresses of a host, or the one of a Unix socket, each as raw bytes. A text says why there is none. This can wait for a name server. */
static SEXP mon_lookup(SEXP host, SEXP port)
{
    const char *name = CHAR(STRING_ELT(host, 0));
    if (name[0] == '/') {
        struct sockaddr_un local = {.sun_family = AF_UNIX};
        if (strlen(name) >= sizeof local.sun_path)
            return mkString("the path of the socket is too long");
        strcpy(local.sun_path, name);
        SEXP list = PROTECT(allocVector(VECSXP, 1));
        SET_VECTOR_ELT(list, 0, bytes(&local, sizeof local));
        UNPROTECT(1);
        return list;
    }
    struct addrinfo *found, *one, wish = {.ai_socktype = SOCK_STREAM};
    char service[16];
    snprintf(service, sizeof service, "%d", asInteger(port));
    int failed = getaddrinfo(name, service, &wish, &found), count = 0;
    if (failed)
        return mkString(gai_strerror(failed));
    for (one = found; one; one = one->ai_next)
        count++;
    SEXP list = PROTECT(allocVector(VECSXP, count));
    for (one = found, count = 0; one; one = one->ai_next)
        SET_VECTOR_ELT(list, count++, bytes(one->ai_addr, one->ai_addrlen));
    freeaddrinfo(found);
    UNPROTECT(1);
    return list;
}

/* A socket that is being connected. */
static SEXP mon_connect(SEXP address)
{
    const struct sockaddr *to = (const struct sockaddr *)RAW(address);
    int one = 1, fd = above_streams(socket(to->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (fd < 0)
        return code(-1);
    if (to->sa_family != AF_UNIX)
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (connect(fd, to, (socklen_t)XLENGTH(address)) != 0 && errno != EINPROGRESS) {
        int why = errno;
        close(fd);
        errno = why;
        return code(-1);
    }
    return code(fd);
}

/* 1 connected, 0 not yet. */
static SEXP mon_connected(SEXP fd)
{
    struct pollfd ready = {.fd = asInteger(fd), .events = POLLOUT};
    int why = 0;
    socklen_t size = sizeof why;
    if (poll(&ready, 1, 0) <= 0)
        return code(0);
    if (getsockopt(ready.fd, SOL_SOCKET, SO_ERROR, &why, &size) != 0)
        return code(-1);
    errno = why;
    return code(why ? -1 : 1);
}

/* How many bytes from offset on the kernel took; none if it has no room now. */
static SEXP mon_send(SEXP fd, SEXP data, SEXP offset)
{
    R_xlen_t from = (R_xlen_t)asReal(offset), left = XLENGTH(data) - from;
    int took = (int)send(asInteger(fd), RAW(data) + from, left > BLOCK ? BLOCK : (size_t)left, MSG_DONTWAIT | MSG_NOSIGNAL);
    return took < 0 && is_again() ? ScalarInteger(0) : code(took);
}

/* Whether the other side is a socket of this machine, over TCP. */
static SEXP mon_is_near(SEXP fd)
{
    struct sockaddr_storage own, other;
    socklen_t size = sizeof own, length = sizeof other;
    if (getsockname(asInteger(fd), (struct sockaddr *)&own, &size) != 0 || getpeername(asInteger(fd), (struct sockaddr *)&other, &length) != 0
        || own.ss_family != other.ss_family)
        return ScalarLogical(FALSE);
    if (own.ss_family == AF_INET)
        return ScalarLogical(((struct sockaddr_in *)&own)->sin_addr.s_addr == ((struct sockaddr_in *)&other)->sin_addr.s_addr);
    return ScalarLogical(own.ss_family == AF_INET6
                         && memcmp(&((struct sockaddr_in6 *)&own)->sin6_addr, &((struct sockaddr_in6 *)&other)->sin6_addr, sizeof(struct in6_addr)) == 0);
}

/* Whether the kernel may keep what it takes, less than a segment, for 0.2 s (TCP_CORK, tcp(7)). Taking it off sends what is held. */
static SEXP mon_cork(SEXP fd, SEXP on)
{
#ifdef TCP_CORK
    int is_on = asLogical(on) == TRUE;
    setsockopt(asInteger(fd), IPPROTO_TCP, TCP_CORK, &is_on, sizeof is_on);
#endif
    return R_NilValue;
}

/* What has arrived, NULL if nothing; no bytes at all are the end. */
static SEXP mon_receive(SEXP fd)
{
    char block[BLOCK];
    ssize_t got = recv(asInteger(fd), block, sizeof block, MSG_DONTWAIT);
    if (got < 0)
        return is_again() ? R_NilValue : code(-1);
    return bytes(block, (size_t)got);
}

/* Waits until one of at most two sockets can be read or, where asked for, written. The user may interrupt it, if interrupts are allowed. */
static SEXP mon_wait(SEXP fds, SEXP writing, SEXP timeout)
{
    struct pollfd sockets[2];
    nfds_t count = XLENGTH(fds) > 2 ? 2 : (nfds_t)XLENGTH(fds);
    for (nfds_t i = 0; i < count; i++)
        sockets[i] = (struct pollfd){.fd = INTEGER(fds)[i], .events = (short)(POLLIN | (LOGICAL(writing)[i] ? POLLOUT : 0))};
    SEXP ready = PROTECT(code(poll(sockets, count, (int)(asReal(timeout) * 1000 + 0.999))));
    R_CheckUserInterrupt();
    UNPROTECT(1);
    return ready;
}

static SEXP mon_close(SEXP fd) { return code(close(asInteger(fd))); }

/* --- files --- */

/* This file, locked; else closed, and -1 with the reason in errno. */
static int locked(int low)
{
    int fd = above_streams(low);
    if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) == 0) return fd;
    int why = errno;
    close(fd);
    errno = why;
    return -1;
}

/* Opens a file and locks it: created (rights above 0: it must not be there), or one that is there; 1 as second number if the lock is free. */
static SEXP mon_open(SEXP path, SEXP rights)
{
    int create = asInteger(rights), flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW | (create ? O_CREAT | O_EXCL | O_APPEND : 0);
    return code(locked(open(CHAR(STRING_ELT(path, 0)), flags, create)));
}

/* The file by which SDKs of one language take turns, locked. */
static SEXP mon_turn(SEXP path)
{
    return code(locked(open(CHAR(STRING_ELT(path, 0)), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)));
}

/* All or nothing: half a line would spoil the next one. -2: half a line is there, behind which no other may stand. */
int mon_append_all(int fd, const char *data, size_t size, double file_size)
{
    size_t done = 0;
    struct rlimit largest;
    if (getrlimit(RLIMIT_FSIZE, &largest) == 0 && largest.rlim_cur != RLIM_INFINITY && file_size + (double)size > (double)largest.rlim_cur) {
        errno = EFBIG;      /* of write, there would be a signal that ends R */
        return -1;
    }
    while (done < size) {
        ssize_t wrote = write(fd, data + done, size - done);
        if (wrote < 0 && errno != EINTR) {
            int why = errno, is_cut = ftruncate(fd, (off_t)file_size) == 0;
            errno = why;
            return is_cut ? -1 : -2;
        }
        done += wrote > 0 ? (size_t)wrote : 0;
    }
    return 0;
}

static SEXP mon_append(SEXP fd, SEXP data, SEXP size)
{
    return code(mon_append_all(asInteger(fd), (const char *)RAW(data), (size_t)XLENGTH(data), asReal(size)));
}

static SEXP mon_read(SEXP fd, SEXP offset, SEXP most)
{
    char block[2 * BLOCK];
    size_t size = asReal(most) > (double)sizeof block ? sizeof block : (size_t)asReal(most);
    ssize_t got = pread(asInteger(fd), block, size, (off_t)asReal(offset));
    return got < 0 ? code(-1) : bytes(block, (size_t)got);
}

static SEXP mon_sync(SEXP fd) { return code(fsync(asInteger(fd))); }

/* Size of an open file, -1 if the path does not lead to it (any more). */
static SEXP mon_size(SEXP fd, SEXP path)
{
    struct stat opened, named;
    if (fstat(asInteger(fd), &opened) != 0 || lstat(CHAR(STRING_ELT(path, 0)), &named) != 0 || opened.st_dev != named.st_dev
        || opened.st_ino != named.st_ino)
        return ScalarReal(-1);
    return ScalarReal((double)opened.st_size);
}

/* Never replaces a file. */
static SEXP mon_rename(SEXP from, SEXP to)
{
    const char *old = CHAR(STRING_ELT(from, 0)), *new = CHAR(STRING_ELT(to, 0));
#ifdef RENAME_NOREPLACE
    if (renameat2(AT_FDCWD, old, AT_FDCWD, new, RENAME_NOREPLACE) == 0)
        return code(0);
    if (errno != EINVAL && errno != ENOSYS)     /* these: a file system that can't */
        return code(-1);
#endif
    if (access(new, F_OK) == 0) {
        errno = EEXIST;
        return code(-1);
    }
    return code(rename(old, new));
}

/* Whether it is a folder, no link to one, and this user's. */
static SEXP mon_is_ours(SEXP path)
{
    struct stat about;
    return ScalarLogical(lstat(CHAR(STRING_ELT(path, 0)), &about) == 0 && S_ISDIR(about.st_mode) && about.st_uid == geteuid());
}

#define ENTRY(name, arguments) {#name, (DL_FUNC)&name, arguments}
static const R_CallMethodDef entries[] = {
    ENTRY(mon_now, 0), ENTRY(mon_random, 1), ENTRY(mon_error, 1), ENTRY(mon_euid, 0), ENTRY(mon_stamp, 0), ENTRY(mon_quote, 1),
    ENTRY(mon_digits, 1), ENTRY(mon_merged, 2), ENTRY(mon_lines, 1), ENTRY(mon_bytes, 1), ENTRY(mon_ack, 1),
    ENTRY(mon_inbox, 4), ENTRY(mon_is_alive, 1), ENTRY(mon_release, 1), ENTRY(mon_log, 5), ENTRY(mon_settle, 1), ENTRY(mon_begin, 4),
    ENTRY(mon_end, 2), ENTRY(mon_tell, 6), ENTRY(mon_open_span, 6), ENTRY(mon_close_span, 5), ENTRY(mon_accept, 6),
    ENTRY(mon_take, 1), ENTRY(mon_held, 1), ENTRY(mon_may_hold, 1), ENTRY(mon_lookup, 2), ENTRY(mon_connect, 1), ENTRY(mon_connected, 1), ENTRY(mon_send, 3), ENTRY(mon_is_near, 1), ENTRY(mon_cork, 2), ENTRY(mon_receive, 1), ENTRY(mon_wait, 3), ENTRY(mon_close, 1),
    ENTRY(mon_open, 2), ENTRY(mon_turn, 1), ENTRY(mon_append, 3), ENTRY(mon_read, 3), ENTRY(mon_sync, 1), ENTRY(mon_size, 2),
    ENTRY(mon_rename, 2), ENTRY(mon_is_ours, 1), ENTRY(mon_since_start, 0), ENTRY(mon_measured, 1), {NULL, NULL, 0}};

void R_init_monitoringsdk(DllInfo *dll)
{
    R_registerRoutines(dll, NULL, entries, NULL, NULL);
    R_useDynamicSymbols(dll, FALSE);
    R_forceSymbols(dll, TRUE);
}
