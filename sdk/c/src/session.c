/*
 * One numbered stream of lines of one client, and the connection that it goes over.
 *
 * Numbers: `first` is that of lines[0]. A line stays until the hub has confirmed it. `written` counts how many went into the present connection; after a
 * lost one it is 0 again, and hello names `first`. The hub numbers by position from there, so every line is written, also those that welcome says it has:
 * leaving one out would shift the numbers of all that follow. An error confirms its own line and says nothing of those before it.
 *
 * The mode belongs to the connection: undecided until the hub has answered hello, acked once it has, plain for a server that doesn't know hello. With a
 * plain one a line counts as sent when the kernel has taken it; the last of these stay in `unsure` as long as the connection: if the answer comes after all,
 * they wait for their ack like the others.
 *
 * A hub that says `fenced` has seen this client's id in another connection. Unless that can be the one that was given up here before (`left_open`), it is
 * somebody else's: what is not confirmed goes on under a new id, with the same numbers, and a spool file of others is left to them (`over`).
 * A hub that welcomes this process with a line that it never sent has it from somebody who has the id, too: the same.
 */
#define _DEFAULT_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "internal.h"

#define BATCH 65536
#define OUT_SIZE (BATCH + MAX_LINE)
#define WRITES_PER_STEP 16
#define LOOK_AGAIN_MS 10
#ifndef SOCK_CLOEXEC
#define SOCK_CLOEXEC 0  /* mon_own_held_fd sets it, too: a moment later */
#endif

bool mon_session_make(struct session *s, const struct settings *settings, struct counters *counters, const char *client, int64_t first,
        struct spool_file *file) {
    memset(s, 0, sizeof *s);
    s->settings = settings;
    s->counters = counters;
    memcpy(s->client, client, UUID_SIZE);
    s->own = file == NULL;
    s->first = first;
    s->file = file;
    s->confirmed = s->highest = first - 1;
    s->fd = -1;
    s->retry_at = s->heard_at = mon_monotonic_ms();
    s->out = malloc(OUT_SIZE);
    s->in = malloc(IN_SIZE);
    /* One more than the buffer: the goodbye. */
    if (mon_lines_make(&s->lines, settings->buffer + 1) && s->out != NULL && s->in != NULL) {
        return true;
    }
    mon_session_free(s);
    return false;
}

void mon_session_free(struct session *s) {
    mon_close_fd(s->fd);
    mon_lookup_leave(s->lookup);
    mon_lines_free(&s->lines);
    mon_lines_free(&s->unsure);
    free(s->out);
    free(s->in);
    free(s->refused);
    memset(s, 0, sizeof *s);
    s->fd = -1;
}

bool mon_session_is_down(const struct session *s) {
    return s->fd < 0 && !s->looking;
}

bool mon_session_is_empty(const struct session *s) {
    return s->lines.count == 0 && (s->fd < 0 || s->out_at == s->out_length) && (s->file == NULL || !mon_file_has_unread(s->file));
}

bool mon_session_has_room(const struct session *s) {
    return s->file == NULL && s->lines.count < s->settings->buffer;
}

int64_t mon_session_next_number(const struct session *s) {
    return s->first + s->lines.count + (s->file == NULL ? 0 : s->file->unread_lines);
}

int64_t mon_session_due_at(const struct session *s) {
    if (s->fd < 0) {
        return s->retry_at;
    }
    if (!s->up) {
        return s->since + s->settings->connect_timeout_ms;
    }
    return s->mode == MODE_UNDECIDED ? s->since + s->settings->welcome_timeout_ms : INT64_MAX;
}

static int whole_lines(const char *bytes, size_t length) {
    int count = 0;
    for (const char *at = bytes; (at = memchr(at, '\n', length - (size_t) (at - bytes))) != NULL; at++) {
        count++;
    }
    return count;
}

void mon_session_forget(struct session *s, int64_t count) {
    if (count <= 0) {
        return;
    }
    if (s->mode == MODE_PLAIN && s->settings->protocol != MONITORING_PLAIN && (s->unsure.ring != NULL || mon_lines_make(&s->unsure, s->settings->buffer))) {
        mon_lines_move(&s->lines, (int) count, &s->unsure);
    } else {
        mon_lines_drop_first(&s->lines, (int) count);
    }
    s->first += count;
    s->written -= (int) count;
    atomic_fetch_add(s->mode == MODE_PLAIN ? &s->counters->plain : &s->counters->acked, count);
    if (s->file != NULL && mon_file_is_done(s->file, s->first - 1)) {
        mon_file_remove(s->file);
        s->file = NULL;
    }
}

