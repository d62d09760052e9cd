/* Quoting texts, and cutting bytes into lines: what R does ten times as slowly. Without state. */

#include <stdio.h>
#include <string.h>

#include "internal.h"

static const char *escaped(unsigned char c, char room[8])
{
    static const char *const named[] = {['\b'] = "\\b", ['\t'] = "\\t", ['\n'] = "\\n", ['\f'] = "\\f", ['\r'] = "\\r", ['"'] = "\\\"",
                                        ['\\'] = "\\\\"};
    if (c < sizeof named / sizeof *named && named[c])
        return named[c];
    snprintf(room, 8, "\\u%04x", c);
    return room;
}

/* Texts as JSON strings. NULL if one is longer than most bytes, or, unless they are known to be UTF-8, if one is not ASCII. */
SEXP mon_quote(SEXP texts, SEXP most, SEXP is_utf8)
{
    R_xlen_t count = XLENGTH(texts);
    int any_byte = asLogical(is_utf8);
    double limit = asReal(most);
    size_t longest = 0;
    for (R_xlen_t i = 0; i < count; i++) {
        const unsigned char *c = (const unsigned char *)CHAR(STRING_ELT(texts, i));
        size_t size = 2;
        if (LENGTH(STRING_ELT(texts, i)) > limit)
            return R_NilValue;
        for (; *c; c++) {
            if (*c >= 0x80 && !any_byte)
                return R_NilValue;
            size += *c < 0x20 ? 6 : *c == '"' || *c == '\\' ? 2 : 1;
        }
        if (size > longest)
            longest = size;
    }
    char small[1024], *quoted = longest < sizeof small ? small : R_alloc(longest + 1, 1), room[8];
    SEXP result = PROTECT(allocVector(STRSXP, count));
    for (R_xlen_t i = 0; i < count; i++) {
        const char *c = CHAR(STRING_ELT(texts, i));
        char *to = quoted;
        *to++ = '"';
        for (; *c; c++) {
            if ((unsigned char)*c < 0x20 || *c == '"' || *c == '\\')
                for (const char *from = escaped((unsigned char)*c, room); *from; from++)
                    *to++ = *from;
            else
                *to++ = *c;
        }
        *to++ = '"';
        SET_STRING_ELT(result, i, mkCharLenCE(quoted, (int)(to - quoted), CE_UTF8));
    }
    UNPROTECT(1);
    return result;
}

/* The lines of some bytes, each with its newline; without what stands behind the last one. NUL can't be in a text of R: a line with it is refused
 * by the hub, and so it is with another control character in its place. */
SEXP mon_lines(SEXP data)
{
    const char *from = (const char *)RAW(data), *end = from + XLENGTH(data), *newline;
    R_xlen_t count = 0;
    for (const char *c = from; c < end && (c = memchr(c, '\n', (size_t)(end - c))); c++)
        count++;
    SEXP lines = PROTECT(allocVector(STRSXP, count));
    for (R_xlen_t i = 0; i < count; i++, from = newline + 1) {
        newline = memchr(from, '\n', (size_t)(end - from));
        size_t size = (size_t)(newline + 1 - from);
        const char *line = from;
        if (memchr(line, 0, size)) {
            char *copy = memcpy(R_alloc(size, 1), line, size);
            for (size_t at = 0; at < size; at++)
                copy[at] = copy[at] ? copy[at] : 1;
            line = copy;
        }
        SET_STRING_ELT(lines, i, mkCharLenCE(line, (int)size, CE_UTF8));
    }
    UNPROTECT(1);
    return lines;
}
