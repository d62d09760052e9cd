/* Lines as JSON, and the hub's answers. Whatever comes in, valid UTF-8 comes out. */
#define _DEFAULT_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "internal.h"

static void put(struct writer *w, const char *bytes, size_t count) {
    if (count > w->size - w->length) {
        w->full = true;
        return;
    }
    memcpy(w->bytes + w->length, bytes, count);
    w->length += count;
}

void mon_write_raw(struct writer *w, const char *text) {
    put(w, text, strlen(text));
}

/* Length of the valid UTF-8 sequence that begins here, 0 if there is none. The closing zero ends every sequence. */
static int sequence(const unsigned char *s) {
    if (s[0] < 0x80) {
        return 1;
    }
    if (s[0] >= 0xC2 && s[0] <= 0xDF) {
        return (s[1] & 0xC0) == 0x80 ? 2 : 0;
    }
    if (s[0] >= 0xE0 && s[0] <= 0xEF) {
        unsigned low = s[0] == 0xE0 ? 0xA0 : 0x80;
        unsigned high = s[0] == 0xED ? 0x9F : 0xBF;
        return s[1] >= low && s[1] <= high && (s[2] & 0xC0) == 0x80 ? 3 : 0;
    }
    if (s[0] >= 0xF0 && s[0] <= 0xF4) {
        unsigned low = s[0] == 0xF0 ? 0x90 : 0x80;
        unsigned high = s[0] == 0xF4 ? 0x8F : 0xBF;
        return s[1] >= low && s[1] <= high && (s[2] & 0xC0) == 0x80 && (s[3] & 0xC0) == 0x80 ? 4 : 0;
    }
    return 0;
}

static void put_escape(struct writer *w, unsigned char c) {
    char escape[8];
    switch (c) {
    case '"': put(w, "\\\"", 2); break;
    case '\\': put(w, "\\\\", 2); break;
    case '\n': put(w, "\\n", 2); break;
    case '\r': put(w, "\\r", 2); break;
    case '\t': put(w, "\\t", 2); break;
    default:
        snprintf(escape, sizeof escape, "\\u%04x", c);
        put(w, escape, 6);
    }
}

void mon_write_text(struct writer *w, const char *text) {
    const unsigned char *s = (const unsigned char *) (text != NULL ? text : "");
    const unsigned char *start = s;
    put(w, "\"", 1);
    while (!w->full) {
        const unsigned char *plain = s;
        size_t left = w->max_text - (size_t) (s - start);
        while (left > 0 && *s >= 0x20 && *s < 0x80 && *s != '"' && *s != '\\') {
            s++;
            left--;
        }
        put(w, (const char *) plain, (size_t) (s - plain));
        if (*s == 0) {
            break;
        }
        int length = sequence(s);
        if (left < (size_t) (length > 0 ? length : 1)) {
            char rest[48];
            snprintf(rest, sizeof rest, "...[%zu more]", strlen((const char *) s));
            mon_write_raw(w, rest);
            w->shortened = true;
            break;
        }
        if (length == 1) {
            put_escape(w, *s);
        } else if (length == 0) {
            put(w, "\xEF\xBF\xBD", 3);
            length = 1;
        } else {
            put(w, (const char *) s, (size_t) length);
        }
        s += length;
    }
    put(w, "\"", 1);
}

void mon_write_integer(struct writer *w, int64_t value) {
    char digits[24];
    char *at = digits + sizeof digits;
    uint64_t rest = value < 0 ? 0 - (uint64_t) value : (uint64_t) value;
    do {
        *--at = (char) ('0' + rest % 10);
        rest /= 10;
    } while (rest != 0);
    if (value < 0) {
        *--at = '-';
    }
    put(w, at, (size_t) (digits + sizeof digits - at));
}

void mon_write_number(struct writer *w, double value) {
    if (value > -1e15 && value < 1e15 && value == (double) (int64_t) value) {
        mon_write_integer(w, (int64_t) value);
        return;
    }
    char text[40];
    snprintf(text, sizeof text, "%.15g", value);
    if (strtod(text, NULL) != value) {
        snprintf(text, sizeof text, "%.17g", value);
    }
    bool in_point = false;
    for (const char *c = text; *c != 0; c++) {
        /* The application's locale may have another decimal point, of several bytes. */
        bool known = (*c >= '0' && *c <= '9') || *c == '-' || *c == '+' || *c == 'e';
        if (known || !in_point) {
            put(w, known ? c : ".", 1);
        }
        in_point = !known;
    }
}

static void write_value(struct writer *w, const monitoring_pair_t *pair) {
    switch (pair->type) {
    case MONITORING_STRING: mon_write_text(w, pair->value.text); break;
    case MONITORING_INT: mon_write_integer(w, pair->value.integer); break;
    case MONITORING_BOOL: mon_write_raw(w, pair->value.truth ? "true" : "false"); break;
    case MONITORING_DOUBLE:
        if (isfinite(pair->value.number)) {
            mon_write_number(w, pair->value.number);
        } else {
            mon_write_raw(w, isnan(pair->value.number) ? "\"NaN\"" : pair->value.number > 0 ? "\"Infinity\"" : "\"-Infinity\"");
        }
        break;
    default: mon_write_raw(w, "null");
    }
}

static bool is_overridden(const char *key, const struct pairs *later, size_t groups) {
    for (size_t g = 0; g < groups; g++) {
        for (size_t i = 0; later[g].list != NULL && i < later[g].count; i++) {
            if (later[g].list[i].key != NULL && strcmp(key, later[g].list[i].key) == 0) {
                return true;
            }
        }
    }
    return false;
}

