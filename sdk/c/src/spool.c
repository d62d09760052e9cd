/*
 * Spool files: lines that no hub has confirmed, for whoever comes next. The rules are protocol/SPOOL.md's; files that somebody works on have the endings
 * open-c and claimed-c and are locked with flock(2).
 */
#define _DEFAULT_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include "internal.h"

#define BLOCK 131072
#define SEALED "ldjson"
#define OPEN "open-c"
#define CLAIMED "claimed-c"

/* --- lines in memory --- */

bool lines_make(struct lines *l, int capacity) {
    memset(l, 0, sizeof *l);
    l->ring = calloc((size_t) capacity, sizeof *l->ring);
    l->capacity = capacity;
    return l->ring != NULL;
}

struct line *lines_at(const struct lines *l, int index) {
    return &l->ring[(l->head + index) % l->capacity];
}

bool lines_add(struct lines *l, const char *bytes, size_t length) {
    char *copy = malloc(length);
    if (copy == NULL || l->count == l->capacity) {
        free(copy);
        return false;
    }
    memcpy(copy, bytes, length);
    *lines_at(l, l->count++) = (struct line){copy, length};
    return true;
}

void lines_drop_first(struct lines *l, int count) {
    while (count-- > 0 && l->count > 0) {
        free(l->ring[l->head].bytes);
        l->head = (l->head + 1) % l->capacity;
        l->count--;
    }
}

void lines_drop_last(struct lines *l) {
    if (l->count > 0) {
        free(lines_at(l, --l->count)->bytes);
    }
}

void lines_free(struct lines *l) {
    lines_drop_first(l, l->count);
    free(l->ring);
    memset(l, 0, sizeof *l);
}

void lines_move(struct lines *from, int count, struct lines *to) {
    while (count-- > 0 && from->count > 0) {
        if (to->count == to->capacity) {
            lines_drop_first(to, 1);
        }
        *lines_at(to, to->count++) = *lines_at(from, 0);
        from->head = (from->head + 1) % from->capacity;
        from->count--;
    }
}

bool lines_put_before(struct lines *first, struct lines *l) {
    struct lines both;
    if (!lines_make(&both, first->count + l->capacity)) {
        return false;
    }
    lines_move(first, first->count, &both);
    lines_move(l, l->count, &both);
    lines_free(l);
    *l = both;
    return true;
}

/* --- the folder --- */

void spool_open(struct spool *s, const struct settings *settings) {
    memset(s, 0, sizeof *s);
    memcpy(s->directory, settings->spool_dir, sizeof s->directory);
    s->max_bytes = settings->spool_bytes;
    s->private_folder = settings->spool_private;
    size_t i = 0;
    for (; settings->source[i] != 0; i++) {
        char c = settings->source[i];
        bool kept = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
        s->name[i] = kept ? c : '_';
    }
}

static void path_of(const struct spool *s, const char *client, int64_t first, const char *ending, char *path, size_t size) {
    snprintf(path, size, "%s/%s-%s-%lld.%s", s->directory, s->name, client, (long long) first, ending);
}

struct found {
    char client[UUID_SIZE], ending[32], path[2600];
    int64_t first;
    off_t size;
    struct timespec changed;
};

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
    bool known = strcmp(ending, SEALED) == 0 || strcmp(ending, "open") == 0 || strcmp(ending, "claimed") == 0 || strncmp(ending, "open-", 5) == 0
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

