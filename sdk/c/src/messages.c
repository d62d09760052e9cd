/* Messages: their lines, and the calls that make them. */
#define _DEFAULT_SOURCE
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "internal.h"

#define SMALL_LINE 2048
#define MARK "\"truncated\":true"

static void write_id(struct writer *w, const char *name, const char *id) {
    if (id != NULL && *id != 0) {
        mon_write_raw(w, name);
        mon_write_text(w, id);
    }
}

static void write_member(struct writer *w, const char *name, double value, bool *any) {
    if (isfinite(value)) {
        mon_write_raw(w, *any ? ",\"" : "\"");
        mon_write_raw(w, name);
        mon_write_raw(w, "\":");
        mon_write_number(w, value);
        *any = true;
    }
}

/* The members of data, without its closing brace. */
static void write_data(struct writer *w, const monitoring_sdk_t *sdk, const struct message *m) {
    struct pairs groups[3] = {{sdk->context, sdk->context_count}, m->pairs[0], m->pairs[1]};
    bool any = false;
    mon_write_raw(w, "{");
    switch (m->kind) {
    case KIND_EVENT:
        mon_write_raw(w, "\"level\":\"");
        mon_write_raw(w, m->name);
        mon_write_raw(w, "\",\"msg\":");
        mon_write_text(w, m->text);
        mon_write_raw(w, ",\"ctx\":");
        mon_write_object(w, groups, 3);
        break;
    case KIND_METRIC:
        mon_write_raw(w, "\"name\":");
        mon_write_text(w, m->name);
        mon_write_raw(w, ",\"value\":");
        mon_write_number(w, m->value);
        mon_write_raw(w, ",\"unit\":");
        mon_write_text(w, m->text);
        mon_write_raw(w, ",\"tags\":");
        mon_write_object(w, groups + 1, 2);
        break;
    case KIND_PROGRESS:
        mon_write_raw(w, "\"job_id\":");
        mon_write_text(w, m->name);
        mon_write_raw(w, ",\"percent\":");
        mon_write_number(w, m->value);
        mon_write_raw(w, ",\"status\":");
        mon_write_text(w, m->status);
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
        mon_write_raw(w, "\"name\":");
        mon_write_text(w, m->name);
        mon_write_raw(w, ",\"start\":");
        mon_write_integer(w, m->start);
        mon_write_raw(w, ",\"end\":");
        if (m->end != 0) {
            mon_write_integer(w, m->end);
        } else {
            mon_write_raw(w, "null");
        }
        mon_write_raw(w, ",\"status\":");
        mon_write_text(w, m->status);
        mon_write_raw(w, ",\"tags\":");
        mon_write_object(w, groups + 1, 2);
        break;
    case KIND_HEARTBEAT: break;
    }
}

static void write_line(struct writer *w, const monitoring_sdk_t *sdk, const struct message *m, int64_t now, bool mark) {
    static const char *const types[] = {"event", "metric", "progress", "resource", "span", "heartbeat"};
    const char *trace = m->trace, *span = m->span;
    if (m->kind != KIND_SPAN) {
        mon_current_ids(sdk, &trace, &span);
    }
    size_t max_text = w->max_text;
    w->max_text = MAX_LINE; /* identifiers are short already */
    mon_write_raw(w, "{\"v\":1,\"src\":");
    mon_write_text(w, sdk->settings.source);
    mon_write_raw(w, ",\"ts\":");
    mon_write_integer(w, now);
    mon_write_raw(w, ",\"type\":\"");
    mon_write_raw(w, types[m->kind]);
    mon_write_raw(w, "\"");
    write_id(w, ",\"tid\":", trace);
    write_id(w, ",\"sid\":", span);
    write_id(w, ",\"pid\":", m->parent);
    mon_write_raw(w, ",\"data\":");
    w->max_text = max_text;
    write_data(w, sdk, m);
    mon_write_raw(w, mark ? "," MARK "}}\n" : "}}\n");
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

void mon_emit(monitoring_sdk_t *sdk, const struct message *m) {
    struct sender *sender = atomic_load(&sdk->sender);
    if (atomic_load(&sdk->closed) || sender == NULL) {
        atomic_fetch_add(&sdk->counters.dropped, 1);
        return;
    }
    char small[SMALL_LINE];
    char *large = NULL;
    int limit = atomic_load(&sdk->counters.max_line);
    struct writer w = {.bytes = small, .size = (size_t) (limit < SMALL_LINE ? limit : SMALL_LINE), .max_text = MAX_LINE, .max_pairs = 2000};
    int64_t now = mon_wall_ms();
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
        mon_sender_add(sender, w.bytes, w.length);
    } else {
        atomic_fetch_add(&sdk->counters.dropped, 1);
    }
    free(large);
}

