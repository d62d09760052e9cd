/* What the hub says to a session. */
#define _DEFAULT_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "internal.h"

/* The hub did know hello, it was only slow: what was taken for sent is as unconfirmed as the rest. */
static void take_back(struct session *s) {
    int count = s->unsure.count;
    if (count > 0 && mon_lines_put_before(&s->unsure, &s->lines)) {
        s->first -= count;
        s->written += count;
        atomic_fetch_sub(&s->counters->plain, count);
    }
    mon_lines_free(&s->unsure);
}

void mon_session_confirm(struct session *s, int64_t number) {
    if (number > s->confirmed) {
        s->confirmed = number;
    }
    for (size_t i = 0; i < s->refused_count;) {
        if (s->refused[i] == s->confirmed + 1) {
            s->confirmed++;
            i = 0;
        } else {
            i++;
        }
    }
    size_t kept = 0;
    for (size_t i = 0; i < s->refused_count; i++) {
        if (s->refused[i] > s->confirmed) {
            s->refused[kept++] = s->refused[i];
        }
    }
    s->refused_count = kept;
    int64_t known = s->confirmed - s->first + 1;
    mon_session_forget(s, known < s->written ? known : s->written);
}

void mon_session_confirm_written(struct session *s) {
    if (s->out_at == s->out_length) {
        mon_session_forget(s, s->written);
    }
}

/* False if the connection has ended. */
static bool heard_error(struct session *s, const struct answer *a) {
    char why[sizeof s->refusal];
    snprintf(why, sizeof why, "refused by the hub: %s%s%s", a->code, a->reason[0] != 0 ? ": " : "", a->reason);
    atomic_fetch_add(&s->counters->refused, 1);
    mon_note_error(s->counters, "%s", why);
    if (a->seq <= 0) {
        /* About the session, which the hub will end. */
        memcpy(s->refusal, why, sizeof why);
        if (strcmp(a->code, "fenced") == 0) {
            take_back(s);
            s->mode = MODE_ACKED;
            s->fenced = true;
            mon_session_down(s, why);
            return false;
        }
    } else if (a->seq > s->confirmed && a->seq <= s->highest) {
        /* Never more than there are lines in memory. */
        int64_t *more = realloc(s->refused, (s->refused_count + 1) * sizeof *more);
        if (more != NULL) {
            s->refused = more;
            s->refused[s->refused_count++] = a->seq;
        }
        mon_session_confirm(s, s->confirmed);
    }
    return true;
}

/* False if the connection has ended. */
static bool heard_ack(struct session *s, int64_t number) {
    if (number > s->highest) {
        mon_session_give_up(s, "the hub has acknowledged a line that was not sent");
        return false;
    }
    take_back(s);
    s->mode = MODE_ACKED;
    mon_session_confirm(s, number);
    return true;
}

/* The same. */
static bool heard_welcome(struct session *s, const struct answer *a) {
    take_back(s);
    s->mode = MODE_ACKED;
    s->welcomed = true;
    if (s->own && a->acked > s->highest) {
        s->fenced = true;
        s->left_open = false;
        snprintf(s->refusal, sizeof s->refusal, "the hub has line %lld of this client, but %lld was the last one sent: another process has its id",
                (long long) a->acked, (long long) s->highest);
        mon_session_down(s, NULL);
        return false;
    }
    if (a->acked > s->highest) {
        s->highest = a->acked; /* of a file that somebody else wrote and partly sent */
    }
    s->failures = 0;
    if (a->max_message >= 1024 && a->max_message <= MAX_LINE) {
        atomic_store(&s->counters->max_line, (int) a->max_message);
    }
    return a->acked <= 0 || heard_ack(s, a->acked);
}

/* The same. */
static bool heard(struct session *s, const char *line, size_t length, int64_t now) {
    struct answer a;
    mon_read_answer(line, length, &a);
    if (strcmp(a.type, "ack") == 0 && a.seq >= 0) {
        s->heard_at = now;
        return heard_ack(s, a.seq);
    }
    if (strcmp(a.type, "error") == 0) {
        s->heard_at = now;
        return heard_error(s, &a);
    }
    if (strcmp(a.type, "welcome") == 0) {
        s->heard_at = now;
        return heard_welcome(s, &a);
    }
    return true;
}

bool mon_session_read(struct session *s, int64_t now) {
    ssize_t got = recv(s->fd, s->in + s->in_length, IN_SIZE - s->in_length, 0);
    if (got < 0) {
        if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) {
            mon_session_down(s, strerror(errno));
        }
        return false;
    }
    s->in_length += (size_t) got;
    size_t from = 0;
    char *newline;
    while ((newline = memchr(s->in + from, '\n', s->in_length - from)) != NULL) {
        size_t to = (size_t) (newline - s->in);
        if (!heard(s, s->in + from, to - from, now)) {
            return false;
        }
        from = to + 1;
    }
    memmove(s->in, s->in + from, s->in_length - from);
    s->in_length -= from;
    if (got == 0) {
        mon_session_down(s, "connection closed by the hub");
    } else if (s->in_length == IN_SIZE) {
        mon_session_give_up(s, "the hub sends no lines");
    }
    return s->up;
}

/*
 * A server that has never answered this client within the time for it doesn't know hello. One that has, has only stopped: a new connection is tried.
 */
void mon_session_decide_mode(struct session *s, int64_t now) {
    if (s->mode != MODE_UNDECIDED || now - s->since < s->settings->welcome_timeout_ms) {
        return;
    }
    if (s->welcomed || s->settings->protocol == MONITORING_ACKED) {
        mon_session_give_up(s, "the hub did not answer hello");
        return;
    }
    s->mode = MODE_PLAIN;
    s->failures = 0;
    s->heard_at = now;
    mon_session_confirm_written(s);
}
