#define _DEFAULT_SOURCE
#include <stdio.h>
#include <string.h>
#include "request.h"

static char *read_string(char **at) {
    char *from = ++*at, *to = from, *start = from;
    for (; *from != '"'; from++) {
        if (*from != '\\') {
            *to++ = *from;
            continue;
        }
        from++;
        unsigned code = 0;
        if (*from == 'u') {
            sscanf(from + 1, "%4x", &code);
            from += 4;
            if (code >= 0x800) {
                *to++ = (char) (0xe0 | code >> 12);
                *to++ = (char) (0x80 | ((code >> 6) & 0x3f));
                *to++ = (char) (0x80 | (code & 0x3f));
            } else if (code >= 0x80) {
                *to++ = (char) (0xc0 | code >> 6);
                *to++ = (char) (0x80 | (code & 0x3f));
            } else {
                *to++ = (char) code;
            }
        } else {
            *to++ = (char) (*from == 'n' ? '\n' : *from == 't' ? '\t' : *from == 'r' ? '\r' : *from);
        }
    }
    *to = 0;
    *at = from + 1;
    return start;
}

size_t read_object(char *text, struct member *members) {
    size_t count = 0;
    char *at = text + 1;
    while (*at != '}' && *at != 0 && count < MAX_MEMBERS) {
        struct member *m = &members[count++];
        memset(m, 0, sizeof *m);
        at += strspn(at, ", ");
        if (*at == '}') {
            count--;
            break;
        }
        m->key = read_string(&at);
        at += strspn(at, ": ");
        if (*at == '"') {
            m->is_string = true;
            m->text = read_string(&at);
        } else if (*at == '{') {
            m->object = at;
            bool quoted = false;
            int depth = 0;
            do {
                quoted ^= *at == '"' && at[-1] != '\\';
                depth += quoted ? 0 : *at == '{' ? 1 : *at == '}' ? -1 : 0;
                at++;
            } while (depth > 0);
        } else {
            char *end = at + strcspn(at, ",} ");
            char stop = *end;
            *end = 0;
            m->text = strcmp(at, "null") == 0 ? NULL : strdup(at); /* kept: a runner lives shortly */
            *end = stop;
            at = end;
        }
    }
    return count;
}