/* Numbers go on: the hub takes a new client's from wherever they begin. */
static void end_id(struct session *s) {
    s->over = !s->own;
    if (!s->own) {
        return;
    }
    mon_new_uuid(s->client);
    if (s->file != NULL && !mon_file_give_to(s->file, s->client)) {
        size_t length = strlen(s->refusal);
        snprintf(s->refusal + length, sizeof s->refusal - length, "; its spool file keeps the old id: %s", strerror(errno));
    }
}

/* Ends the connection; `why` is NULL if that was our wish. The pause before the next attempt is exponential with full jitter. */
void mon_session_down(struct session *s, const char *why) {
    if (s->fd >= 0 && s->mode == MODE_PLAIN) {
        /* What a plain server's socket took as whole lines is not sent again. */
        mon_session_forget(s, s->written - whole_lines(s->out + s->out_at, s->out_length - s->out_at));
    }
    double ceiling = s->settings->backoff_min_ms;
    for (int i = 0; i < s->failures && ceiling < s->settings->backoff_max_ms; i++) {
        ceiling *= 2;
    }
    if (ceiling > s->settings->backoff_max_ms) {
        ceiling = s->settings->backoff_max_ms;
    }
    uint32_t random;
    mon_random_bytes(&random, sizeof random);
    s->retry_at = mon_monotonic_ms() + (int64_t) (ceiling * ((double) random / 4294967296.0));
    s->failures++;
    mon_close_fd(s->fd);
    s->fd = -1;
    if (s->fenced && !s->left_open) {
        end_id(s);
    }
    s->fenced = false;
    s->left_open = s->left_open && !s->up;
    s->up = s->looking = false;
    s->mode = MODE_UNDECIDED;
    s->written = 0;
    mon_lines_free(&s->unsure);
    s->out_at = s->out_length = s->in_length = 0;
    if (why != NULL || s->refusal[0] != 0) {
        mon_note_error(s->counters, "%s", s->refusal[0] != 0 ? s->refusal : why);
    }
    s->refusal[0] = 0;
}

void mon_session_give_up(struct session *s, const char *why) {
    mon_session_down(s, why);
    s->left_open = true;
}

static void fail_connect(struct session *s, int error) {
    char why[320];
    snprintf(why, sizeof why, "cannot connect to %s:%d: %s", s->settings->host, s->settings->port,
            error == 0 ? "unknown host" : error == ETIMEDOUT ? "no answer" : strerror(error));
    /* A name's address may have changed, or it has several. */
    s->tries++;
    if (s->lookup != NULL && s->tries % 8 == 0) {
        mon_lookup_leave(s->lookup);
        s->lookup = NULL;
    }
    mon_session_down(s, why);
}

static void connected(struct session *s, int64_t now) {
    s->up = true;
    s->since = s->heard_at = now;
    atomic_fetch_add(&s->counters->connects, 1);
    s->mode = MODE_UNDECIDED;
    if (s->settings->protocol == MONITORING_PLAIN) {
        s->mode = MODE_PLAIN;
        s->failures = 0;
        return;
    }
    struct writer w = {.bytes = s->out, .size = OUT_SIZE, .max_text = MAX_LINE};
    mon_write_raw(&w, "{\"v\":1,\"type\":\"hello\",\"src\":");
    mon_write_text(&w, s->settings->source);
    mon_write_raw(&w, ",\"ts\":");
    mon_write_integer(&w, mon_wall_ms());
    mon_write_raw(&w, ",\"data\":{\"client\":\"");
    mon_write_raw(&w, s->client);
    mon_write_raw(&w, "\",\"next\":");
    mon_write_integer(&w, s->first);
    mon_write_raw(&w, ",\"sdk\":\"c/" MONITORING_VERSION "\"");
    if (s->settings->token[0] != 0) {
        mon_write_raw(&w, ",\"token\":");
        mon_write_text(&w, s->settings->token);
    }
    mon_write_raw(&w, "}}\n");
    s->out_at = 0;
    s->out_length = w.length;
}

