/* What the process uses; NAN for what the system doesn't tell. */
#define _DEFAULT_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include "internal.h"

#define MB 1048576.0
#define THREADS_LOOKED_AT 8

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

double mon_process_cpu_seconds(void) {
    struct rusage use;
    getrusage(RUSAGE_SELF, &use);
    return (double) (use.ru_utime.tv_sec + use.ru_stime.tv_sec) + (double) (use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6;
}

double mon_process_memory_mb(void) {
    char text[4096];
    double kb = slurp("/proc/self/status", text, sizeof text) ? field(text, "VmRSS:") : NAN;
    return isnan(kb) ? NAN : rounded(kb / 1024);
}

double mon_process_disk_mb(void) {
    char text[1024];
    double bytes = slurp("/proc/self/io", text, sizeof text) ? field(text, "\nread_bytes:") + field(text, "\nwrite_bytes:") : NAN;
    return isnan(bytes) ? NAN : rounded(bytes / MB);
}

static double network_bytes(const char *line) {
    char name[64];
    unsigned long long in, out;
    bool counts = sscanf(line, " %63[^: |]: %llu %*u %*u %*u %*u %*u %*u %*u %llu", name, &in, &out) == 3 && strcmp(name, "lo") != 0;
    return counts ? (double) in + (double) out : 0;
}

/* In parts: a host of containers has hundreds of interfaces. */
double mon_host_network_mb(void) {
    int fd = open("/proc/net/dev", O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return NAN;
    }
    char text[8192];
    size_t length = 0;
    ssize_t got;
    double bytes = 0;
    while ((got = read(fd, text + length, sizeof text - 1 - length)) > 0) {
        length += (size_t) got;
        text[length] = 0;
        char *line = text;
        for (char *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
            *end = 0;
            bytes += network_bytes(line);
        }
        length -= (size_t) (line - text);
        memmove(text, line, length);
    }
    close(fd);
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

void mon_process_counts(struct counts *counts) {
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
