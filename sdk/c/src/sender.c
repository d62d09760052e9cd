/*
 * The thread that gets lines to the hub: through memory, or through the spool where memory is full, and beside them what earlier processes have left.
 *
 * Hand-over: calls copy their line to the end of `filling` under `lock`; the thread swaps it for the block that it has worked off. So a call allocates
 * nothing and holds the lock for one copy. All else belongs to the thread, but what is atomic.
 *
 * A loop that does nothing but log can make more lines than any disk takes, mostly because it leaves the thread no processor. So when half of the room is
 * used and the thread goes on taking, a call pauses for a tenth of a millisecond, once. A thread that has stopped is not waited for.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "internal.h"

#define QUIET_ROUNDS 4
#define STEPS_PER_ROUND 64
#define LONGEST_REST_MS 60000
#define SPOOL_AGAIN_MS 1000
#define SPOOL_BLOCK 262144
#define LIVELY_MS 200
#define LIVELY_BYTES 1048576
#define WAKE_BYTES 65536
#define GOES_ON_MS 250
#define LOOK_MS 60000
#define LOOK_AGAIN_MS 100
/* What the spool may take at the end beyond the time for sending. The thread waits for nothing but the disk then, and a busy one can stall for seconds:
   who gives up earlier loses lines. Only a disk that hangs gets to see this limit. */
#define SPOOLING_MS 30000

struct block {
    char *bytes;
    size_t at, length;
};

struct sender {
    const struct settings *settings;
    struct counters *counters;
    pthread_t thread;
    int wake[2];
    atomic_bool asleep, overflowing, up, finishing;
    atomic_bool no_wake;     /* the application has closed the pipe */
    atomic_int mode;
    atomic_llong held;       /* lines in memory, wherever */
    atomic_llong taken_at;   /* when the thread last took a block */
    atomic_llong finish_at;
    pthread_mutex_t lock;    /* of the following */
    pthread_cond_t changed;
    char client[UUID_SIZE];  /* the session's, for whoever asks */
    struct block filling;
    bool started, closed, ended, joined, hangs;
    int64_t added, settled;  /* the number of the last line taken, and of the last one that is safe, with all before it */
    uint64_t flush_wanted, flush_done;
    /* The thread's own. */
    struct block taken;
    struct session session;
    struct spool spool;
    int64_t spool_again_at;
    struct session old;
    bool has_old;
    struct clients left;     /* their files somebody else is sending */
    int64_t look_at;
    long long connects_seen;
    int quiet_rounds;
    bool tried_to_finish;
    int64_t goodbye;         /* its number, 0 before */
    uint64_t flush_tried;
    int64_t flush_tried_to;  /* what had been added then */
};

/* --- calls --- */

static void wake(struct sender *s) {
    atomic_store(&s->asleep, false);
    /* A full pipe wakes as well. */
    if (!atomic_load(&s->no_wake) && write(s->wake[1], "", 1) < 0 && errno != EAGAIN) {
        mon_note_error(s->counters, "cannot wake the sender thread: %s", strerror(errno));
    }
}

void mon_sender_add(struct sender *s, const char *line, size_t length) {
    size_t room = (size_t) s->settings->staging_bytes;
    bool lost = false;
    pthread_mutex_lock(&s->lock);
    size_t waiting = s->filling.length;
    /* Without a spool memory ends at `buffer`. */
    if (s->closed || length > room - waiting || (!s->settings->spool && atomic_load(&s->held) >= s->settings->buffer)) {
        lost = true;
    } else {
        memcpy(s->filling.bytes + waiting, line, length);
        s->filling.length += length;
        s->added++;
        atomic_fetch_add(&s->held, 1);
    }
    pthread_mutex_unlock(&s->lock);
    if (lost) {
        atomic_fetch_add(&s->counters->dropped, 1);
    } else if (atomic_load(&s->asleep) || (waiting < WAKE_BYTES && waiting + length >= WAKE_BYTES)) {
        wake(s);
    }
    if (waiting > room / 2 && mon_monotonic_ms() - atomic_load(&s->taken_at) < GOES_ON_MS) {
        struct timespec pause = {0, 100000};
        nanosleep(&pause, NULL);
    }
}

