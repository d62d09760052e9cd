/* An SDK from its making to its end, calls, and fork. */
#define _DEFAULT_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "internal.h"

static pthread_mutex_t alive_lock = PTHREAD_MUTEX_INITIALIZER;
static monitoring_sdk_t *alive;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static atomic_uint generation;
/* Those of the parent, in a forked child: they may have been in the middle of anything. */
static struct sender *inherited[64];
static atomic_int inherited_count;
/* How long fork waits for a folder that hangs: first without holding up other threads, then with all locks. */
#define FORK_WAITS_MS 100
#define FORK_HOLDS_MS 10

static _Thread_local bool calling;
static _Thread_local bool fork_in_call;
static bool fds_held;
static _Thread_local int callers_errno;
static _Thread_local int callers_cancel;

/* --- calls and fork --- */

/* In a forked child: a new client, with its own id, an empty buffer and its own connection. Open spans stay known, so that the child's hang below. */
static void begin_anew(monitoring_sdk_t *sdk) {
    pthread_rwlock_wrlock(&sdk->state);
    if (atomic_load(&sdk->generation) != atomic_load(&generation)) {
        struct counters *c = &sdk->counters;
        atomic_llong *all[] = {&c->messages, &c->sent, &c->acked, &c->plain, &c->resent, &c->refused, &c->dropped, &c->spooled, &c->shortened,
                &c->left_in_spool, &c->spool_files_sent, &c->connects};
        for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
            atomic_store(all[i], 0);
        }
        int nth = atomic_fetch_add(&inherited_count, 1);
        if (nth < 64) {
            inherited[nth] = atomic_load(&sdk->sender);
        }
        atomic_store(&sdk->sender, mon_sender_start(&sdk->settings, c));
        atomic_store(&sdk->generation, atomic_load(&generation));
    }
    pthread_rwlock_unlock(&sdk->state);
}

bool mon_call_begin(monitoring_sdk_t *sdk) {
    if (sdk == NULL || calling) {
        if (sdk != NULL) {
            atomic_fetch_add(&sdk->counters.dropped, 1);
        }
        return false;
    }
    calling = true;
    callers_errno = errno;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &callers_cancel);   /* else a thread could end with a lock of ours */
    if (atomic_load(&sdk->generation) != atomic_load(&generation)) {
        begin_anew(sdk);
    }
    return true;
}

void mon_call_end(void) {
    calling = false;
    pthread_setcancelstate(callers_cancel, NULL);
    errno = callers_errno;
}

/* A signal handler that forks may have interrupted a call, with locks of ours: they stay as they are, for the call goes on in both. */
static void before_fork(void) {
    fork_in_call = calling;
    if (fork_in_call) {
        return;
    }
    calling = true;     /* a handler that logs now would find all the locks taken */
    if (mon_fds_before_fork(FORK_WAITS_MS)) {
        mon_fds_after_fork(false, true);
    }
    pthread_mutex_lock(&alive_lock);
    for (monitoring_sdk_t *sdk = alive; sdk != NULL; sdk = sdk->next) {
        struct sender *sender = atomic_load(&sdk->sender);
        pthread_rwlock_wrlock(&sdk->state);
        pthread_mutex_lock(&sdk->usage);
        if (sender != NULL) {
            mon_sender_before_fork(sender);
        }
        pthread_mutex_lock(&sdk->counters.lock);
    }
    fds_held = mon_fds_before_fork(FORK_HOLDS_MS);
}

static void release_after_fork(bool is_child) {
    if (fork_in_call) {
        mon_fds_after_fork(is_child, false);
        return;
    }
    mon_fds_after_fork(is_child, fds_held);
    for (monitoring_sdk_t *sdk = alive; sdk != NULL; sdk = sdk->next) {
        struct sender *sender = atomic_load(&sdk->sender);
        pthread_mutex_unlock(&sdk->counters.lock);
        if (sender != NULL) {
            mon_sender_after_fork(sender);
        }
        pthread_mutex_unlock(&sdk->usage);
        if (is_child) {
            /* Its holder is known by a thread id, which the child's only thread does not have. */
            pthread_rwlock_init(&sdk->state, NULL);
        } else {
            pthread_rwlock_unlock(&sdk->state);
        }
    }
    pthread_mutex_unlock(&alive_lock);
    calling = false;
}

static void after_fork_in_parent(void) {
    release_after_fork(false);
}

static void after_fork_in_child(void) {
    atomic_fetch_add(&generation, 1);
    release_after_fork(true);
}

static void at_exit(void) {
    pthread_mutex_lock(&alive_lock);
    for (monitoring_sdk_t *sdk = alive; sdk != NULL; sdk = sdk->next) {
        if (atomic_load(&sdk->generation) == atomic_load(&generation)) {
            monitoring_close(sdk, -1);
        }
    }
    pthread_mutex_unlock(&alive_lock);
}

static void prepare_process(void) {
    pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
    atexit(at_exit);
}

