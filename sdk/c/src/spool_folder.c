/* What lies in a spool folder, by the names of protocol/SPOOL.md. */
#define _DEFAULT_SOURCE
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "spool_folder.h"

static bool is_uuid(const char *text) {
    for (int i = 0; i < 36; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text[i] != '-' : !((text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'f'))) {
            return false;
        }
    }
    return true;
}

static bool read_name(const struct spool *s, const char *name, struct found *f) {
    size_t prefix = strlen(s->name);
    if (strncmp(name, s->name, prefix) != 0 || name[prefix] != '-' || strlen(name) < prefix + 40 || !is_uuid(name + prefix + 1)) {
        return false;
    }
    const char *rest = name + prefix + 37;
    size_t digits = *rest == '-' ? strspn(rest + 1, "0123456789") : 0;
    if (digits == 0 || digits > 18 || rest[1 + digits] != '.') {
        return false;
    }
    const char *ending = rest + digits + 2;
    bool known = strcmp(ending, SPOOL_SEALED) == 0 || strcmp(ending, "open") == 0 || strcmp(ending, "claimed") == 0 || strncmp(ending, "open-", 5) == 0
            || strncmp(ending, "claimed-", 8) == 0;
    if (!known || strlen(ending) >= sizeof f->ending) {
        return false;
    }
    memcpy(f->client, name + prefix + 1, 36);
    f->client[36] = 0;
    f->first = strtoll(rest + 1, NULL, 10);
    strcpy(f->ending, ending);
    return true;
}

size_t mon_spool_list(const struct spool *s, struct found **files) {
    size_t count = 0, room = 0;
    *files = NULL;
    DIR *directory = opendir(s->directory);
    if (directory == NULL) {
        return 0;
    }
    for (struct dirent *entry = readdir(directory); entry != NULL; entry = readdir(directory)) {
        struct found f;
        struct stat status;
        if (!read_name(s, entry->d_name, &f)) {
            continue;
        }
        snprintf(f.path, sizeof f.path, "%s/%s", s->directory, entry->d_name);
        if (lstat(f.path, &status) != 0 || !S_ISREG(status.st_mode)) {
            continue;
        }
        f.size = status.st_size;
        f.changed = status.st_mtim;
        if (count == room) {
            room = room == 0 ? 16 : room * 2;
            struct found *more = realloc(*files, room * sizeof f);
            if (more == NULL) {
                break;
            }
            *files = more;
        }
        (*files)[count++] = f;
    }
    closedir(directory);
    return count;
}

static int by_client(const void *a, const void *b) {
    const struct found *x = a, *y = b;
    int order = strcmp(x->client, y->client);
    return order != 0 ? order : x->first < y->first ? -1 : x->first > y->first;
}

static int by_age(const void *a, const void *b) {
    const struct found *x = a, *y = b;
    if (x->changed.tv_sec != y->changed.tv_sec) {
        return x->changed.tv_sec < y->changed.tv_sec ? -1 : 1;
    }
    return x->changed.tv_nsec < y->changed.tv_nsec ? -1 : x->changed.tv_nsec > y->changed.tv_nsec ? 1 : strcmp(x->path, y->path);
}

size_t mon_spool_lowest(const struct spool *s, struct found **files) {
    size_t count = mon_spool_list(s, files), kept = 0;
    if (count == 0) {
        return 0;
    }
    qsort(*files, count, sizeof **files, by_client);
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || strcmp((*files)[kept - 1].client, (*files)[i].client) != 0) {
            (*files)[kept++] = (*files)[i];
        }
    }
    qsort(*files, kept, sizeof **files, by_age);
    return kept;
}
