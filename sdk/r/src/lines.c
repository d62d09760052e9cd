/* R values to lines of protocol JSON. Without state. What is not ordinary (objects, language, texts that are no UTF-8, names that are missing or
 * come twice) is made ordinary by the functions of R in `convert`; without these the line is given up, and nothing of R was run. */

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <R_ext/Utils.h>

#include "internal.h"

#define MAX_DEPTH 8     /* of containers in a message's data */
#define FIELDS 4        /* that a message has beside its values */
#define FEW 32          /* names: each is compared with each */

/* Limits of one message: bytes of one text, values. Tightened until the line fits. */
static const struct { double strings, values; } limits[] = {{65536, 2000}, {32768, 2000}, {8192, 1000}, {1024, 200}, {128, 100}, {32, 20}, {16, 0}};
#define STEPS (sizeof limits / sizeof *limits)

enum conversion { VALUE, TEXT, KEYS };

static void value(struct line *line, SEXP v, int depth);

static int is_given_up(const struct line *line) { return line->is_odd || line->is_over; }

static void reserve(struct line *line, size_t more)
{
    if (line->size + more <= line->room)
        return;
    size_t room = 2 * line->room + more;
    line->text = memcpy(R_alloc(room, 1), line->text, line->size);
    line->room = room;
}

static void put(struct line *line, const char *text, size_t size)
{
    reserve(line, size);
    memcpy(line->text + line->size, text, size);
    line->size += size;
    line->is_over = line->size > line->most;
}

static void say(struct line *line, const char *text) { put(line, text, strlen(text)); }

/* --- texts --- */

/* 0: ASCII, 1: valid UTF-8, -1: neither. */
static int kind(const unsigned char *c, size_t size)
{
    const unsigned char *end = c + size;
    int is_ascii = 1;
    while (c < end) {
        if (*c < 0x80) {
            c++;
            continue;
        }
        int more = *c < 0xc2 ? -1 : *c < 0xe0 ? 1 : *c < 0xf0 ? 2 : *c < 0xf5 ? 3 : -1;
        is_ascii = 0;
        if (more < 0 || end - c <= more || (*c == 0xe0 && c[1] < 0xa0) || (*c == 0xed && c[1] > 0x9f) || (*c == 0xf0 && c[1] < 0x90)
            || (*c == 0xf4 && c[1] > 0x8f))
            return -1;
        for (c++; more > 0; more--, c++)
            if ((*c & 0xc0) != 0x80)
                return -1;
    }
    return !is_ascii;
}

static int text_kind(SEXP x)
{
    int found = kind((const unsigned char *)CHAR(x), (size_t)LENGTH(x));
    return found == 1 && getCharCE(x) == CE_LATIN1 ? -1 : found;
}

static SEXP converted(struct line *line, enum conversion what, SEXP v)
{
    SEXP quoted = PROTECT(lang2(R_QuoteSymbol, v)), most = PROTECT(ScalarReal(line->strings));
    SEXP call = PROTECT(lang3(VECTOR_ELT(line->convert, what), quoted, most)), result = eval(call, R_BaseEnv);
    UNPROTECT(3);
    return result;
}

