#ifndef SPOOL_FOLDER_H
#define SPOOL_FOLDER_H

#include <sys/types.h>
#include <time.h>
#include "internal.h"

struct found {
    char client[UUID_SIZE], ending[32], path[2600];
    int64_t first;
    off_t size;
    struct timespec changed;
};

/* All files of the source; the caller frees them. */
size_t mon_spool_list(const struct spool *s, struct found **files);
/* The first file of each client, oldest first; the caller frees them. */
size_t mon_spool_lowest(const struct spool *s, struct found **files);

#endif
