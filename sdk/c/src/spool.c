/*
 * Spool files: lines that no hub has confirmed, for whoever comes next. The rules are protocol/SPOOL.md's; files that somebody works on have the endings
 * open-c and claimed-c and are locked with flock(2).
 */
#define _DEFAULT_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "spool_folder.h"

#define BLOCK 131072
#define NAME_LENGTH 160
#define TRIES 20

/* A daemon may have become another user since: then its private folder is another one. */
static void follow_user(struct spool *s) {
    if (s->settings->spool_private) {
        snprintf(s->directory, sizeof s->directory, "%s%lld", s->settings->spool_dir, (long long) geteuid());
    } else {
        memcpy(s->directory, s->settings->spool_dir, sizeof s->directory);
    }
}

void mon_spool_open(struct spool *s, const struct settings *settings) {
    memset(s, 0, sizeof *s);
    s->settings = settings;
    follow_user(s);
    size_t length = 0;
    for (const char *at = settings->source; *at != 0 && length < NAME_LENGTH; at++) {
        char c = *at;
        bool kept = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
        /* One for each character, of which UTF-8 has several bytes. */
        if ((c & 0xC0) != 0x80) {
            s->name[length++] = kept ? c : '_';
        }
    }
}

/* In a shared temporary folder somebody else may have been quicker. */
static bool is_ours(const struct spool *s) {
    struct stat status;
    return !s->settings->spool_private || (lstat(s->directory, &status) == 0 && S_ISDIR(status.st_mode) && status.st_uid == geteuid());
}

void mon_spool_path(const struct spool *s, const char *client, int64_t first, const char *ending, char *path, size_t size) {
    snprintf(path, size, "%s/%s-%s-%lld.%s", s->directory, s->name, client, (long long) first, ending);
}

static struct spool_file *new_file(const struct spool *s, const char *client, int64_t first, int fd) {
    struct spool_file *f = calloc(1, sizeof *f);
    if (f == NULL) {
        mon_close_fd(fd);
        return NULL;
    }
    f->spool = s;
    f->fd = fd;
    f->first = first;
    memcpy(f->client, client, UUID_SIZE);
    return f;
}

static int open_locked(const char *path, int flags, mode_t mode) {
    mon_hold_fds();
    int fd = mon_own_held_fd(open(path, flags | O_CLOEXEC | O_NOFOLLOW, mode));
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0) {
        mon_close_fd(fd);
        errno = EWOULDBLOCK;
        return -1;
    }
    return fd;
}

static struct spool_file *create_once(const struct spool *s, const char *client, int64_t first) {
    struct stat status;
    struct found *files;
    size_t count = mon_spool_list(s, &files);
    int64_t room = s->settings->spool_bytes;
    for (size_t i = 0; i < count; i++) {
        room -= files[i].size;
        /* A failed call has left it. */
        if (files[i].size == 0 && strcmp(files[i].client, client) == 0 && strcmp(files[i].ending, SPOOL_OPEN) == 0) {
            unlink(files[i].path);
        }
    }
    free(files);
    /* What is written beyond that fails as a whole. */
    struct rlimit largest;
    if (getrlimit(RLIMIT_FSIZE, &largest) == 0 && largest.rlim_cur != RLIM_INFINITY && room > 0 && (uint64_t) room > largest.rlim_cur) {
        room = (int64_t) largest.rlim_cur;
    }
    char path[sizeof ((struct spool_file *) 0)->path];
    mon_spool_path(s, client, first, SPOOL_OPEN, path, sizeof path);
    int fd = open_locked(path, O_RDWR | O_CREAT | O_EXCL | O_APPEND, s->settings->spool_private ? 0600 : 0640);
    if (fd >= 0 && (fstat(fd, &status) != 0 || status.st_nlink == 0)) {
        /* Taken for an abandoned one, and removed, before it was locked. */
        mon_close_fd(fd);
        fd = -1;
        errno = EAGAIN;
    }
    struct spool_file *f = fd < 0 ? NULL : new_file(s, client, first, fd);
    if (f != NULL) {
        memcpy(f->path, path, sizeof path);
        f->max_bytes = room;
    }
    return f;
}

struct spool_file *mon_spool_create(struct spool *s, const char *client, int64_t first) {
    follow_user(s);
    mkdir(s->directory, s->settings->spool_private ? 0700 : 0777);
    if (!is_ours(s)) {
        errno = EACCES;
        return NULL;
    }
    struct spool_file *f = NULL;
    for (int i = 0; i < TRIES; i++) {
        f = create_once(s, client, first);
        if (f != NULL || (errno != EWOULDBLOCK && errno != EAGAIN && errno != EEXIST)) {
            break;
        }
        /* Somebody takes it for an abandoned one, and will have removed it in a moment. */
        struct timespec pause = {0, 5000000};
        nanosleep(&pause, NULL);
    }
    return f;
}

/* Length up to the last newline: a killed writer may have left half a line. */
static int64_t whole_lines(int fd, off_t size) {
    char *block = malloc(BLOCK);
    off_t end = size;
    int64_t whole = block == NULL ? -1 : 0;
    while (whole == 0 && end > 0) {
        off_t from = end > BLOCK ? end - BLOCK : 0;
        ssize_t got = pread(fd, block, (size_t) (end - from), from);
        if (got <= 0) {
            whole = -1;     /* cannot be read, now */
        }
        while (got > 0 && block[got - 1] != '\n') {
            got--;
        }
        whole = got > 0 ? from + got : whole;
        end = from;
    }
    free(block);
    return whole;
}