/* What a call waits for. */
struct wish {
    bool end;
    uint64_t flush;
    int64_t line;
};

static bool is_true(const struct sender *s, const struct wish *wish) {
    return s->ended || (!wish->end && (s->flush_done >= wish->flush || s->settled >= wish->line));
}

/* True when it has come true; called with the lock held. */
static bool await(struct sender *s, struct wish wish, int64_t timeout_ms) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    timeout_ms = timeout_ms < 0 ? 0 : timeout_ms;
    until.tv_sec += (time_t) (timeout_ms / 1000);
    until.tv_nsec += (long) (timeout_ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    while (!is_true(s, &wish)) {
        if (pthread_cond_timedwait(&s->changed, &s->lock, &until) == ETIMEDOUT) {
            return is_true(s, &wish);
        }
    }
    return true;
}

bool mon_sender_flush(struct sender *s, int timeout_ms) {
    pthread_mutex_lock(&s->lock);
    bool result = false;
    if (s->started && !s->ended) {
        int64_t last = s->added;
        wake(s);
        await(s, (struct wish){.flush = ++s->flush_wanted, .line = last}, timeout_ms);
        result = s->settled >= last;
    }
    pthread_mutex_unlock(&s->lock);
    return result;
}

bool mon_sender_close(struct sender *s, int timeout_ms) {
    pthread_mutex_lock(&s->lock);
    bool ended = !s->started || s->ended;
    if (!ended && !s->hangs) {
        /* Of two that close at once, both wait, and the shorter time counts. */
        int64_t finish_at = mon_monotonic_ms() + timeout_ms;
        if (!atomic_load(&s->finishing) || finish_at < atomic_load(&s->finish_at)) {
            atomic_store(&s->finish_at, finish_at);
        }
        atomic_store(&s->finishing, true);
        wake(s);
        ended = await(s, (struct wish){.end = true}, (int64_t) timeout_ms + SPOOLING_MS);
    }
    bool first = s->started && !s->joined && !s->hangs;
    s->joined = s->joined || (first && ended);
    s->hangs = s->hangs || (first && !ended);
    ended = ended && !s->hangs;
    pthread_mutex_unlock(&s->lock);
    if (first && ended) {
        pthread_join(s->thread, NULL);
    } else if (first) {
        pthread_detach(s->thread);
    }
    return ended;
}

void mon_sender_stats(struct sender *s, monitoring_stats_t *stats) {
    bool up = atomic_load(&s->up);
    int mode = atomic_load(&s->mode);
    snprintf(stats->state, sizeof stats->state, "%s", atomic_load(&s->overflowing) ? "overflow" : up ? "connected" : "disconnected");
    snprintf(stats->protocol, sizeof stats->protocol, "%s", mode == MODE_ACKED ? "acked" : mode == MODE_PLAIN ? "plain" : "undecided");
    pthread_mutex_lock(&s->lock);
    memcpy(stats->client, s->client, sizeof s->client);
    pthread_mutex_unlock(&s->lock);
    stats->buffered = atomic_load(&s->held);
}

/* --- the thread --- */

static bool inbox_is_empty(struct sender *s) {
    pthread_mutex_lock(&s->lock);
    bool empty = s->filling.length == 0;
    pthread_mutex_unlock(&s->lock);
    return empty && s->taken.at == s->taken.length;
}

/* Makes sure that there are lines in `taken`, if there are any at all. */
static bool take(struct sender *s) {
    if (s->taken.at < s->taken.length) {
        return true;
    }
    pthread_mutex_lock(&s->lock);
    struct block full = s->filling;
    s->filling = s->taken;
    s->filling.at = s->filling.length = 0;
    s->taken = full;
    pthread_mutex_unlock(&s->lock);
    atomic_store(&s->taken_at, mon_monotonic_ms());
    return s->taken.length > 0;
}