static void begin_connect(struct session *s, int64_t now) {
    struct sockaddr_storage address;
    socklen_t length;
    int found = mon_lookup_result(&s->lookup, s->settings->host, s->settings->port, s->tries, &address, &length);
    s->looking = found == 0;
    if (found <= 0) {
        s->retry_at = now + LOOK_AGAIN_MS;
        if (found < 0) {
            fail_connect(s, 0);
        }
        return;
    }
    mon_hold_fds();
    s->fd = mon_own_held_fd(socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (s->fd < 0) {
        fail_connect(s, errno);
        return;
    }
    fcntl(s->fd, F_SETFL, fcntl(s->fd, F_GETFL, 0) | O_NONBLOCK);
    int on = 1;
    if (address.ss_family != AF_UNIX) {
        setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    s->since = now;
    s->up = false;
    if (connect(s->fd, (struct sockaddr *) &address, length) == 0) {
        connected(s, now);
    } else if (errno != EINPROGRESS && errno != EINTR) {
        fail_connect(s, errno);
    }
}

static void finish_connect(struct session *s, int64_t now) {
    struct pollfd p = {.fd = s->fd, .events = POLLOUT};
    if (poll(&p, 1, 0) > 0) {
        int error = 0;
        socklen_t size = sizeof error;
        getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &error, &size);
        if (error == 0) {
            connected(s, now);
        } else {
            fail_connect(s, error);
        }
    } else if (now - s->since >= s->settings->connect_timeout_ms) {
        fail_connect(s, ETIMEDOUT);
    }
}

static bool next_batch(struct session *s) {
    int limit = s->settings->buffer;
    if (s->file != NULL && s->lines.count <= limit / 2 && mon_file_has_unread(s->file) && !mon_file_take(s->file, &s->lines, limit - s->lines.count)) {
        mon_session_down(s, "cannot read the spool file");
        return false;
    }
    int to = s->written;
    size_t bytes = 0;
    while (to < s->lines.count && bytes < BATCH) {
        struct line *line = mon_lines_at(&s->lines, to++);
        if (bytes + line->length > OUT_SIZE) {
            to--;
            break;
        }
        memcpy(s->out + bytes, line->bytes, line->length);
        bytes += line->length;
    }
    s->out_at = 0;
    s->out_length = bytes;
    int64_t last = s->first + to - 1;
    int64_t before = s->first + s->written - 1;
    int64_t fresh = last - (s->highest > before ? s->highest : before);
    fresh = fresh > 0 ? fresh : 0;
    atomic_fetch_add(&s->counters->sent, fresh);
    atomic_fetch_add(&s->counters->resent, to - s->written - fresh);
    s->highest = last > s->highest ? last : s->highest;
    s->written = to;
    return bytes > 0;
}

static void write_socket(struct session *s, int64_t now) {
    for (int i = 0; i < WRITES_PER_STEP; i++) {
        if (s->out_at == s->out_length && !next_batch(s)) {
            return;
        }
        ssize_t sent = send(s->fd, s->out + s->out_at, s->out_length - s->out_at, MSG_NOSIGNAL);
        if (sent < 0) {
            int error = errno;
            if (error == EAGAIN || error == EWOULDBLOCK || error == EINTR) {
                return;
            }
            while (mon_session_read(s, now)) {
                /* Why the hub has gone, as far as it said so. */
            }
            if (s->up) {
                mon_session_down(s, strerror(error));
            }
            return;
        }
        s->out_at += (size_t) sent;
        if (s->out_at < s->out_length) {
            return;
        }
        if (s->mode == MODE_PLAIN) {
            mon_session_confirm_written(s);
        } else if (s->mode == MODE_ACKED) {
            mon_session_confirm(s, s->confirmed);
        }
    }
}

void mon_session_step(struct session *s, int64_t now, bool connect_now) {
    if (s->fd < 0 && (connect_now || now >= s->retry_at)) {
        begin_connect(s, now);
    }
    if (s->fd >= 0 && !s->up) {
        finish_connect(s, now);
    }
    if (s->up) {
        mon_session_read(s, now);
    }
    if (s->up) {
        mon_session_decide_mode(s, now);
    }
    if (s->up) {
        write_socket(s, now);
    }
}
