/* The public functions but those of trace.c: messages, life cycle, fork. */
#define _DEFAULT_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>
#include "internal.h"

#define SMALL_LINE 2048
#define MARK "\"truncated\":true"

static pthread_mutex_t alive_lock = PTHREAD_MUTEX_INITIALIZER;
static monitoring_sdk_t *alive;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static atomic_uint generation;
/* Those of the parent, in a forked child: they may have been in the middle of anything. */
static struct sender *inherited[64];
static int inherited_count;

static _Thread_local bool calling;
static _Thread_local int callers_errno;

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
        if (inherited_count < 64) {
            inherited[inherited_count++] = atomic_load(&sdk->sender);
        }
        for (int i = 0; i < sdk->span_count; i++) {
            sdk->owners[i] = pthread_self(); /* the thread that forked is the only one */
        }
        atomic_store(&sdk->sender, sender_start(&sdk->settings, c));
        atomic_store(&sdk->generation, atomic_load(&generation));
    }
    pthread_rwlock_unlock(&sdk->state);
}

bool call_begin(monitoring_sdk_t *sdk) {
    if (sdk == NULL || calling) {
        if (sdk != NULL) {
            atomic_fetch_add(&sdk->counters.dropped, 1);
        }
        return false;
    }
    calling = true;
    callers_errno = errno;
    if (atomic_load(&sdk->generation) != atomic_load(&generation)) {
        begin_anew(sdk);
    }
    return true;
}

void call_end(void) {
    errno = callers_errno;
    calling = false;
}

static void before_fork(void) {
    pthread_mutex_lock(&alive_lock);
    for (monitoring_sdk_t *sdk = alive; sdk != NULL; sdk = sdk->next) {
        struct sender *sender = atomic_load(&sdk->sender);
        pthread_rwlock_wrlock(&sdk->state);
        pthread_mutex_lock(&sdk->usage);
        if (sender != NULL) {
            sender_before_fork(sender);
        }
        pthread_mutex_lock(&sdk->counters.lock);
    }
    fds_before_fork();
}