static struct spool_file *claim_one(const struct spool *s, const struct found *found) {
    struct stat opened, named;
    int fd = open_locked(found->path, O_RDWR, 0);
    if (fd < 0) {
        return NULL;
    }
    char path[sizeof found->path];
    mon_spool_path(s, found->client, found->first, SPOOL_CLAIMED, path, sizeof path);
    bool same = fstat(fd, &opened) == 0 && stat(found->path, &named) == 0 && opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
    bool free_name = strcmp(path, found->path) == 0 || access(path, F_OK) != 0;
    if (!same || !free_name || rename(found->path, path) != 0) {
        mon_close_fd(fd);
        return NULL;
    }
    int64_t whole = whole_lines(fd, opened.st_size);
    struct spool_file *f = whole > 0 ? new_file(s, found->client, found->first, fd) : NULL;
    if (whole == 0) {
        unlink(path);
    }
    if (whole <= 0) {
        mon_close_fd(fd);
    }
    if (f != NULL) {
        memcpy(f->path, path, sizeof path);
        f->bytes = f->max_bytes = whole;
        f->unread_lines = 1; /* unknown, but some */
    }
    return f;
}

static bool is_of(const struct clients *clients, const char *client) {
    for (size_t i = 0; i < clients->count; i++) {
        if (strcmp(clients->list[i], client) == 0) {
            return true;
        }
    }
    return false;
}

struct spool_file *mon_spool_claim(struct spool *s, const char *own, const struct clients *others, bool *again) {
    struct found *files = NULL;
    struct spool_file *claimed = NULL;
    *again = false;
    follow_user(s);
    if (!is_ours(s)) {
        return NULL;    /* whose files are not ours to delete */
    }
    size_t count = mon_spool_lowest(s, &files);
    free(files);
    if (count == 0) {
        return NULL;
    }
    char path[2600];
    snprintf(path, sizeof path, "%s/%s.lock", s->directory, s->name);
    int lock = open_locked(path, O_RDWR | O_CREAT, 0600);
    if (lock < 0) {
        *again = errno == EWOULDBLOCK;
        return NULL;
    }
    count = mon_spool_lowest(s, &files);
    for (size_t i = 0; i < count && claimed == NULL; i++) {
        bool ours = strcmp(files[i].ending, SPOOL_SEALED) == 0 || strcmp(files[i].ending, SPOOL_OPEN) == 0 || strcmp(files[i].ending, SPOOL_CLAIMED) == 0;
        claimed = ours && strcmp(files[i].client, own) != 0 && !is_of(others, files[i].client) ? claim_one(s, &files[i]) : NULL;
    }
    free(files);
    if (claimed != NULL) {
        /* A listing can miss a file that is renamed at that moment. */
        count = mon_spool_lowest(s, &files);
        for (size_t i = 0; i < count; i++) {
            if (strcmp(files[i].client, claimed->client) == 0 && files[i].first < claimed->first) {
                mon_file_release(claimed);
                claimed = NULL;
                *again = true;
                break;
            }
        }
        free(files);
    }
    mon_close_fd(lock);
    return claimed;
}

static void file_finish(struct spool_file *f) {
    fsync(f->fd);
    mon_file_release(f);
}

static int64_t seal_lines(struct spool *s, const char *client, int64_t first, struct lines *lines, int count) {
    struct spool_file *f = count > 0 ? mon_spool_create(s, client, first) : NULL;
    int64_t kept = 0;
    if (f == NULL) {
        return 0;
    }
    while (kept < count) {
        struct line *line = mon_lines_at(lines, (int) kept);
        if ((int64_t) line->length > mon_file_room(f) || !mon_file_append(f, line->bytes, line->length, 1)) {
            break;
        }
        kept++;
    }
    if (kept > 0) {
        file_finish(f);
    } else {
        mon_file_remove(f);
    }
    return kept;
}

/* Into a new file without the lines that are confirmed: a plain server knows no numbers and would have them twice. */
static int64_t move_rest(struct spool *s, int64_t first, struct spool_file *f) {
    struct spool_file *rest = mon_spool_create(s, f->client, first);
    struct lines some;
    int64_t skip = first - f->first, kept = f->read_lines + f->unread_lines - skip;
    bool good = rest != NULL && mon_lines_make(&some, 256);
    if (!good) {
        if (rest != NULL) {
            mon_file_remove(rest);
        }
        file_finish(f);
        return kept;
    }
    f->read_at = 0;
    while (good && mon_file_has_unread(f) && mon_file_take(f, &some, 256)) {
        for (int i = 0; i < some.count && good; i++) {
            struct line *line = mon_lines_at(&some, i);
            if (skip > 0) {
                skip--;
            } else {
                good = mon_file_append(rest, line->bytes, line->length, 1);
            }
        }
        mon_lines_drop_first(&some, some.count);
    }
    mon_lines_free(&some);
    good = good && !mon_file_has_unread(f) && fsync(rest->fd) == 0;     /* what can't be read now is still in it */
    if (!good) {
        /* The old file has everything, in part twice for a plain server: better than not at all. */
        mon_file_remove(rest);
        file_finish(f);
        return kept;
    }
    mon_file_release(rest);
    mon_file_remove(f);
    return kept;
}

int64_t mon_spool_seal(struct spool *s, const char *client, int64_t first, struct lines *lines, struct spool_file *file) {
    if (file == NULL) {
        return seal_lines(s, client, first, lines, lines->count);
    }
    if (file->first < first) {
        return move_rest(s, first, file);
    }
    int before = (int) (file->first - first);
    int64_t kept = file->read_lines + file->unread_lines + seal_lines(s, client, first, lines, before);
    file_finish(file);
    return kept;
}
