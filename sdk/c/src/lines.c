/* A queue of lines in memory. */
#define _DEFAULT_SOURCE
#include <stdlib.h>
#include <string.h>
#include "internal.h"

bool mon_lines_make(struct lines *l, int capacity) {
    memset(l, 0, sizeof *l);
    l->ring = calloc((size_t) capacity, sizeof *l->ring);
    l->capacity = capacity;
    return l->ring != NULL;
}

struct line *mon_lines_at(const struct lines *l, int index) {
    return &l->ring[(l->head + index) % l->capacity];
}

bool mon_lines_add(struct lines *l, const char *bytes, size_t length) {
    char *copy = malloc(length);
    if (copy == NULL || l->count == l->capacity) {
        free(copy);
        return false;
    }
    memcpy(copy, bytes, length);
    *mon_lines_at(l, l->count++) = (struct line){copy, length};
    return true;
}

void mon_lines_drop_first(struct lines *l, int count) {
    while (count-- > 0 && l->count > 0) {
        free(l->ring[l->head].bytes);
        l->head = (l->head + 1) % l->capacity;
        l->count--;
    }
}

void mon_lines_drop_last(struct lines *l) {
    if (l->count > 0) {
        free(mon_lines_at(l, --l->count)->bytes);
    }
}

void mon_lines_free(struct lines *l) {
    mon_lines_drop_first(l, l->count);
    free(l->ring);
    memset(l, 0, sizeof *l);
}

void mon_lines_move(struct lines *from, int count, struct lines *to) {
    while (count-- > 0 && from->count > 0) {
        if (to->count == to->capacity) {
            mon_lines_drop_first(to, 1);
        }
        *mon_lines_at(to, to->count++) = *mon_lines_at(from, 0);
        from->head = (from->head + 1) % from->capacity;
        from->count--;
    }
}

bool mon_lines_put_before(struct lines *first, struct lines *l) {
    struct lines both;
    if (!mon_lines_make(&both, first->count + l->capacity)) {
        return false;
    }
    mon_lines_move(first, first->count, &both);
    mon_lines_move(l, l->count, &both);
    mon_lines_free(l);
    *l = both;
    return true;
}
