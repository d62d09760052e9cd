/* Where a call leaves its line: in memory, or at the end of the spool file while there is one, until R takes over what was left here (`mon_take`). It
 * is open (`mon_accept`) only while nothing else works with the lines. An ordinary call needs no more of R than this one .Call, which raises no error.
 * Belongs to the process that made it; it does not survive serialization. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"

#define AT_ONCE 20
#define QUICK 0.2   /* of flush_interval between full batches */
#define SPARE 1048576   /* bytes of memory that are kept for the next lines */

struct inbox {
    char *head, *bytes;
    size_t size, room, max_line;
    pid_t owner;
    int is_open, count, fd, wrote, is_quick, may_hold;
    double most, file_size, file_most, wrote_bytes, flush_bytes, flush_interval, credit, asked_at, full_at, waiting, messages, shortened;
};

/* head: how each of its lines begins, up to the time. */
SEXP mon_inbox(SEXP head, SEXP flush_bytes, SEXP flush_interval, SEXP max_line)
{
    SEXP handle = PROTECT(R_MakeExternalPtr(NULL, R_NilValue, R_NilValue));
    struct inbox *box = calloc(1, sizeof *box);
    if (!box || !(box->head = strdup(CHAR(STRING_ELT(head, 0))))) {
        free(box);
        error("no memory");
    }
    box->owner = getpid();
    box->flush_bytes = asReal(flush_bytes);
    box->flush_interval = asReal(flush_interval);
    box->max_line = (size_t)asReal(max_line);
    R_SetExternalPtrAddr(handle, box);
    UNPROTECT(1);
    return handle;
}

static struct inbox *box_of(SEXP handle) { return TYPEOF(handle) == EXTPTRSXP ? R_ExternalPtrAddr(handle) : NULL; }

SEXP mon_is_alive(SEXP handle) { return ScalarLogical(box_of(handle) != NULL); }

/* By the finalizer of R: one of its own could run before that one, which still has to send what is here. */
SEXP mon_release(SEXP handle)
{
    struct inbox *box = box_of(handle);
    if (!box)
        return R_NilValue;
    free(box->head);
    free(box->bytes);
    free(box);
    R_ClearExternalPtr(handle);
    return R_NilValue;
}

/* Whether this process can go on with the text as it is. */
int mon_is_quick(SEXP handle, SEXP text)
{
    struct inbox *box = box_of(handle);
    return box && box->owner == getpid() && mon_is_id(text);
}

/* Whether it is time to write. A few messages in a row go out at once, each of them, so that what an application says before it falls silent is
 * seen: nothing wakes us later. Only who goes on like that is written in batches. Those may be held by the kernel (`mon_may_hold`); not one that ends a
 * silence, nor full ones that follow each other so quickly that the buffer would fill up before the acks. */
static int is_due(struct inbox *box, size_t size)
{
    double now = mon_seconds(CLOCK_MONOTONIC), since = now - box->asked_at, credit = box->credit + since / box->flush_interval;
    box->credit = credit < AT_ONCE ? credit : AT_ONCE;
    box->asked_at = now;
    box->waiting += (double)size;
    int is_full = box->credit < 1;
    if (is_full && box->waiting < box->flush_bytes)
        return 0;
    box->credit -= is_full ? 0 : 1;
    int follows = now - box->full_at < box->flush_interval * QUICK;
    box->is_quick = follows && (is_full || box->is_quick);
    if (is_full)
        box->full_at = now;
    box->may_hold = box->credit < 1 && since < box->flush_interval && !box->is_quick;
    box->waiting = 0;
    return 1;
}

SEXP mon_may_hold(SEXP handle) { return ScalarLogical(box_of(handle)->may_hold); }

static int keep(struct inbox *box, const char *text, size_t size)
{
    if (!box->is_open)
        return 0;
    if (box->fd >= 0) {
        int done = box->file_size + (double)size > box->file_most ? -1 : mon_append_all(box->fd, text, size, box->file_size);
        if (done == -2)
            box->file_most = box->file_size;
        if (done != 0)
            return 0;
        box->file_size += (double)size;
        box->wrote_bytes += (double)size;
        box->wrote++;
        return 1;
    }
    if (box->count >= box->most)
        return 0;
    if (box->size + size > box->room) {
        size_t room = 2 * box->room + size;
        char *more = realloc(box->bytes, room);
        if (!more)
            return 0;
        box->bytes = more;
        box->room = room;
    }
    memcpy(box->bytes + box->size, text, size);
    box->size += size;
    box->count++;
    return 1;
}

/* Builds a message's line and keeps it here. NULL: done. TRUE: done, and it is time to write. Without `convert` FALSE: it is not ordinary, or can't be
 * kept here, and nothing has happened. With it: the line, if it can't be kept here. */
