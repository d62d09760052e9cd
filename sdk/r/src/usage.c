/* What this process uses, from its clocks and /proc. Without state. */

#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"

double mon_seconds(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* The beginning of a file as text, empty if it can't be read. */
static const char *contents(const char *path, char *room, size_t most)
{
    size_t size = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    for (ssize_t got = 1; fd >= 0 && got > 0 && size < most - 1; size += got > 0 ? (size_t)got : 0)
        got = read(fd, room + size, most - 1 - size);
    if (fd >= 0)
        close(fd);
    room[size] = 0;
    return room;
}

/* The number behind a name; not a number if it is not there. */
static double after(const char *text, const char *name)
{
    const char *at = strstr(text, name);
    return at ? strtod(at + strlen(name), NULL) : NA_REAL;
}

/* Bytes received and sent by the host's interfaces without loopback: the kernel does not count them for a process. */
static double network(char *room, size_t most)
{
    char name[64];
    double total = 0, in, out;
    size_t size = 0;
    int fd = open("/proc/net/dev", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return NA_REAL;
    /* In parts: a host of containers has hundreds of interfaces. */
    for (ssize_t got; (got = read(fd, room + size, most - 1 - size)) > 0;) {
        room[size += (size_t)got] = 0;
        char *line = room;
        for (char *end; (end = strchr(line, '\n')); line = end + 1) {
            *end = 0;
            if (sscanf(line, " %63[^: ]: %lf %*f %*f %*f %*f %*f %*f %*f %lf", name, &in, &out) == 3 && strcmp(name, "lo") != 0)
                total += in + out;
        }
        memmove(room, line, size -= (size_t)(line - room));
    }
    close(fd);
    return total;
}

static double descriptors(void)
{
    DIR *all = opendir("/proc/self/fd");
    double count = -3;  /* ".", ".." and the one that reads them */
    if (!all)
        return NA_REAL;
    while (readdir(all))
        count++;
    closedir(all);
    return count;
}

/* Processes that this one has started and not yet waited for; of a program with one thread. */
static double children(char *room, size_t most)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
    if (access(path, R_OK) != 0)
        return NA_REAL;     /* a kernel without CONFIG_PROC_CHILDREN */
    double count = 0;
    for (const char *c = contents(path, room, most); *c; c++)
        count += *c == ' ';
    return count;
}

/* Threads, and when this process began, in clock ticks since the system did; proc(5). Whether they are known. */
static int process(char *room, size_t most, double *threads, double *start)
{
    const char *name_end = strrchr(contents("/proc/self/stat", room, most), ')');
    return name_end && sscanf(name_end, ") %*s %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %lf %*d %lf", threads, start) == 2;
}

static double threads(char *room, size_t most)
{
    double count, start;
    return process(room, most, &count, &start) ? count : NA_REAL;
}

static double memory(char *room, size_t most)
{
    double pages;
    return sscanf(contents("/proc/self/statm", room, most), "%*f %lf", &pages) == 1 ? pages * (double)sysconf(_SC_PAGESIZE) : NA_REAL;
}

static double disk(char *room, size_t most)
{
    contents("/proc/self/io", room, most);
    return after(room, "\nread_bytes:") + after(room, "\nwrite_bytes:");
}

static double rounded(double value) { return nearbyint(value * 100) / 100; }

/* What `last` is the first time: since this process began, which in a fork is not when R did. */
SEXP mon_since_start(void)
{
    char room[1024];
    double count, start, now = mon_seconds(CLOCK_MONOTONIC);
    SEXP last = allocVector(REALSXP, 2);
    int is_known = process(room, sizeof room, &count, &start);
    REAL(last)[0] = is_known ? 0 : mon_seconds(CLOCK_PROCESS_CPUTIME_ID);
    REAL(last)[1] = is_known ? now - (mon_seconds(CLOCK_BOOTTIME) - start / (double)sysconf(_SC_CLK_TCK)) : now;
    return last;
}

/* list(what the system tells of it, as members of a message; what `last` is the next time: seconds of processor time and of a monotonic clock). cpu: per
 * cent of one core since then. MB are 1,048,576 bytes. */
SEXP mon_measured(SEXP last)
{
    static const char *const names[] = {"cpu", "mem", "disk", "net", "threads", "fds", "children", "load1", "load5", "load15"};
    enum { COUNT = sizeof names / sizeof *names, LOADS = COUNT - 3 };
    const double mb = 1048576, used = mon_seconds(CLOCK_PROCESS_CPUTIME_ID), now = mon_seconds(CLOCK_MONOTONIC);
    double spent = used - REAL(last)[0], wall = now - REAL(last)[1];
    char room[16384];
    double values[COUNT] = {
        rounded(wall > 0 ? 100 * spent / wall : 0), rounded(memory(room, sizeof room) / mb), rounded(disk(room, sizeof room) / mb),
        rounded(network(room, sizeof room) / mb), threads(room, sizeof room), descriptors(), children(room, sizeof room), NA_REAL, NA_REAL, NA_REAL};
    getloadavg(values + LOADS, 3);
    R_xlen_t known = 0;
    for (int i = 0; i < COUNT; i++)
        known += !ISNAN(values[i]);
    SEXP result = PROTECT(allocVector(VECSXP, 2)), members = allocVector(VECSXP, known);
    SET_VECTOR_ELT(result, 0, members);
    SEXP keys = allocVector(STRSXP, known), next = R_NilValue;
    setAttrib(members, R_NamesSymbol, keys);
    for (int i = 0, at = 0; i < COUNT; i++)
        if (!ISNAN(values[i])) {
            SET_VECTOR_ELT(members, at, ScalarReal(values[i]));
            SET_STRING_ELT(keys, at++, mkChar(names[i]));
        }
    SET_VECTOR_ELT(result, 1, next = allocVector(REALSXP, 2));
    REAL(next)[0] = used;
    REAL(next)[1] = now;
    UNPROTECT(1);
    return result;
}
