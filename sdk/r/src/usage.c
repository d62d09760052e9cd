/* What this process uses, from its clocks and /proc. Without state. */

#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
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
    const char *line = contents("/proc/net/dev", room, most);
    if (!*line)
        return NA_REAL;
    for (; line; line = (line = strchr(line, '\n')) ? line + 1 : NULL)
        if (sscanf(line, " %63[^: ]: %lf %*f %*f %*f %*f %*f %*f %*f %lf", name, &in, &out) == 3 && strcmp(name, "lo") != 0)
            total += in + out;
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

/* Seconds of processor time and of a monotonic clock, then bytes: resident, read from and written to disks, network. */
SEXP mon_usage(void)
{
    char room[16384];
    SEXP result = PROTECT(allocVector(REALSXP, 5));
    double *to = REAL(result), pages = 0;
    to[0] = mon_seconds(CLOCK_PROCESS_CPUTIME_ID);
    to[1] = mon_seconds(CLOCK_MONOTONIC);
    to[2] = sscanf(contents("/proc/self/statm", room, sizeof room), "%*f %lf", &pages) == 1 ? pages * (double)sysconf(_SC_PAGESIZE) : NA_REAL;
    contents("/proc/self/io", room, sizeof room);
    to[3] = after(room, "\nread_bytes:") + after(room, "\nwrite_bytes:");
    to[4] = network(room, sizeof room);
    UNPROTECT(1);
    return result;
}

/* Threads, open descriptors and children of this process, and the host's three load averages. */
SEXP mon_counts(void)
{
    char room[16384];
    double loads[3] = {NA_REAL, NA_REAL, NA_REAL};
    SEXP result = PROTECT(allocVector(REALSXP, 6));
    double *to = REAL(result);
    const char *name_end = strrchr(contents("/proc/self/stat", room, sizeof room), ')');
    if (!name_end || sscanf(name_end, ") %*s %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %lf", &to[0]) != 1)
        to[0] = NA_REAL;
    to[1] = descriptors();
    to[2] = children(room, sizeof room);
    getloadavg(loads, 3);
    memcpy(to + 3, loads, sizeof loads);
    UNPROTECT(1);
    return result;
}