/* --- life cycle --- */

monitoring_sdk_t *monitoring_sdk_create(const char *source, const char *host, int port) {
    monitoring_options_t options = monitoring_options_default();
    options.source = source;
    options.host = host;
    options.port = port;
    return monitoring_sdk_create_with(&options);
}

monitoring_sdk_t *monitoring_sdk_create_with(const monitoring_options_t *options) {
    int error = errno;
    monitoring_options_t none = monitoring_options_default();
    monitoring_sdk_t *sdk = calloc(1, sizeof *sdk);
    if (sdk == NULL) {
        errno = error;
        return NULL;
    }
    pthread_once(&once, prepare_process);
    pthread_rwlock_init(&sdk->state, NULL);
    pthread_mutex_init(&sdk->usage, NULL);
    pthread_mutex_init(&sdk->counters.lock, NULL);
    atomic_store(&sdk->counters.max_line, MAX_LINE);
    mon_read_options(sdk, options != NULL ? options : &none);
    sdk->cpu_used = mon_process_cpu_seconds();
    sdk->cpu_at = mon_monotonic_ms();
    atomic_store(&sdk->generation, atomic_load(&generation));
    atomic_store(&sdk->sender, mon_sender_start(&sdk->settings, &sdk->counters));
    pthread_mutex_lock(&alive_lock);
    sdk->next = alive;
    alive = sdk;
    pthread_mutex_unlock(&alive_lock);
    errno = error;
    return sdk;
}

bool monitoring_flush(monitoring_sdk_t *sdk, int timeout_ms) {
    if (!mon_call_begin(sdk)) {
        return false;
    }
    struct sender *sender = atomic_load(&sdk->sender);
    bool done = sender != NULL && mon_sender_flush(sender, timeout_ms);
    mon_call_end();
    return done;
}

void monitoring_close(monitoring_sdk_t *sdk, int timeout_ms) {
    if (!mon_call_begin(sdk)) {
        return;
    }
    atomic_store(&sdk->closed, true);
    struct sender *sender = atomic_load(&sdk->sender);
    if (sender != NULL && !mon_sender_close(sender, timeout_ms < 0 ? sdk->settings.close_timeout_ms : timeout_ms)) {
        mon_note_error(&sdk->counters, "the sender thread hangs, probably in the disk: what it has is not safe");
    }
    mon_call_end();
}

void monitoring_sdk_destroy(monitoring_sdk_t *sdk) {
    if (sdk == NULL) {
        return;
    }
    monitoring_close(sdk, -1);
    pthread_mutex_lock(&alive_lock);
    for (monitoring_sdk_t **at = &alive; *at != NULL; at = &(*at)->next) {
        if (*at == sdk) {
            *at = sdk->next;
            break;
        }
    }
    pthread_mutex_unlock(&alive_lock);
    struct sender *sender = atomic_load(&sdk->sender);
    if (sender != NULL && !mon_sender_close(sender, 0)) {
        return; /* its thread still uses all this */
    }
    if (sender != NULL) {
        mon_sender_free(sender);
    }
    mon_traces_free(sdk);
    mon_jobs_free(sdk);
    pthread_rwlock_destroy(&sdk->state);
    pthread_mutex_destroy(&sdk->usage);
    pthread_mutex_destroy(&sdk->counters.lock);
    free(sdk);
}

void monitoring_get_stats(monitoring_sdk_t *sdk, monitoring_stats_t *stats) {
    if (stats == NULL) {
        return;
    }
    memset(stats, 0, sizeof *stats);
    snprintf(stats->state, sizeof stats->state, "closed");
    snprintf(stats->protocol, sizeof stats->protocol, "undecided");
    if (!mon_call_begin(sdk)) {
        return;
    }
    struct counters *c = &sdk->counters;
    struct sender *sender = atomic_load(&sdk->sender);
    if (sender != NULL) {
        mon_sender_stats(sender, stats);
    }
    if (atomic_load(&sdk->closed)) {
        snprintf(stats->state, sizeof stats->state, "closed");
    }
    stats->messages = atomic_load(&c->messages);
    stats->sent = atomic_load(&c->sent);
    stats->acked = atomic_load(&c->acked);
    stats->plain = atomic_load(&c->plain);
    stats->resent = atomic_load(&c->resent);
    stats->refused = atomic_load(&c->refused);
    stats->dropped = atomic_load(&c->dropped);
    stats->spooled = atomic_load(&c->spooled);
    stats->shortened = atomic_load(&c->shortened);
    stats->left_in_spool = atomic_load(&c->left_in_spool);
    stats->spool_files_sent = atomic_load(&c->spool_files_sent);
    stats->connects = atomic_load(&c->connects);
    pthread_mutex_lock(&c->lock);
    memcpy(stats->last_error, c->last_error, sizeof stats->last_error);
    pthread_mutex_unlock(&c->lock);
    mon_call_end();
}