static void release_after_fork(bool is_child) {
    fds_after_fork(is_child);
    for (monitoring_sdk_t *sdk = alive; sdk != NULL; sdk = sdk->next) {
        struct sender *sender = atomic_load(&sdk->sender);
        pthread_mutex_unlock(&sdk->counters.lock);
        if (sender != NULL) {
            sender_after_fork(sender);
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

/* --- settings --- */

static const char *given(const char *option, const char *variable, const char *otherwise) {
    const char *value = option != NULL && *option != 0 ? option : getenv(variable);
    return value != NULL && *value != 0 ? value : otherwise;
}

static int positive(int value, int otherwise) {
    return value > 0 ? value : otherwise;
}

static void program_name(char *into, size_t size) {
    FILE *file = fopen("/proc/self/comm", "r");
    if (file == NULL || fgets(into, (int) size, file) == NULL) {
        snprintf(into, size, "c");
    }
    into[strcspn(into, "\n")] = 0;
    if (file != NULL) {
        fclose(file);
    }
}

static void read_options(monitoring_sdk_t *sdk, const monitoring_options_t *o) {
    struct settings *s = &sdk->settings;
    if (!clean_identifier(s->source, o->source)) {
        char name[64];
        program_name(name, sizeof name);
        clean_identifier(s->source, name);
    }
    snprintf(s->host, sizeof s->host, "%s", given(o->host, "MONITORING_HOST", "127.0.0.1"));
    const char *port = given(NULL, "MONITORING_PORT", "17000");
    s->port = o->port > 0 ? o->port : atoi(port);
    if (s->port <= 0 || s->port > 65535) {
        note_error(&sdk->counters, "port %d is none, 17000 taken", s->port);
        s->port = 17000;
    }
    snprintf(s->token, sizeof s->token, "%s", given(o->token, "MONITORING_TOKEN", ""));
    s->protocol = o->protocol;
    s->buffer = positive(o->buffer, 1000);
    s->buffer = s->buffer > 1000000 ? 1000000 : s->buffer;
    s->staging_bytes = o->staging_bytes > 0 ? o->staging_bytes : 4194304;
    s->staging_bytes = s->staging_bytes < 2 * MAX_LINE ? 2 * MAX_LINE : s->staging_bytes;
    s->linger_ms = positive(o->linger_ms, 5);
    s->connect_timeout_ms = positive(o->connect_timeout_ms, 2000);
    s->welcome_timeout_ms = positive(o->welcome_timeout_ms, 10000);
    s->close_timeout_ms = positive(o->close_timeout_ms, 3000);
    s->backoff_min_ms = positive(o->backoff_min_ms, 100);
    s->backoff_max_ms = positive(o->backoff_max_ms, 30000);
    s->spool = !o->no_spool;
    s->spool_bytes = o->spool_bytes > 0 ? o->spool_bytes : 67108864;
    const char *folder = given(o->spool_dir, "MONITORING_SPOOL_DIR", "");
    s->spool_private = *folder == 0;
    if (s->spool_private) {
        snprintf(s->spool_dir, sizeof s->spool_dir, "%s/monitoring-spool-%lld", given(NULL, "TMPDIR", "/tmp"), (long long) geteuid());
    } else {
        snprintf(s->spool_dir, sizeof s->spool_dir, "%s", folder);
    }
    if (clean_identifier(sdk->given_trace, given(o->trace_id, "MONITORING_TRACE_ID", ""))) {
        memcpy(sdk->trace, sdk->given_trace, sizeof sdk->trace);
    }
    clean_identifier(sdk->given_parent, given(o->parent_span, "MONITORING_PARENT_SPAN", ""));
}

monitoring_options_t monitoring_options_default(void) {
    monitoring_options_t options;
    memset(&options, 0, sizeof options);
    return options;
}

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
    read_options(sdk, options != NULL ? options : &none);
    sdk->cpu_used = process_cpu_seconds();
    sdk->cpu_at = monotonic_ms();
    atomic_store(&sdk->generation, atomic_load(&generation));
    atomic_store(&sdk->sender, sender_start(&sdk->settings, &sdk->counters));
    pthread_mutex_lock(&alive_lock);
    sdk->next = alive;
    alive = sdk;
    pthread_mutex_unlock(&alive_lock);
    errno = error;
    return sdk;
}

bool monitoring_flush(monitoring_sdk_t *sdk, int timeout_ms) {
    if (!call_begin(sdk)) {
        return false;
    }
    struct sender *sender = atomic_load(&sdk->sender);
    bool done = sender != NULL && sender_flush(sender, timeout_ms);
    call_end();
    return done;
}

void monitoring_close(monitoring_sdk_t *sdk, int timeout_ms) {
    if (!call_begin(sdk)) {
        return;
    }
    if (!atomic_exchange(&sdk->closed, true)) {
        struct sender *sender = atomic_load(&sdk->sender);
        if (sender != NULL && !sender_close(sender, timeout_ms < 0 ? sdk->settings.close_timeout_ms : timeout_ms)) {
            note_error(&sdk->counters, "the sender thread hangs, probably in the disk: what it has is not safe");
        }
    }
    call_end();
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
    if (sender != NULL && !sender_close(sender, 0)) {
        return; /* its thread still uses all this */
    }
    if (sender != NULL) {
        sender_free(sender);
    }
    traces_free(sdk);
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
    if (!call_begin(sdk)) {
        return;
    }
    struct counters *c = &sdk->counters;
    struct sender *sender = atomic_load(&sdk->sender);
    if (sender != NULL) {
        sender_stats(sender, stats);
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
    call_end();
}

/* --- messages --- */

static void write_id(struct writer *w, const char *name, const char *id) {
    if (id != NULL && *id != 0) {
        write_raw(w, name);
        write_text(w, id);
    }
}

static void write_member(struct writer *w, const char *name, double value, bool *any) {
    if (isfinite(value)) {
        write_raw(w, *any ? ",\"" : "\"");
        write_raw(w, name);
        write_raw(w, "\":");
        write_number(w, value);
        *any = true;
    }
}

/* The members of data, without its closing brace. */
static void write_data(struct writer *w, const monitoring_sdk_t *sdk, const struct message *m) {
    struct pairs groups[3] = {{sdk->context, sdk->context_count}, m->pairs[0], m->pairs[1]};
    bool any = false;
    write_raw(w, "{");
    switch (m->kind) {
    case KIND_EVENT:
        write_raw(w, "\"level\":\"");
        write_raw(w, m->name);
        write_raw(w, "\",\"msg\":");
        write_text(w, m->text);
        write_raw(w, ",\"ctx\":");
        write_object(w, groups, 3);
        break;
    case KIND_METRIC:
        write_raw(w, "\"name\":");
        write_text(w, m->name);
        write_raw(w, ",\"value\":");
        write_number(w, m->value);
        write_raw(w, ",\"unit\":");
        write_text(w, m->text);
        write_raw(w, ",\"tags\":");
        write_object(w, groups + 1, 2);
        break;
    case KIND_PROGRESS:
        write_raw(w, "\"job_id\":");
        write_text(w, m->name);
        write_raw(w, ",\"percent\":");
        write_number(w, m->value);
        write_raw(w, ",\"status\":");
        write_text(w, m->status);
        break;
    case KIND_RESOURCE:
        write_member(w, "cpu", m->use[0], &any);
        write_member(w, "mem", m->use[1], &any);
        write_member(w, "disk", m->use[2], &any);
        write_member(w, "net", m->use[3], &any);
        if (m->counts != NULL) {
            write_member(w, "threads", m->counts->threads, &any);
            write_member(w, "fds", m->counts->fds, &any);
            write_member(w, "children", m->counts->children, &any);
            write_member(w, "load1", m->counts->loads[0], &any);
            write_member(w, "load5", m->counts->loads[1], &any);
            write_member(w, "load15", m->counts->loads[2], &any);
        }
        break;
    case KIND_SPAN:
        write_raw(w, "\"name\":");
        write_text(w, m->name);
        write_raw(w, ",\"start\":");
        write_integer(w, m->start);
        write_raw(w, ",\"end\":");
        if (m->end != 0) {
            write_integer(w, m->end);
        } else {
            write_raw(w, "null");
        }
        write_raw(w, ",\"status\":");
        write_text(w, m->status);
        write_raw(w, ",\"tags\":");
        write_object(w, groups + 1, 2);
        break;
    case KIND_HEARTBEAT: break;
    }
}

static void write_line(struct writer *w, const monitoring_sdk_t *sdk, const struct message *m, int64_t now, bool mark) {
    static const char *const types[] = {"event", "metric", "progress", "resource", "span", "heartbeat"};
    const char *trace = m->trace, *span = m->span;
    if (m->kind != KIND_SPAN) {
        current_ids(sdk, &trace, &span);
    }
    size_t max_text = w->max_text;
    w->max_text = MAX_LINE; /* identifiers are short already */
    write_raw(w, "{\"v\":1,\"src\":");
    write_text(w, sdk->settings.source);
    write_raw(w, ",\"ts\":");
    write_integer(w, now);
    write_raw(w, ",\"type\":\"");
    write_raw(w, types[m->kind]);
    write_raw(w, "\"");
    write_id(w, ",\"tid\":", trace);
    write_id(w, ",\"sid\":", span);
    write_id(w, ",\"pid\":", m->parent);
    write_raw(w, ",\"data\":");
    w->max_text = max_text;
    write_data(w, sdk, m);
    write_raw(w, mark ? "," MARK "}}\n" : "}}\n");
}

/* With tighter limits until the line fits. */
static bool write_long_line(struct writer *w, const monitoring_sdk_t *sdk, const struct message *m, int64_t now) {
    static const struct {
        size_t text, pairs;
    } steps[] = {{MAX_LINE, 2000}, {MAX_LINE / 2, 2000}, {8192, 1000}, {1024, 200}, {128, 100}, {32, 20}, {16, 0}};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        w->length = 0;
        w->full = w->shortened = false;
        w->max_text = steps[i].text;
        w->max_pairs = steps[i].pairs;
        write_line(w, sdk, m, now, i > 0);
        if (!w->full && (i > 0 || !w->shortened)) {
            w->shortened = i > 0;
            return true;
        }
    }
    return false;
}

void emit(monitoring_sdk_t *sdk, const struct message *m) {
    struct sender *sender = atomic_load(&sdk->sender);
    if (atomic_load(&sdk->closed) || sender == NULL) {
        atomic_fetch_add(&sdk->counters.dropped, 1);
        return;
    }
    char small[SMALL_LINE];
    char *large = NULL;
    int limit = atomic_load(&sdk->counters.max_line);
    struct writer w = {.bytes = small, .size = (size_t) (limit < SMALL_LINE ? limit : SMALL_LINE), .max_text = MAX_LINE, .max_pairs = 2000};
    int64_t now = wall_ms();
    pthread_rwlock_rdlock(&sdk->state);
    write_line(&w, sdk, m, now, false);
    bool good = !w.full && !w.shortened;
    if (!good && (large = malloc((size_t) limit)) != NULL) {
        w.bytes = large;
        w.size = (size_t) limit;
        good = write_long_line(&w, sdk, m, now);
    }
    pthread_rwlock_unlock(&sdk->state);
    if (good) {
        atomic_fetch_add(&sdk->counters.messages, 1);
        atomic_fetch_add(&sdk->counters.shortened, w.shortened ? 1 : 0);
        sender_add(sender, w.bytes, w.length);
    } else {
        atomic_fetch_add(&sdk->counters.dropped, 1);
    }
    free(large);
}

static const char *level_of(const char *word) {
    static const char *const levels[][2] = {{"info", "info"}, {"debug", "debug"}, {"warn", "warn"}, {"error", "error"}, {"fatal", "fatal"}, {"trace", "debug"},
            {"notice", "info"}, {"warning", "warn"}, {"err", "error"}, {"crit", "fatal"}, {"critical", "fatal"}};
    for (size_t i = 0; word != NULL && i < sizeof levels / sizeof *levels; i++) {
        if (strcasecmp(word, levels[i][0]) == 0) {
            return levels[i][1];
        }
    }
    return "info";
}

void monitoring_log_event(monitoring_sdk_t *sdk, const char *level, const char *message, const monitoring_pair_t *context, size_t count) {
    if (call_begin(sdk)) {
        emit(sdk, &(struct message){.kind = KIND_EVENT, .name = level_of(level), .text = message, .pairs = {{context, count}}});
        call_end();
    }
}

void monitoring_log_metric(monitoring_sdk_t *sdk, const char *name, double value, const char *unit, const monitoring_pair_t *tags, size_t count) {
    if (!call_begin(sdk)) {
        return;
    }
    if (isfinite(value) && name != NULL && *name != 0) {
        emit(sdk, &(struct message){.kind = KIND_METRIC, .name = name, .value = value, .text = unit, .pairs = {{tags, count}}});
    } else {
        /* The hub refuses these; what came instead is still worth knowing. */
        monitoring_pair_t what[] = {monitoring_string("name", name), monitoring_double("value", value), monitoring_string("unit", unit)};
        emit(sdk, &(struct message){.kind = KIND_EVENT, .name = "warn", .text = "metric without a number", .pairs = {{what, 3}, {tags, count}}});
    }
    call_end();
}

void monitoring_log_progress(monitoring_sdk_t *sdk, const char *job_id, double percent, const char *status) {
    if (call_begin(sdk)) {
        percent = !(percent > 0) ? 0 : percent > 100 ? 100 : percent;
        emit(sdk, &(struct message){.kind = KIND_PROGRESS, .name = job_id != NULL && *job_id != 0 ? job_id : "unknown", .value = percent,
                .status = status != NULL ? status : "running"});
        call_end();
    }
}

static double cpu_percent(monitoring_sdk_t *sdk) {
    pthread_mutex_lock(&sdk->usage);
    double used = process_cpu_seconds();
    int64_t now = monotonic_ms();
    double spent = used - sdk->cpu_used;
    int64_t wall = now - sdk->cpu_at;
    sdk->cpu_used = used;
    sdk->cpu_at = now;
    pthread_mutex_unlock(&sdk->usage);
    return wall > 0 && spent >= 0 ? (double) (int64_t) (spent * 100 * 1000 / (double) wall * 100 + 0.5) / 100 : 0;
}

void monitoring_log_resource(monitoring_sdk_t *sdk, double cpu, double memory, double disk, double network) {
    if (call_begin(sdk)) {
        struct counts counts;
        bool all = isnan(cpu) && isnan(memory) && isnan(disk) && isnan(network);
        if (all) {
            process_counts(&counts);
        }
        emit(sdk, &(struct message){.kind = KIND_RESOURCE, .counts = all ? &counts : NULL, .use = {isnan(cpu) ? cpu_percent(sdk) : cpu, isnan(memory) ? process_memory_mb() : memory,
                isnan(disk) ? process_disk_mb() : disk, isnan(network) ? host_network_mb() : network}});
        call_end();
    }
}

void monitoring_heartbeat(monitoring_sdk_t *sdk) {
    if (call_begin(sdk)) {
        emit(sdk, &(struct message){.kind = KIND_HEARTBEAT});
        call_end();
    }
}