static void escaped(struct line *line, const char *from, size_t size)
{
    static const char named[] = {['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r', ['"'] = '"', ['\\'] = '\\'};
    reserve(line, 6 * size);
    char *to = line->text + line->size;
    for (const char *end = from + size; from < end; from++) {
        unsigned char c = (unsigned char)*from;
        if (c < sizeof named && named[c]) {
            *to++ = '\\';
            *to++ = named[c];
        } else if (c < 0x20) {
            memcpy(to, "\\u00", 4);
            to[4] = (char)('0' + c / 16);
            to[5] = "0123456789abcdef"[c % 16];
            to += 6;
        } else {
            *to++ = (char)c;
        }
    }
    line->size = (size_t)(to - line->text);
}

static void quote(struct line *line, SEXP x)
{
    size_t size = (size_t)LENGTH(x), all = size;
    char rest[32] = "";
    int is_long = (double)size > line->strings, is_converted = text_kind(x) < 0;
    if (is_converted) {
        if (isNull(line->convert)) {
            line->is_odd = 1;
            return;
        }
        SEXP text = PROTECT(ScalarString(x)), good = PROTECT(converted(line, TEXT, text));
        x = STRING_ELT(good, 0);
        UNPROTECT(2);
        size = (size_t)LENGTH(x);
    } else if (is_long) {       /* without cutting a character in two */
        size = (size_t)line->strings;
        while (size > 0 && ((unsigned char)CHAR(x)[size] & 0xc0) == 0x80)
            size--;
        snprintf(rest, sizeof rest, "...[%.0f more]", (double)all - line->strings);
    }
    PROTECT(x);
    line->is_cut |= is_long;
    put(line, "\"", 1);
    escaped(line, CHAR(x), size);
    say(line, rest);
    put(line, "\"", 1);
    UNPROTECT(1);
}

/* --- numbers --- */

static const char *digits(double x, char room[40])
{
    char *end;
    if (ISNA(x) || ISNAN(x) || !R_FINITE(x))
        return ISNA(x) ? "null" : ISNAN(x) ? "NaN" : x > 0 ? "Inf" : "-Inf";
    snprintf(room, 40, "%.15g", x);
    if (R_strtod(room, &end) != x)
        snprintf(room, 40, "%.17g", x);
    return room;
}

/* Numbers as texts. */
SEXP mon_digits(SEXP numbers)
{
    char room[40];
    SEXP texts = PROTECT(allocVector(STRSXP, XLENGTH(numbers)));
    for (R_xlen_t i = 0; i < XLENGTH(numbers); i++)
        SET_STRING_ELT(texts, i, mkChar(digits(REAL_ELT(numbers, i), room)));
    UNPROTECT(1);
    return texts;
}

/* --- values --- */

static void atomic(struct line *line, SEXP v, R_xlen_t i)
{
    char room[40];
    if (TYPEOF(v) == STRSXP && STRING_ELT(v, i) != NA_STRING) {
        quote(line, STRING_ELT(v, i));
    } else if (TYPEOF(v) == REALSXP) {
        double x = REAL_ELT(v, i);
        int is_text = !R_FINITE(x) && !ISNA(x);
        if (is_text)
            put(line, "\"", 1);
        say(line, digits(x, room));
        if (is_text)
            put(line, "\"", 1);
    } else if (TYPEOF(v) == INTSXP && INTEGER_ELT(v, i) != NA_INTEGER) {
        snprintf(room, sizeof room, "%d", INTEGER_ELT(v, i));
        say(line, room);
    } else if (TYPEOF(v) == LGLSXP && LOGICAL_ELT(v, i) != NA_LOGICAL) {
        say(line, LOGICAL_ELT(v, i) ? "true" : "false");
    } else {
        say(line, "null");
    }
}

/* Whether a name is missing or comes twice. What R's own comparison says of other texts than ASCII depends on locale and marks, and can be an error:
 * it is asked only if there is somebody to catch that. */
static int has_odd_keys(SEXP names, R_xlen_t count, int is_alone)
{
    int is_ascii = 1;
    for (R_xlen_t i = 0; i < count; i++) {
        SEXP key = STRING_ELT(names, i);
        if (key == NA_STRING || LENGTH(key) == 0)
            return 1;
        is_ascii = is_ascii && text_kind(key) == 0;
        for (R_xlen_t j = 0; is_alone && count <= FEW && j < i; j++)
            if (strcmp(CHAR(STRING_ELT(names, j)), CHAR(key)) == 0)
                return 1;
    }
    if (is_alone && count <= FEW)
        return 0;
    return (is_alone && !is_ascii) || any_duplicated(names, FALSE) > 0;
}

/* The names of the first so many members: none is missing, none comes twice. */
static SEXP keys(struct line *line, SEXP names, R_xlen_t count)
{
    int is_alone = isNull(line->convert);
    PROTECT(names = count < XLENGTH(names) ? lengthgets(names, (R_len_t)count) : names);
    if (has_odd_keys(names, count, is_alone)) {
        if (is_alone)
            line->is_odd = 1;
        else
            names = converted(line, KEYS, names);
    }
    UNPROTECT(1);
    return names;
}

/* Depth 0 is a message's data, 1 are the lists in it: objects, also without members. */
static void container(struct line *line, SEXP v, int depth)
{
    double left = line->values - line->seen, room = depth == 0 ? line->values + FIELDS : left > 0 ? left : 0;
    R_xlen_t count = XLENGTH(v);
    SEXP names = PROTECT(getAttrib(v, R_NamesSymbol));
    int is_list = TYPEOF(v) == VECSXP, is_object = !isNull(names) || (depth < 2 && count == 0);
    if ((double)count > room) {
        line->is_cut = 1;
        count = (R_xlen_t)room;
    }
    if (!is_list)       /* the members of a list count themselves */
        line->seen += (double)count;
    if (!isNull(names))
        names = keys(line, names, count);
    PROTECT(names);
    put(line, is_object ? "{" : "[", 1);
    for (R_xlen_t i = 0; i < count && !is_given_up(line); i++) {
        if (is_list && depth > 0 && line->seen >= line->values && i > 0) {
            line->is_cut = 1;
            break;
        }
        if (i > 0)
            put(line, ",", 1);
        if (is_object) {
            quote(line, STRING_ELT(names, i));
            put(line, ":", 1);
        }
        if (is_list)
            value(line, VECTOR_ELT(v, i), depth + 1);
        else
            atomic(line, v, i);
    }
    put(line, is_object ? "}" : "]", 1);
    UNPROTECT(2);
}

static int is_ordinary_type(SEXP v)
{
    switch (TYPEOF(v)) {
    case NILSXP: case LGLSXP: case INTSXP: case REALSXP: case STRSXP: case VECSXP:
        return 1;
    default:
        return 0;
    }
}

/* Vectors of length one are scalars unless they are I(...) or named; with names it is an object, without an array. A message's own fields, depth 1,
 * are ordinary and don't count. */
static void value(struct line *line, SEXP v, int depth)
{
    int is_array = 0;
    if (depth == 1) {
        if (TYPEOF(v) == VECSXP)
            container(line, v, 1);
        else
            atomic(line, v, 0);
        return;
    }
    line->seen++;
    PROTECT(v);
    if (isObject(v) || ALTREP(v) || !is_ordinary_type(v)) {
        if (isNull(line->convert)) {
            line->is_odd = 1;
            UNPROTECT(1);
            return;
        }
        is_array = isObject(v) && inherits(v, "AsIs");
        if (isObject(v) || !is_ordinary_type(v))
            v = converted(line, VALUE, v);
    }
    PROTECT(v);
    if (isNull(v) || !is_ordinary_type(v)) {
        say(line, "null");
    } else if (TYPEOF(v) != VECSXP && XLENGTH(v) == 1 && !is_array && isNull(getAttrib(v, R_NamesSymbol))) {
        atomic(line, v, 0);
    } else if (depth >= MAX_DEPTH) {
        line->is_cut = 1;
        say(line, "\"[too deep]\"");
    } else {
        container(line, v, depth);
    }
    UNPROTECT(2);
}

/* --- lines --- */

static void begin(struct line *line, size_t most, SEXP convert)
{
    line->text = line->small;
    line->room = sizeof line->small;
    line->size = 0;
    line->most = most;
    line->convert = convert;
    line->is_odd = 0;
}

static void attempt(struct line *line, size_t step, const char *head, const char *type, SEXP place, SEXP data)
{
    static const char *const ids[] = {",\"tid\":", ",\"sid\":", ",\"pid\":"};
    char stamp[32];
    line->size = 0;
    line->seen = 0;
    line->is_cut = line->is_over = 0;
    line->strings = limits[0].strings;
    line->values = limits[step].values;
    snprintf(stamp, sizeof stamp, "%lld,\"type\":\"", mon_milliseconds());
    say(line, head);
    say(line, stamp);
    say(line, type);
    put(line, "\"", 1);
    for (R_xlen_t i = 0; i < XLENGTH(place) && i < 3; i++) {
        if (STRING_ELT(place, i) != NA_STRING) {
            say(line, ids[i]);
            quote(line, STRING_ELT(place, i));
        }
    }
    line->strings = limits[step].strings;
    say(line, ",\"data\":");
    container(line, data, 0);
    say(line, "}\n");
}

/* Writes a message of not more than `most` bytes, shortened if it must be. 0: it is not ordinary, and there was nothing to convert it with. */
int mon_write(struct line *line, const char *head, const char *type, SEXP place, SEXP data, SEXP convert, size_t most)
{
    static const char mark[] = ",\"truncated\":true}}\n";
    begin(line, most, convert);
    attempt(line, 0, head, type, place, data);
    if (line->is_odd || (!line->is_cut && !line->is_over))
        return !line->is_odd;
    for (size_t step = 1; step < STEPS && (step == 1 || line->is_over); step++) {
        line->most = step < STEPS - 1 ? most - 20 : SIZE_MAX;
        attempt(line, step, head, type, place, data);
        if (line->is_odd)
            return 0;
    }
    line->most = SIZE_MAX;
    line->size -= 3;
    say(line, mark);
    line->is_cut = 1;
    return 1;
}

/* A text in UTF-8 as a JSON string. */
SEXP mon_quote(SEXP text)
{
    struct line line;
    begin(&line, SIZE_MAX, R_NilValue);
    put(&line, "\"", 1);
    escaped(&line, CHAR(STRING_ELT(text, 0)), (size_t)LENGTH(STRING_ELT(text, 0)));
    put(&line, "\"", 1);
    SEXP quoted = PROTECT(mkCharLenCE(line.text, (int)line.size, CE_UTF8)), result = ScalarString(quoted);
    UNPROTECT(1);
    return result;
}

/* l level, t text, n not empty, x number, u text or nothing, v number or nothing, o object */
static int is_field(SEXP v, char want)
{
    static const char *const levels[] = {"info", "debug", "warn", "error", "fatal"};
    int type = TYPEOF(v), is_one = (type == STRSXP || type == REALSXP || type == INTSXP) && XLENGTH(v) == 1;
    if (isObject(v) || (is_one && ALTREP(v)))
        return 0;
    const char *text = is_one && type == STRSXP && STRING_ELT(v, 0) != NA_STRING ? CHAR(STRING_ELT(v, 0)) : NULL;
    int is_number = is_one && ((type == REALSXP && R_FINITE(REAL_ELT(v, 0))) || (type == INTSXP && INTEGER_ELT(v, 0) != NA_INTEGER));
    switch (want) {
    case 'l':
        for (size_t i = 0; text && i < sizeof levels / sizeof *levels; i++)
            if (strcmp(text, levels[i]) == 0)
                return 1;
        return 0;
    case 't':
    case 'n':
        return text && (want == 't' || *text);
    case 'x':
        return is_number;
    case 'u':
    case 'v':
        return isNull(v) || (want == 'u' ? text != NULL : is_number);
    default:
        return type == VECSXP && (XLENGTH(v) == 0 || !isNull(getAttrib(v, R_NamesSymbol)));
    }
}

/* Whether it is one text that can be an id as it is. */
int mon_is_id(SEXP v)
{
    if (!is_field(v, 'n'))
        return 0;
    const char *text = CHAR(STRING_ELT(v, 0));
    size_t size = strlen(text);
    for (size_t i = 0; i < size; i++)
        if (text[i] < 0x20 || text[i] > 0x7e)
            return 0;
    return size < 256;
}

/* Whether the fields of an event, a metric or a span are what they should be, as the application gave them; what is measured is. */
int mon_is_ordinary(const char *type, SEXP data)
{
    const char *want = strcmp(type, "event") == 0 ? "lto" : strcmp(type, "metric") == 0 ? "nxuo" : strcmp(type, "resource") == 0 ? "" : "txvno";
    for (R_xlen_t i = 0; want[i]; i++)
        if (!is_field(VECTOR_ELT(data, i), want[i]))
            return 0;
    return 1;
}

/* The members of both; those of the second override. What can't be merged with is FALSE, or goes through if there is nothing to merge it with. */
SEXP mon_merged(SEXP base, SEXP more)
{
    R_xlen_t count = xlength(base), all = count;
    if (isNull(more) || count == 0)
        return isNull(more) ? base : more;
    SEXP old = getAttrib(base, R_NamesSymbol), names = getAttrib(more, R_NamesSymbol);
    if (!is_field(more, 'o') || has_odd_keys(names, XLENGTH(more), 1))
        return ScalarLogical(FALSE);
    SEXP merged = PROTECT(allocVector(VECSXP, count + XLENGTH(more))), keys = PROTECT(allocVector(STRSXP, XLENGTH(merged)));
    for (R_xlen_t i = 0; i < count; i++) {
        SET_VECTOR_ELT(merged, i, VECTOR_ELT(base, i));
        SET_STRING_ELT(keys, i, STRING_ELT(old, i));
    }
    for (R_xlen_t i = 0, at; i < XLENGTH(more); i++) {
        for (at = 0; at < count && strcmp(CHAR(STRING_ELT(keys, at)), CHAR(STRING_ELT(names, i))) != 0;)
            at++;
        at = at < count ? at : all++;
        SET_VECTOR_ELT(merged, at, VECTOR_ELT(more, i));
        SET_STRING_ELT(keys, at, STRING_ELT(names, i));
    }
    PROTECT(merged = lengthgets(merged, (R_len_t)all));
    PROTECT(keys = lengthgets(keys, (R_len_t)all));
    setAttrib(merged, R_NamesSymbol, keys);
    UNPROTECT(4);
    return merged;
}