static size_t line_length(const struct block *b) {
    char *newline = memchr(b->bytes + b->at, '\n', b->length - b->at);
    return (size_t) (newline - (b->bytes + b->at)) + 1;
}

/* Puts a part of `taken` into the spool file; whether it took any. What it doesn't take goes on waiting. */
static bool spool_some(struct sender *s) {
    struct session *session = &s->session;
    if (session->file == NULL) {
        session->file = mon_spool_create(&s->spool, session->client, mon_session_next_number(session));
        if (session->file == NULL) {
            mon_note_error(s->counters, "cannot write to the spool folder %s: %s", s->spool.directory, strerror(errno));
            return false;
        }
    }
    int64_t room = mon_file_room(session->file);
    struct block part = s->taken;
    int64_t count = 0;
    while (part.at < part.length && part.at - s->taken.at < SPOOL_BLOCK) {
        size_t length = line_length(&part);
        if ((int64_t) (part.at - s->taken.at + length) > room) {
            break;
        }
        part.at += length;
        count++;
    }
    if (count == 0) {
        mon_note_error(s->counters, "the spool is full: raise spool_bytes, or see why the hub is away");
        return false;
    }
    if (!mon_file_append(session->file, s->taken.bytes + s->taken.at, part.at - s->taken.at, count)) {
        mon_note_error(s->counters, "cannot write to the spool: %s", strerror(errno));
        return false;
    }
    s->taken.at = part.at;
    atomic_fetch_add(&s->counters->spooled, count);
    atomic_fetch_sub(&s->held, count);
    return true;
}

/* The next line goes into memory; whether there was one, and room for it. */
static bool keep_next(struct sender *s) {
    if (!take(s)) {
        return false;
    }
    size_t length = line_length(&s->taken);
    if (!mon_lines_add(&s->session.lines, s->taken.bytes + s->taken.at, length)) {
        return false;
    }
    s->taken.at += length;
    return true;
}

/* Moves what waits into memory as long as that keeps the order, else into the spool, unless the hub is quick enough. */
static void collect(struct sender *s, int64_t now) {
    struct session *session = &s->session;
    while (mon_session_has_room(session) && keep_next(s)) {
        /* until memory is full, or nothing waits */
    }
    /* What came after the last look still has room in memory. */
    if (mon_session_has_room(session) || !s->settings->spool || now < s->spool_again_at || !take(s)) {
        return;
    }
    pthread_mutex_lock(&s->lock);
    size_t waiting = s->filling.length + s->taken.length - s->taken.at;
    pthread_mutex_unlock(&s->lock);
    bool lively = session->up && session->mode != MODE_UNDECIDED && now - session->heard_at < LIVELY_MS;
    if (lively && waiting < LIVELY_BYTES) {
        return;
    }
    while (take(s)) {
        if (!spool_some(s)) {
            s->spool_again_at = now + SPOOL_AGAIN_MS;
            return;
        }
    }
}

static void leave_old(struct sender *s) {
    if (!s->has_old) {
        return;
    }
    bool done = mon_session_is_empty(&s->old);
    struct spool_file *file = s->old.file;
    if (file != NULL && done) {
        mon_file_remove(file);
    } else if (file != NULL) {
        mon_file_release(file);
    }
    if (s->old.over && !done) {
        char (*more)[UUID_SIZE] = realloc(s->left.list, (s->left.count + 1) * sizeof *more);
        if (more != NULL) {
            s->left.list = more;
            memcpy(more[s->left.count++], s->old.client, UUID_SIZE);
        }
    }
    mon_session_free(&s->old);
    s->has_old = false;
}