/* Of ASCII only: in a Turkish locale strcasecmp knows no "WARNING". */
static bool is_word(const char *a, const char *lower) {
    for (; *a != 0 && (*a >= 'A' && *a <= 'Z' ? *a + 'a' - 'A' : *a) == *lower; a++) {
        lower++;
    }
    return *a == 0 && *lower == 0;
}

static const char *level_of(const char *word) {
    static const char *const levels[][2] = {{"info", "info"}, {"debug", "debug"}, {"warn", "warn"}, {"error", "error"}, {"fatal", "fatal"}, {"trace", "debug"},
            {"notice", "info"}, {"warning", "warn"}, {"err", "error"}, {"crit", "fatal"}, {"critical", "fatal"}};
    for (size_t i = 0; word != NULL && i < sizeof levels / sizeof *levels; i++) {
        if (is_word(word, levels[i][0])) {
            return levels[i][1];
        }
    }
    return "info";
}

void monitoring_log_event(monitoring_sdk_t *sdk, const char *level, const char *message, const monitoring_pair_t *context, size_t count) {
    if (mon_call_begin(sdk)) {
        mon_emit(sdk, &(struct message){.kind = KIND_EVENT, .name = level_of(level), .text = message, .pairs = {{context, count}}});
        mon_call_end();
    }
}

void monitoring_log_metric(monitoring_sdk_t *sdk, const char *name, double value, const char *unit, const monitoring_pair_t *tags, size_t count) {
    if (!mon_call_begin(sdk)) {
        return;
    }
    if (isfinite(value) && name != NULL && *name != 0) {
        mon_emit(sdk, &(struct message){.kind = KIND_METRIC, .name = name, .value = value, .text = unit, .pairs = {{tags, count}}});
    } else {
        /* The hub refuses these; what came instead is still worth knowing. */
        monitoring_pair_t what[] = {monitoring_string("name", name), monitoring_double("value", value), monitoring_string("unit", unit)};
        mon_emit(sdk, &(struct message){.kind = KIND_EVENT, .name = "warn", .text = "metric without a number", .pairs = {{what, 3}, {tags, count}}});
    }
    mon_call_end();
}

void monitoring_log_progress(monitoring_sdk_t *sdk, const char *job_id, double percent, const char *status) {
    if (mon_call_begin(sdk)) {
        percent = !(percent > 0) ? 0 : percent > 100 ? 100 : percent;
        mon_emit(sdk, &(struct message){.kind = KIND_PROGRESS, .name = job_id != NULL && *job_id != 0 ? job_id : "unknown", .value = percent,
                .status = status != NULL ? status : "running"});
        mon_call_end();
    }
}

static double cpu_percent(monitoring_sdk_t *sdk) {
    pthread_mutex_lock(&sdk->usage);
    double used = mon_process_cpu_seconds();
    int64_t now = mon_monotonic_ms();
    double spent = used - sdk->cpu_used;
    int64_t wall = now - sdk->cpu_at;
    sdk->cpu_used = used;
    sdk->cpu_at = now;
    pthread_mutex_unlock(&sdk->usage);
    return wall > 0 && spent >= 0 ? (double) (int64_t) (spent * 100 * 1000 / (double) wall * 100 + 0.5) / 100 : 0;
}

void monitoring_log_resource(monitoring_sdk_t *sdk, double cpu, double memory, double disk, double network) {
    if (mon_call_begin(sdk)) {
        struct counts counts;
        bool all = isnan(cpu) && isnan(memory) && isnan(disk) && isnan(network);
        if (all) {
            mon_process_counts(&counts);
        }
        mon_emit(sdk, &(struct message){.kind = KIND_RESOURCE, .counts = all ? &counts : NULL, .use = {isnan(cpu) ? cpu_percent(sdk) : cpu, isnan(memory) ? mon_process_memory_mb() : memory,
                isnan(disk) ? mon_process_disk_mb() : disk, isnan(network) ? mon_host_network_mb() : network}});
        mon_call_end();
    }
}

void monitoring_heartbeat(monitoring_sdk_t *sdk) {
    if (mon_call_begin(sdk)) {
        mon_emit(sdk, &(struct message){.kind = KIND_HEARTBEAT});
        mon_call_end();
    }
}
