/* One spool file: lines go to its end and come from its beginning, then it goes, or is left to others. */
#define _DEFAULT_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "internal.h"

#define BLOCK 131072

int64_t mon_file_room(const struct spool_file *f) {
    return f->max_bytes > f->bytes ? f->max_bytes - f->bytes : 0;
}

bool mon_file_append(struct spool_file *f, const char *bytes, size_t length, int64_t count) {
    size_t done = 0;
    while (done < length) {
        ssize_t wrote = write(f->fd, bytes + done, length - done);
        if (wrote < 0 && errno == EINTR) {
            continue;
        }
        if (wrote <= 0) {
            int error = errno;
            /* The disk is full in mid-line. If this fails as well, half a line is at the end, which readers leave out. */
            if (ftruncate(f->fd, (off_t) f->bytes) != 0) {
                f->max_bytes = f->bytes;
            }
            errno = error;
            return false;
        }
        done += (size_t) wrote;
    }
    f->bytes += (int64_t) length;
    f->unread_lines += count;
    return true;
}

bool mon_file_has_unread(const struct spool_file *f) {
    return f->read_at < f->bytes;
}

bool mon_file_take(struct spool_file *f, struct lines *into, int most) {
    char *block = malloc(BLOCK);
    size_t wanted = f->bytes - f->read_at < BLOCK ? (size_t) (f->bytes - f->read_at) : BLOCK;
    ssize_t got = block == NULL ? -1 : pread(f->fd, block, wanted, (off_t) f->read_at);
    if (got <= 0) {
        free(block);
        return false;
    }
    size_t from = 0;
    int taken = 0;
    bool room = true;
    while (taken < most) {
        char *newline = memchr(block + from, '\n', (size_t) got - from);
        if (newline == NULL) {
            break;
        }
        size_t to = (size_t) (newline - block) + 1;
        /* An empty line has no number: none of ours is, but the file may have been edited. */
        if (to - from > 1) {
            room = mon_lines_add(into, block + from, to - from);
            if (!room) {
                break;
            }
            taken++;
        }
        from = to;
    }
    free(block);
    /* No line is as long as a block: this is not a file of ours. */
    f->read_at += from == 0 && room && taken < most && got == BLOCK ? got : (int64_t) from;
    f->read_lines += taken;
    f->unread_lines = f->unread_lines > taken ? f->unread_lines - taken : 0;
    return from > 0 || (room && got == BLOCK);
}

bool mon_file_is_done(const struct spool_file *f, int64_t number) {
    return !mon_file_has_unread(f) && number >= f->first + f->read_lines - 1;
}

void mon_file_remove(struct spool_file *f) {
    unlink(f->path);
    mon_close_fd(f->fd);
    free(f);
}

void mon_file_release(struct spool_file *f) {
    char path[sizeof f->path];
    mon_spool_path(f->spool, f->client, f->first, SPOOL_SEALED, path, sizeof path);
    /* If it can't be renamed, it is as free under the name that it has, without its lock. */
    if (access(path, F_OK) != 0 && rename(f->path, path) != 0) {
        errno = 0;
    }
    mon_close_fd(f->fd);
    free(f);
}

bool mon_file_give_to(struct spool_file *f, const char *client) {
    char path[sizeof f->path];
    mon_spool_path(f->spool, client, f->first, SPOOL_OPEN, path, sizeof path);
    if (rename(f->path, path) != 0) {
        return false;
    }
    memcpy(f->path, path, sizeof path);
    memcpy(f->client, client, UUID_SIZE);
    return true;
}