/* The files of earlier processes, one after the other over a connection of their own, so that they don't hold up what happens now. */
static void send_old_files(struct sender *s, int64_t now) {
    if (s->has_old) {
        mon_session_step(&s->old, now, false);
        bool done = mon_session_is_empty(&s->old);
        if (!done && !s->old.over) {
            return;
        }
        leave_old(s);
        atomic_fetch_add(&s->counters->spool_files_sent, done ? 1 : 0);
        s->look_at = now;
    } else if (atomic_load(&s->counters->connects) != s->connects_seen) {
        s->look_at = now;
    }
    if (now >= s->look_at) {
        bool again;
        struct spool_file *file = mon_spool_claim(&s->spool, s->session.client, &s->left, &again);
        s->look_at = now + (again ? LOOK_AGAIN_MS : LOOK_MS);
        if (file != NULL) {
            s->has_old = mon_session_make(&s->old, s->settings, s->counters, file->client, file->first, file);
            if (s->has_old) {
                s->old.welcomed = s->session.welcomed; /* then it is a hub, however slow */
                mon_session_step(&s->old, now, true);
            } else {
                mon_file_release(file);
            }
        }
    }
    s->connects_seen = atomic_load(&s->counters->connects);
}

static void say_goodbye(struct sender *s) {
    struct session *session = &s->session;
    if (!atomic_load(&s->finishing) || s->goodbye > 0 || !session->up || session->file != NULL || !inbox_is_empty(s) || mon_session_next_number(session) == 1) {
        return;
    }
    char line[2048];
    struct writer w = {.bytes = line, .size = sizeof line, .max_text = 1024};
    mon_write_raw(&w, "{\"v\":1,\"src\":");
    mon_write_text(&w, s->settings->source);
    mon_write_raw(&w, ",\"ts\":");
    mon_write_integer(&w, mon_wall_ms());
    mon_write_raw(&w, ",\"type\":\"goodbye\",\"data\":{}}\n");
    if (!w.full && mon_lines_add(&session->lines, line, w.length)) {
        s->goodbye = mon_session_next_number(session) - 1;
        atomic_fetch_add(&s->held, 1);
    }
}

static void work(struct sender *s, bool connect_now) {
    int64_t now = mon_monotonic_ms();
    struct session *session = &s->session;
    s->quiet_rounds = inbox_is_empty(s) ? s->quiet_rounds + 1 : 0;
    for (int i = 0; i < STEPS_PER_ROUND; i++) {
        collect(s, now);
        say_goodbye(s);
        int before = session->lines.count;
        bool had_file = session->file != NULL;
        mon_session_step(session, now, i == 0 && connect_now && mon_session_is_down(session));
        atomic_fetch_sub(&s->held, before - session->lines.count);
        if (before == session->lines.count || (!had_file && inbox_is_empty(s))) {
            break;
        }
    }
    if (strcmp(s->client, session->client) != 0) {
        pthread_mutex_lock(&s->lock);
        memcpy(s->client, session->client, UUID_SIZE);
        pthread_mutex_unlock(&s->lock);
    }
    atomic_store(&s->up, session->up);
    atomic_store(&s->mode, session->mode);
    atomic_store(&s->overflowing, s->settings->spool ? session->file != NULL : atomic_load(&s->held) >= s->settings->buffer);
    if (s->settings->spool && session->mode != MODE_UNDECIDED) {
        send_old_files(s, now);
    }
}

static bool is_finished(struct sender *s) {
    if (!atomic_load(&s->finishing)) {
        return false;
    }
    int64_t now = mon_monotonic_ms();
    if (now >= atomic_load(&s->finish_at) && s->tried_to_finish) {
        return true;
    }
    bool files = s->settings->spool && s->session.mode != MODE_UNDECIDED && (s->has_old ? !mon_session_is_down(&s->old) : now >= s->look_at);
    bool empty = inbox_is_empty(s) && mon_session_is_empty(&s->session) && !files;
    return s->tried_to_finish ? empty || mon_session_is_down(&s->session) : empty && !s->session.up;
}

