/* A call of the conformance suite: one line of valid JSON. */
#ifndef REQUEST_H
#define REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#define MAX_MEMBERS 32

struct member {
    char *key, *text; /* text: of a string, or a number; NULL: null */
    bool is_string;
    char *object;     /* an object, not yet taken apart */
};

/* Unescapes the strings in place; at most MAX_MEMBERS. Returns their number. */
size_t read_object(char *text, struct member *members);

#endif