void mon_write_object(struct writer *w, const struct pairs *groups, size_t count) {
    const char *separator = "{";
    for (size_t g = 0; g < count; g++) {
        for (size_t i = 0; groups[g].list != NULL && i < groups[g].count && !w->full; i++) {
            const monitoring_pair_t *pair = &groups[g].list[i];
            if (pair->key == NULL || is_overridden(pair->key, groups + g + 1, count - g - 1)) {
                continue;
            }
            if (w->max_pairs == 0) {
                w->shortened = true;
                break;
            }
            w->max_pairs--;
            mon_write_raw(w, separator);
            mon_write_text(w, pair->key);
            mon_write_raw(w, ":");
            write_value(w, pair);
            separator = ",";
        }
    }
    mon_write_raw(w, *separator == '{' ? "{}" : "}");
}

bool mon_clean_identifier(char out[MONITORING_ID_SIZE], const char *text) {
    size_t length = 0;
    const unsigned char *s = (const unsigned char *) (text != NULL ? text : "");
    while (*s != 0) {
        int bytes = sequence(s);
        const char *piece = (const char *) s;
        size_t size = (size_t) bytes;
        if (bytes == 0) {
            piece = "\xEF\xBF\xBD";
            size = 3;
        } else if (*s < 0x20 || *s == 0x7F || (*s == 0xC2 && s[1] < 0xA0)) {
            piece = "?";
            size = 1;
        }
        if (length + size > MONITORING_ID_SIZE - 1) {
            break;
        }
        memcpy(out + length, piece, size);
        length += size;
        s += bytes > 0 ? bytes : 1;
    }
    out[length] = 0;
    return length > 0;
}

/* --- answers --- */

struct reader {
    const char *at, *end;
};

static void skip_space(struct reader *r) {
    while (r->at < r->end && strchr(" \t\r\n", *r->at) != NULL && *r->at != 0) {
        r->at++;
    }
}

/* Copies a string's content, escapes as they are but those of quotes; false if there is none. */
static bool read_string(struct reader *r, char *into, size_t size) {
    size_t length = 0;
    if (r->at >= r->end || *r->at != '"') {
        return false;
    }
    for (r->at++; r->at < r->end && *r->at != '"'; r->at++) {
        if (*r->at == '\\' && r->end - r->at > 1 && (r->at[1] == '"' || r->at[1] == '\\' || r->at[1] == '/')) {
            r->at++;
        }
        if (length + 1 < size) {
            into[length++] = *r->at;
        }
    }
    into[length] = 0;
    if (r->at >= r->end) {
        return false;
    }
    r->at++;
    return true;
}

static bool skip_value(struct reader *r) {
    int depth = 0;
    char ignored[2];
    do {
        skip_space(r);
        if (r->at >= r->end) {
            return false;
        }
        if (*r->at == '"') {
            if (!read_string(r, ignored, sizeof ignored)) {
                return false;
            }
        } else if (*r->at == '{' || *r->at == '[') {
            depth++;
            r->at++;
        } else if (*r->at == '}' || *r->at == ']') {
            depth--;
            r->at++;
        } else if (*r->at == ',' || *r->at == ':') {
            r->at++;
        } else {
            while (r->at < r->end && strchr(",:{}[]\" \t", *r->at) == NULL) {
                r->at++;
            }
            if (r->at < r->end && *r->at == 0) {
                return false;
            }
        }
    } while (depth > 0);
    return true;
}

static int64_t read_count(struct reader *r) {
    int64_t value = 0;
    const char *from = r->at;
    while (r->at < r->end && *r->at >= '0' && *r->at <= '9') {
        int digit = *r->at++ - '0';
        value = value > (INT64_MAX - digit) / 10 ? INT64_MAX : value * 10 + digit;
    }
    return r->at > from ? value : -1;
}

/* The members of an object: of the answer itself, or of its data. */
static bool read_members(struct reader *r, struct answer *a, bool is_data) {
    char key[32];
    skip_space(r);
    if (r->at >= r->end || *r->at != '{') {
        return skip_value(r);
    }
    r->at++;
    for (;;) {
        skip_space(r);
        if (r->at < r->end && *r->at == '}') {
            r->at++;
            return true;
        }
        if (!read_string(r, key, sizeof key)) {
            return false;
        }
        skip_space(r);
        if (r->at >= r->end || *r->at != ':') {
            return false;
        }
        r->at++;
        skip_space(r);
        int64_t *count = !is_data ? NULL : strcmp(key, "seq") == 0 ? &a->seq : strcmp(key, "acked") == 0 ? &a->acked
                : strcmp(key, "max_message") == 0 ? &a->max_message : NULL;
        char *text = is_data ? strcmp(key, "code") == 0 ? a->code : strcmp(key, "reason") == 0 ? a->reason : NULL
                : strcmp(key, "type") == 0 ? a->type : NULL;
        size_t size = text == a->code ? sizeof a->code : text == a->reason ? sizeof a->reason : sizeof a->type;
        bool good;
        if (!is_data && strcmp(key, "data") == 0) {
            good = read_members(r, a, true);
        } else if (text != NULL && r->at < r->end && *r->at == '"') {
            good = read_string(r, text, size);
        } else {
            struct reader number = *r;
            if (count != NULL) {
                *count = read_count(&number);
            }
            good = skip_value(r);
        }
        skip_space(r);
        if (!good || r->at >= r->end) {
            return false;
        }
        if (*r->at == ',') {
            r->at++;
        }
    }
}

void mon_read_answer(const char *line, size_t length, struct answer *answer) {
    struct reader r = {line, line + length};
    memset(answer, 0, sizeof *answer);
    answer->seq = answer->acked = answer->max_message = -1;
    skip_space(&r);
    if (r.at >= r.end || *r.at != '{' || !read_members(&r, answer, false)) {
        answer->type[0] = 0;
    }
}