/* All files of the source; the caller frees them. */
static size_t list(const struct spool *s, struct found **files) {
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

/* The first file of each client, oldest first. */
static size_t lowest(const struct spool *s, struct found **files) {
    size_t count = list(s, files), kept = 0;
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

static struct spool_file *new_file(const struct spool *s, const char *client, int64_t first, int fd) {
    struct spool_file *f = calloc(1, sizeof *f);
    if (f == NULL) {
        close_fd(fd);
        return NULL;
    }
    f->spool = s;
    f->fd = fd;
    f->first = first;
    memcpy(f->client, client, UUID_SIZE);
    return f;
}

static int open_locked(const char *path, int flags, mode_t mode) {
    hold_fds();
    int fd = own_held_fd(open(path, flags | O_CLOEXEC | O_NOFOLLOW, mode));
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0) {
        close_fd(fd);
        errno = EWOULDBLOCK;
        return -1;
    }
    return fd;
}

struct spool_file *spool_create(const struct spool *s, const char *client, int64_t first) {
    struct stat status;
    mkdir(s->directory, s->private_folder ? 0700 : 0777);
    /* In a shared temporary folder somebody else may have been quicker. */
    if (s->private_folder && (lstat(s->directory, &status) != 0 || !S_ISDIR(status.st_mode) || status.st_uid != geteuid())) {
        errno = EACCES;
        return NULL;
    }
    struct found *files;
    size_t count = list(s, &files);
    int64_t room = s->max_bytes;
    for (size_t i = 0; i < count; i++) {
        room -= files[i].size;
        /* A failed call has left it. */
        if (files[i].size == 0 && strcmp(files[i].client, client) == 0 && strcmp(files[i].ending, OPEN) == 0) {
            unlink(files[i].path);
        }
    }
    free(files);
    char path[sizeof ((struct spool_file *) 0)->path];
    path_of(s, client, first, OPEN, path, sizeof path);
    int fd = open_locked(path, O_RDWR | O_CREAT | O_EXCL | O_APPEND, s->private_folder ? 0600 : 0640);
    if (fd >= 0 && (fstat(fd, &status) != 0 || status.st_nlink == 0)) {
        /* Taken for an abandoned one, and removed, before it was locked. */
        close_fd(fd);
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

/* Length up to the last newline: a killed writer may have left half a line. */
static int64_t whole_lines(int fd, off_t size) {
    char *tail = malloc(BLOCK);
    off_t from = size > BLOCK ? size - BLOCK : 0;
    ssize_t got = tail == NULL ? -1 : pread(fd, tail, BLOCK, from);
    while (got > 0 && tail[got - 1] != '\n') {
        got--;
    }
    free(tail);
    return got > 0 ? from + got : got;
}

static struct spool_file *claim_one(const struct spool *s, const struct found *found) {
    struct stat opened, named;
    int fd = open_locked(found->path, O_RDWR, 0);
    if (fd < 0) {
        return NULL;
    }
    char path[sizeof found->path];
    path_of(s, found->client, found->first, CLAIMED, path, sizeof path);
    bool same = fstat(fd, &opened) == 0 && stat(found->path, &named) == 0 && opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
    bool free_name = strcmp(path, found->path) == 0 || access(path, F_OK) != 0;
    if (!same || !free_name || rename(found->path, path) != 0) {
        close_fd(fd);
        return NULL;
    }
    int64_t whole = whole_lines(fd, opened.st_size);
    struct spool_file *f = whole > 0 ? new_file(s, found->client, found->first, fd) : NULL;
    if (whole == 0) {
        unlink(path);
    }
    if (whole <= 0) {
        close_fd(fd);
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

struct spool_file *spool_claim(const struct spool *s, const char *own, const struct clients *others, bool *again) {
    struct found *files = NULL;
    struct spool_file *claimed = NULL;
    *again = false;
    size_t count = lowest(s, &files);
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
    count = lowest(s, &files);
    for (size_t i = 0; i < count && claimed == NULL; i++) {
        bool ours = strcmp(files[i].ending, SEALED) == 0 || strcmp(files[i].ending, OPEN) == 0 || strcmp(files[i].ending, CLAIMED) == 0;
        claimed = ours && strcmp(files[i].client, own) != 0 && !is_of(others, files[i].client) ? claim_one(s, &files[i]) : NULL;
    }
    free(files);
    if (claimed != NULL) {
        /* A listing can miss a file that is renamed at that moment. */
        count = lowest(s, &files);
        for (size_t i = 0; i < count; i++) {
            if (strcmp(files[i].client, claimed->client) == 0 && files[i].first < claimed->first) {
                file_release(claimed);
                claimed = NULL;
                *again = true;
                break;
            }
        }
        free(files);
    }
    close_fd(lock);
    return claimed;
}

/* --- one file --- */

int64_t file_room(const struct spool_file *f) {
    return f->max_bytes > f->bytes ? f->max_bytes - f->bytes : 0;
}

bool file_append(struct spool_file *f, const char *bytes, size_t length, int64_t count) {
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

bool file_has_unread(const struct spool_file *f) {
    return f->read_at < f->bytes;
}

bool file_take(struct spool_file *f, struct lines *into, int most) {
    char *block = malloc(BLOCK);
    size_t wanted = f->bytes - f->read_at < BLOCK ? (size_t) (f->bytes - f->read_at) : BLOCK;
    ssize_t got = block == NULL ? -1 : pread(f->fd, block, wanted, (off_t) f->read_at);
    if (got <= 0) {
        free(block);
        return false;
    }
    size_t from = 0;
    int taken = 0;
    while (taken < most) {
        char *newline = memchr(block + from, '\n', (size_t) got - from);
        if (newline == NULL) {
            break;
        }
        size_t to = (size_t) (newline - block) + 1;
        /* An empty line has no number: none of ours is, but the file may have been edited. */
        if (to - from > 1) {
            if (!lines_add(into, block + from, to - from)) {
                break;
            }
            taken++;
        }
        from = to;
    }
    free(block);
    /* No line is as long as a block: this is not a file of ours. */
    f->read_at += from == 0 && taken < most && got == BLOCK ? got : (int64_t) from;
    f->read_lines += taken;
    f->unread_lines = f->unread_lines > taken ? f->unread_lines - taken : 0;
    return from > 0 || got == BLOCK;
}

bool file_is_done(const struct spool_file *f, int64_t number) {
    return !file_has_unread(f) && number >= f->first + f->read_lines - 1;
}

void file_remove(struct spool_file *f) {
    unlink(f->path);
    close_fd(f->fd);
    free(f);
}

void file_release(struct spool_file *f) {
    char path[sizeof f->path];
    path_of(f->spool, f->client, f->first, SEALED, path, sizeof path);
    /* If it can't be renamed, it is as free under the name that it has, without its lock. */
    if (access(path, F_OK) != 0 && rename(f->path, path) != 0) {
        errno = 0;
    }
    close_fd(f->fd);
    free(f);
}

bool file_give_to(struct spool_file *f, const char *client) {
    char path[sizeof f->path];
    path_of(f->spool, client, f->first, OPEN, path, sizeof path);
    if (rename(f->path, path) != 0) {
        return false;
    }
    memcpy(f->path, path, sizeof path);
    memcpy(f->client, client, UUID_SIZE);
    return true;
}

static void file_finish(struct spool_file *f) {
    fsync(f->fd);
    file_release(f);
}

static int64_t seal_lines(const struct spool *s, const char *client, int64_t first, struct lines *lines, int count) {
    struct spool_file *f = count > 0 ? spool_create(s, client, first) : NULL;
    int64_t kept = 0;
    if (f == NULL) {
        return 0;
    }
    while (kept < count) {
        struct line *line = lines_at(lines, (int) kept);
        if ((int64_t) line->length > file_room(f) || !file_append(f, line->bytes, line->length, 1)) {
            break;
        }
        kept++;
    }
    if (kept > 0) {
        file_finish(f);
    } else {
        file_remove(f);
    }
    return kept;
}

/* Into a new file without the lines that are confirmed: a plain server knows no numbers and would have them twice. */
static int64_t move_rest(const struct spool *s, int64_t first, struct spool_file *f) {
    struct spool_file *rest = spool_create(s, f->client, first);
    struct lines some;
    int64_t kept = 0, skip = first - f->first;
    bool good = rest != NULL && lines_make(&some, 256);
    if (!good) {
        if (rest != NULL) {
            file_remove(rest);
        }
        file_release(f);
        return 0;
    }
    f->read_at = 0;
    while (good && file_has_unread(f) && file_take(f, &some, 256)) {
        for (int i = 0; i < some.count && good; i++) {
            struct line *line = lines_at(&some, i);
            if (skip > 0) {
                skip--;
            } else if ((good = file_append(rest, line->bytes, line->length, 1))) {
                kept++;
            }
        }
        lines_drop_first(&some, some.count);
    }
    lines_free(&some);
    if (!good) {
        /* The old file has everything, in part twice for a plain server: better than not at all. */
        kept = f->read_lines;
        file_remove(rest);
        file_finish(f);
        return kept;
    }
    file_finish(rest);
    file_remove(f);
    return kept;
}

int64_t spool_seal(const struct spool *s, const char *client, int64_t first, struct lines *lines, struct spool_file *file) {
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