SEXP mon_log(SEXP handle, SEXP type, SEXP place, SEXP data, SEXP convert)
{
    struct inbox *box = box_of(handle);
    struct line line;
    const char *name = CHAR(STRING_ELT(type, 0));
    int is_quick = isNull(convert);
    if (is_quick && (!box || !box->is_open || box->owner != getpid() || !mon_is_ordinary(name, data)))
        return ScalarLogical(FALSE);
    if (!mon_write(&line, box->head, name, place, data, convert, box->max_line))
        return ScalarLogical(FALSE);
    int is_kept = keep(box, line.text, line.size);
    if (!is_kept && is_quick)
        return ScalarLogical(FALSE);
    box->messages++;
    box->shortened += line.is_cut;
    if (is_kept)
        return is_due(box, line.size) ? ScalarLogical(TRUE) : R_NilValue;
    SEXP text = PROTECT(mkCharLenCE(line.text, (int)line.size, CE_UTF8)), result = ScalarString(text);
    UNPROTECT(1);
    return result;
}

/* Opens it: for so many lines in memory, or for a file (fd not negative) of this size that may grow to file_most. */
SEXP mon_accept(SEXP handle, SEXP most, SEXP fd, SEXP file_size, SEXP file_most, SEXP max_line)
{
    struct inbox *box = box_of(handle);
    box->most = asReal(most);
    box->fd = asInteger(fd);
    box->file_size = asReal(file_size);
    box->file_most = asReal(file_most);
    box->max_line = (size_t)asReal(max_line);
    box->is_open = 1;
    return R_NilValue;
}

/* The lines of some bytes, each with its newline; without what stands behind the last one. NUL can't be in a text of R: a line with it is refused
 * by the hub, and so it is with another control character in its place. */
static SEXP lines_of(const char *from, size_t size)
{
    const char *end = from + size, *newline;
    R_xlen_t count = 0;
    for (const char *c = from; c < end && (c = memchr(c, '\n', (size_t)(end - c))); c++)
        count++;
    SEXP lines = PROTECT(allocVector(STRSXP, count));
    for (R_xlen_t i = 0; i < count; i++, from = newline + 1) {
        newline = memchr(from, '\n', (size_t)(end - from));
        size = (size_t)(newline + 1 - from);
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

SEXP mon_lines(SEXP data) { return lines_of((const char *)RAW(data), (size_t)XLENGTH(data)); }

/* The bytes of all of them, one behind the other. */
SEXP mon_bytes(SEXP lines)
{
    R_xlen_t size = 0;
    for (R_xlen_t i = 0; i < XLENGTH(lines); i++)
        size += XLENGTH(STRING_ELT(lines, i));
    SEXP bytes = PROTECT(allocVector(RAWSXP, size));
    Rbyte *to = RAW(bytes);
    for (R_xlen_t i = 0; i < XLENGTH(lines); i++) {
        SEXP line = STRING_ELT(lines, i);
        memcpy(to, CHAR(line), (size_t)XLENGTH(line));
        to += XLENGTH(line);
    }
    UNPROTECT(1);
    return bytes;
}

/* The number in an ack that is written as PROTOCOL.md 7.4 writes it; 0 for any other line, which takes a reader of JSON. */
SEXP mon_ack(SEXP line)
{
    char digits[16];
    int end = 0;
    const char *text = CHAR(STRING_ELT(line, 0));
    int found = sscanf(text, "{\"v\":1,\"type\":\"ack\",\"data\":{\"seq\":%15[0-9]}}%n", digits, &end);
    return ScalarReal(found == 1 && end > 0 && strcmp(text + end, "\n") == 0 ? strtod(digits, NULL) : 0);
}

/* Closes it. list(lines that were kept in memory, how many went into the file, of how many bytes). */
SEXP mon_take(SEXP handle)
{
    struct inbox *box = box_of(handle);
    box->is_open = 0;
    SEXP taken = PROTECT(allocVector(VECSXP, 3));
    SET_VECTOR_ELT(taken, 0, lines_of(box->bytes, box->size));
    SET_VECTOR_ELT(taken, 1, ScalarReal(box->wrote));
    SET_VECTOR_ELT(taken, 2, ScalarReal(box->wrote_bytes));
    box->size = 0;
    box->count = box->wrote = 0;
    box->wrote_bytes = 0;
    if (box->room > SPARE) {
        free(box->bytes);
        box->bytes = NULL;
        box->room = 0;
    }
    UNPROTECT(1);
    return taken;
}

/* Messages ever, how many of them were shortened; lines that are here, and lines that went into the file since R took over the last ones. */
SEXP mon_held(SEXP handle)
{
    struct inbox *box = box_of(handle);
    SEXP counts = allocVector(REALSXP, 4);
    REAL(counts)[0] = box->messages;
    REAL(counts)[1] = box->shortened;
    REAL(counts)[2] = box->count;
    REAL(counts)[3] = box->wrote;
    return counts;
}