static void answer_flushes(struct sender *s) {
    pthread_mutex_lock(&s->lock);
    s->settled = s->session.first - 1;
    s->settled -= s->goodbye > 0 && s->settled >= s->goodbye ? 1 : 0;   /* nobody has added that one */
    if (s->flush_done < s->flush_wanted) {
        if (s->settled >= s->flush_tried_to || mon_session_is_down(&s->session)) {
            s->flush_done = s->flush_tried;
        }
        pthread_cond_broadcast(&s->changed);
    }
    pthread_mutex_unlock(&s->lock);
}

static int64_t earlier(int64_t a, int64_t b) {
    return a < b ? a : b;
}

static short events_of(const struct session *s) {
    /* A plain server answers nothing by which we would wake for the lines that one round of writing has left. */
    return (short) (POLLIN | (!s->up || s->out_at < s->out_length || s->written < s->lines.count ? POLLOUT : 0));
}

/* Sleeps until there is something to do: a moment if messages keep coming, else until somebody wakes us. */
static void rest(struct sender *s) {
    int64_t now = mon_monotonic_ms();
    int64_t due = earlier(now + LONGEST_REST_MS, mon_session_due_at(&s->session));
    bool old_too = s->settings->spool && s->session.mode != MODE_UNDECIDED;
    if (old_too) {
        due = earlier(due, s->has_old ? mon_session_due_at(&s->old) : s->look_at);
    }
    if (atomic_load(&s->finishing)) {
        due = earlier(due, atomic_load(&s->finish_at));
    }
    bool collecting = s->quiet_rounds < QUIET_ROUNDS;
    if (!collecting) {
        atomic_store(&s->asleep, true);
        collecting = !inbox_is_empty(s);
    }
    if (collecting) {
        atomic_store(&s->asleep, false);
        due = earlier(due, now + s->settings->linger_ms);
    }
    bool no_wake = atomic_load(&s->no_wake);
    if (no_wake) {
        due = earlier(due, now + s->settings->linger_ms);
    }
    struct pollfd p[3] = {{.fd = no_wake ? -1 : s->wake[0], .events = POLLIN}, {.fd = s->session.fd, .events = events_of(&s->session)},
            {.fd = old_too && s->has_old ? s->old.fd : -1, .events = events_of(&s->old)}};
    poll(p, 3, due > now ? (int) (due - now) : 0);
    atomic_store(&s->asleep, false);
    char drained[64];
    if ((p[0].revents & POLLNVAL) != 0) {
        atomic_store(&s->no_wake, true);
        mon_note_error(s->counters, "the application has closed descriptors of this library");
    }
    while ((p[0].revents & POLLIN) != 0 && read(s->wake[0], drained, sizeof drained) == sizeof drained) {
        /* all of it */
    }
}

/* Leaves what the hub doesn't have in the spool. */
static void stow(struct sender *s) {
    struct session *session = &s->session;
    pthread_mutex_lock(&s->lock);
    s->closed = true;
    pthread_mutex_unlock(&s->lock);
    int before = session->lines.count;
    mon_session_down(session, NULL);
    atomic_fetch_sub(&s->held, before - session->lines.count);
    if (s->goodbye > 0 && session->lines.count > 0 && session->file == NULL && mon_session_next_number(session) - 1 == s->goodbye) {
        mon_lines_drop_last(&session->lines);
    }
    /* Lines in the inbox go behind those in memory, so through the file, if there is one. */
    while (s->settings->spool && session->file == NULL && keep_next(s)) {
        /* until nothing waits */
    }
    while (s->settings->spool && take(s) && spool_some(s)) {
        /* until the file has it all, or is full */
    }
    int64_t left = mon_session_next_number(session) - session->first;
    int64_t kept = left > 0 && s->settings->spool ? mon_spool_seal(&s->spool, session->client, session->first, &session->lines, session->file) : 0;
    if (left > 0 && kept < left && s->settings->spool) {
        mon_note_error(s->counters, "cannot write everything to the spool folder %s", s->spool.directory);
    }
    if (left <= 0 && session->file != NULL) {
        mon_file_remove(session->file);
    }
    session->file = NULL;
    while (take(s)) {
        s->taken.at += line_length(&s->taken);
        left++;
    }
    atomic_fetch_add(&s->counters->left_in_spool, kept);
    atomic_fetch_add(&s->counters->dropped, left > kept ? left - kept : 0);
    leave_old(s);
    atomic_store(&s->held, 0);
    atomic_store(&s->up, false);
}

static void *run(void *argument) {
    struct sender *s = argument;
    while (!is_finished(s)) {
        bool ending = atomic_load(&s->finishing);
        pthread_mutex_lock(&s->lock);
        uint64_t wanted = s->flush_wanted;
        int64_t added = s->added;
        pthread_mutex_unlock(&s->lock);
        work(s, wanted > s->flush_tried || (ending && !s->tried_to_finish));
        s->flush_tried = wanted;
        s->flush_tried_to = added;
        s->tried_to_finish = ending;
        answer_flushes(s);
        if (!is_finished(s)) {
            rest(s);
        }
    }
    stow(s);
    pthread_mutex_lock(&s->lock);
    s->ended = true;
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
    return NULL;
}

/* --- making and ending --- */

static void make_changed(struct sender *s) {
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&s->changed, &attributes);
    pthread_condattr_destroy(&attributes);
}

/* The thread gets no signal of the application's. */
static bool start_thread(struct sender *s) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = pthread_create(&s->thread, NULL, run, s);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (error != 0) {
        mon_note_error(s->counters, "cannot start the sender thread: %s", strerror(error));
    }
    return error == 0;
}

static bool make_pipe(struct sender *s) {
    int ends[2];
    mon_hold_fds();
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) {
        mon_own_held_fd(-1);
        mon_note_error(s->counters, "no pipe for the sender thread: %s", strerror(errno));
        return false;
    }
    mon_own_held_fd(ends[0]);
    mon_hold_fds();
    mon_own_held_fd(ends[1]);
    for (int i = 0; i < 2; i++) {
        s->wake[i] = ends[i];
    }
    return true;
}

struct sender *mon_sender_start(const struct settings *settings, struct counters *counters) {
    struct sender *s = calloc(1, sizeof *s);
    if (s == NULL) {
        return NULL;
    }
    s->settings = settings;
    s->counters = counters;
    mon_new_uuid(s->client);
    pthread_mutex_init(&s->lock, NULL);
    make_changed(s);
    mon_spool_open(&s->spool, settings);
    s->look_at = mon_monotonic_ms();
    s->old.fd = s->session.fd = s->wake[0] = s->wake[1] = -1;
    s->filling.bytes = malloc((size_t) settings->staging_bytes);
    s->taken.bytes = malloc((size_t) settings->staging_bytes);
    bool memory = s->filling.bytes != NULL && s->taken.bytes != NULL && mon_session_make(&s->session, settings, counters, s->client, 1, NULL);
    s->started = memory && make_pipe(s) && start_thread(s);
    /* Without a thread every message is lost, and counted. */
    s->closed = !s->started;
    return s;
}

void mon_sender_free(struct sender *s) {
    mon_close_fd(s->wake[0]);
    mon_close_fd(s->wake[1]);
    mon_session_free(&s->session);
    free(s->filling.bytes);
    free(s->taken.bytes);
    free(s->left.list);
    pthread_cond_destroy(&s->changed);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

void mon_sender_before_fork(struct sender *s) {
    pthread_mutex_lock(&s->lock);
}

void mon_sender_after_fork(struct sender *s) {
    pthread_mutex_unlock(&s->lock);
}
