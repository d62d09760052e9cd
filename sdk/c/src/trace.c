/* Context, traces, spans, and jobs made of them. */
#define _DEFAULT_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "internal.h"

#define MAX_NAME 4096
#define MAX_PARTS 1000

struct part {
    char id[MONITORING_ID_SIZE], span[MONITORING_ID_SIZE];
    struct part *next;
};

struct job {
    char id[MONITORING_ID_SIZE], span[MONITORING_ID_SIZE], trace[MONITORING_ID_SIZE];
    int total, done, percent, part_count;
    struct part *parts; /* the latest first */
    struct job *next;
};

/* --- context --- */

static void free_pair(monitoring_pair_t *pair) {
    free((char *) pair->key);
    if (pair->type == MONITORING_STRING) {
        free((char *) pair->value.text);
    }
}

void monitoring_set_context(monitoring_sdk_t *sdk, monitoring_pair_t pair) {
    if (pair.key == NULL || !call_begin(sdk)) {
        return;
    }
    bool removes = pair.type == MONITORING_NULL || (pair.type == MONITORING_STRING && pair.value.text == NULL);
    pthread_rwlock_wrlock(&sdk->state);
    size_t at = 0;
    while (at < sdk->context_count && strcmp(sdk->context[at].key, pair.key) != 0) {
        at++;
    }
    bool known = at < sdk->context_count;
    if (removes && known) {
        free_pair(&sdk->context[at]);
        memmove(&sdk->context[at], &sdk->context[at + 1], (--sdk->context_count - at) * sizeof pair);
    } else if (!removes && (known || at < MAX_CONTEXT)) {
        monitoring_pair_t copy = pair;
        copy.key = strndup(pair.key, MAX_NAME);
        if (pair.type == MONITORING_STRING) {
            copy.value.text = strndup(pair.value.text, MAX_NAME);
        }
        if (copy.key == NULL || (pair.type == MONITORING_STRING && copy.value.text == NULL)) {
            free_pair(&copy);
        } else {
            if (known) {
                free_pair(&sdk->context[at]);
            }
            sdk->context[at] = copy;
            sdk->context_count += known ? 0 : 1;
        }
    } else if (!removes) {
        note_error(&sdk->counters, "context has %d members already", MAX_CONTEXT);
    }
    pthread_rwlock_unlock(&sdk->state);
    call_end();
}

/* --- spans --- */

/* With `state` held: this thread's innermost, or NULL. */
static struct open_span *innermost(const monitoring_sdk_t *sdk) {
    pthread_t me = pthread_self();
    for (int i = sdk->span_count - 1; i >= 0; i--) {
        if (pthread_equal(sdk->owners[i], me)) {
            return sdk->spans[i];
        }
    }
    return NULL;
}

void current_ids(const monitoring_sdk_t *sdk, const char **trace, const char **span) {
    const struct open_span *inner = sdk->span_count > 0 ? innermost(sdk) : NULL;
    *trace = inner != NULL ? inner->trace : sdk->trace;
    *span = **trace == 0 ? "" : inner != NULL ? inner->id : sdk->given_parent;
}

void monitoring_current(monitoring_sdk_t *sdk, char trace_id[MONITORING_ID_SIZE], char span_id[MONITORING_ID_SIZE]) {
    const char *trace = "", *span = "";
    bool good = call_begin(sdk);
    if (good) {
        pthread_rwlock_rdlock(&sdk->state);
        current_ids(sdk, &trace, &span);
    }
    if (trace_id != NULL) {
        snprintf(trace_id, MONITORING_ID_SIZE, "%s", trace);
    }
    if (span_id != NULL) {
        snprintf(span_id, MONITORING_ID_SIZE, "%s", span);
    }
    if (good) {
        pthread_rwlock_unlock(&sdk->state);
        call_end();
    }
}

static void free_span(struct open_span *span) {
    if (span != NULL) {
        free(span->name);
        free(span);
    }
}

/* With `state` held. */
static struct open_span *take_span(monitoring_sdk_t *sdk, int index) {
    struct open_span *span = sdk->spans[index];
    int behind = --sdk->span_count - index;
    memmove(&sdk->spans[index], &sdk->spans[index + 1], (size_t) behind * sizeof *sdk->spans);
    memmove(&sdk->owners[index], &sdk->owners[index + 1], (size_t) behind * sizeof *sdk->owners);
    return span;
}

/* Remembers the span, and says that it is open. `trace` and `parent` may be empty. */
static void open_span(monitoring_sdk_t *sdk, const char *name, const char *trace, const char *parent, const struct pairs tags[2], char id[MONITORING_ID_SIZE]) {
    struct open_span fresh;
    memset(&fresh, 0, sizeof fresh);
    hex_id(fresh.id, 8);
    fresh.start = wall_ms();
    struct open_span *kept = malloc(sizeof *kept);
    char *kept_name = strndup(name != NULL ? name : "", MAX_NAME);
    struct open_span *oldest = NULL;
    pthread_rwlock_wrlock(&sdk->state);
    const struct open_span *inner = innermost(sdk);
    if (!clean_identifier(fresh.trace, trace)) {
        const char *above = inner != NULL ? inner->trace : sdk->trace;
        if (*above != 0) {
            snprintf(fresh.trace, sizeof fresh.trace, "%s", above);
        } else {
            hex_id(fresh.trace, 16);
        }
    }
    if (parent != NULL && *parent != 0) {
        snprintf(fresh.parent, sizeof fresh.parent, "%s", parent);
    } else if (inner != NULL && strcmp(inner->trace, fresh.trace) == 0) {
        memcpy(fresh.parent, inner->id, sizeof fresh.parent);
    } else if (inner == NULL && strcmp(sdk->given_trace, fresh.trace) == 0) {
        /* The span that another process has opened for this one. */
        memcpy(fresh.parent, sdk->given_parent, sizeof fresh.parent);
    }
    if (kept != NULL && kept_name != NULL) {
        if (sdk->span_count == MAX_OPEN_SPANS) {
            oldest = take_span(sdk, 0);
        }
        *kept = fresh;
        kept->name = kept_name;
        sdk->owners[sdk->span_count] = pthread_self();
        sdk->spans[sdk->span_count++] = kept;
    }
    pthread_rwlock_unlock(&sdk->state);
    if (kept == NULL || kept_name == NULL) {
        free(kept);
        free(kept_name);
    }
    free_span(oldest);
    emit(sdk, &(struct message){.kind = KIND_SPAN, .trace = fresh.trace, .span = fresh.id, .parent = fresh.parent, .name = name, .start = fresh.start,
            .status = "open", .pairs = {tags[0], tags[1]}});
    if (id != NULL) {
        memcpy(id, fresh.id, sizeof fresh.id);
    }
}

static void close_span(monitoring_sdk_t *sdk, const char *span_id, const char *status, const struct pairs tags[2]) {
    struct open_span foreign, *span = NULL;
    memset(&foreign, 0, sizeof foreign);
    pthread_rwlock_wrlock(&sdk->state);
    const struct open_span *inner = innermost(sdk);
    if (!clean_identifier(foreign.id, span_id) && inner != NULL) {
        memcpy(foreign.id, inner->id, sizeof foreign.id);
    }
    for (int i = sdk->span_count - 1; i >= 0 && span == NULL; i--) {
        span = strcmp(sdk->spans[i]->id, foreign.id) == 0 ? take_span(sdk, i) : NULL;
    }
    /* One that another process opened: the hub joins the two by the id. */
    const char *trace = inner != NULL && inner != span ? inner->trace : sdk->trace;
    snprintf(foreign.trace, sizeof foreign.trace, "%s", *trace != 0 ? trace : "unknown");
    pthread_rwlock_unlock(&sdk->state);
    if (foreign.id[0] != 0) {
        const struct open_span *s = span != NULL ? span : &foreign;
        emit(sdk, &(struct message){.kind = KIND_SPAN, .trace = s->trace, .span = s->id, .parent = s->parent, .name = s->name, .start = s->start,
                .end = wall_ms(), .status = status != NULL ? status : "ok", .pairs = {tags[0], tags[1]}});
    }
    free_span(span);
}

void monitoring_start_span(monitoring_sdk_t *sdk, const char *name, const char *trace_id, char span_id[MONITORING_ID_SIZE]) {
    if (span_id != NULL) {
        span_id[0] = 0;
    }
    if (call_begin(sdk)) {
        open_span(sdk, name, trace_id, NULL, (struct pairs[2]){{NULL, 0}, {NULL, 0}}, span_id);
        call_end();
    }
}

void monitoring_end_span(monitoring_sdk_t *sdk, const char *span_id, const char *status, const monitoring_pair_t *tags, size_t count) {
    if (call_begin(sdk)) {
        close_span(sdk, span_id, status, (struct pairs[2]){{tags, count}, {NULL, 0}});
        call_end();
    }
}

void monitoring_set_trace_id(monitoring_sdk_t *sdk, const char *trace_id) {
    if (call_begin(sdk)) {
        pthread_rwlock_wrlock(&sdk->state);
        clean_identifier(sdk->trace, trace_id);
        pthread_rwlock_unlock(&sdk->state);
        call_end();
    }
}

/* --- jobs --- */

static void clean_or_unknown(char out[MONITORING_ID_SIZE], const char *id) {
    if (!clean_identifier(out, id)) {
        strcpy(out, "unknown");
    }
}

/* With `state` held for writing; NULL if there is none, and none can be made. */
static struct job *job_of(monitoring_sdk_t *sdk, const char *id, bool make) {
    struct job *job = sdk->jobs;
    while (job != NULL && strcmp(job->id, id) != 0) {
        job = job->next;
    }
    if (job == NULL && make && sdk->job_count < MAX_JOBS && (job = calloc(1, sizeof *job)) != NULL) {
        snprintf(job->id, sizeof job->id, "%s", id);
        job->next = sdk->jobs;
        sdk->jobs = job;
        sdk->job_count++;
    }
    return job;
}

void monitoring_start_job_analysis(monitoring_sdk_t *sdk, const char *job_id, const char *name, int subjobs, const monitoring_pair_t *tags, size_t count) {
    if (!call_begin(sdk)) {
        return;
    }
    char id[MONITORING_ID_SIZE], span[MONITORING_ID_SIZE], title[MONITORING_ID_SIZE + 8];
    clean_or_unknown(id, job_id);
    snprintf(title, sizeof title, "job %s", id);
    monitoring_pair_t joined[] = {monitoring_string("job_id", id), monitoring_string("name", name)};
    open_span(sdk, name != NULL ? name : title, NULL, NULL, (struct pairs[2]){{tags, count}, {joined, 1}}, span);
    pthread_rwlock_wrlock(&sdk->state);
    struct job *job = job_of(sdk, id, true);
    if (job != NULL) {
        const struct open_span *inner = innermost(sdk);
        memcpy(job->span, span, sizeof job->span);
        snprintf(job->trace, sizeof job->trace, "%s", inner != NULL ? inner->trace : "");
        job->total = subjobs;
        job->done = job->percent = 0;
    }
    pthread_rwlock_unlock(&sdk->state);
    emit(sdk, &(struct message){.kind = KIND_EVENT, .name = "info", .text = "job started", .pairs = {{joined, name != NULL ? 2 : 1}}});
    emit(sdk, &(struct message){.kind = KIND_PROGRESS, .name = id, .status = "started"});
    call_end();
}

void monitoring_track_subjob(monitoring_sdk_t *sdk, const char *job_id, const char *subjob_id, const char *name) {
    if (!call_begin(sdk)) {
        return;
    }
    char id[MONITORING_ID_SIZE], part_id[MONITORING_ID_SIZE], parent[MONITORING_ID_SIZE] = "", trace[MONITORING_ID_SIZE] = "", span[MONITORING_ID_SIZE];
    clean_or_unknown(id, job_id);
    clean_or_unknown(part_id, subjob_id);
    pthread_rwlock_wrlock(&sdk->state);
    struct job *job = job_of(sdk, id, true);
    if (job != NULL) {
        memcpy(parent, job->span, sizeof parent);
        memcpy(trace, job->trace, sizeof trace);
    }
    pthread_rwlock_unlock(&sdk->state);
    monitoring_pair_t joined[] = {monitoring_string("job_id", id), monitoring_string("subjob_id", part_id)};
    open_span(sdk, name != NULL ? name : part_id, trace, parent, (struct pairs[2]){{NULL, 0}, {joined, 2}}, span);
    struct part *part = calloc(1, sizeof *part);
    pthread_rwlock_wrlock(&sdk->state);
    job = job_of(sdk, id, false);
    if (part != NULL && job != NULL && job->part_count < MAX_PARTS) {
        memcpy(part->id, part_id, sizeof part->id);
        memcpy(part->span, span, sizeof part->span);
        part->next = job->parts;
        job->parts = part;
        job->part_count++;
        part = NULL;
    }
    pthread_rwlock_unlock(&sdk->state);
    free(part);
    call_end();
}

void monitoring_end_subjob(monitoring_sdk_t *sdk, const char *job_id, const char *subjob_id, const char *status, const monitoring_pair_t *tags, size_t count) {
    if (!call_begin(sdk)) {
        return;
    }
    char id[MONITORING_ID_SIZE], part_id[MONITORING_ID_SIZE], text[2 * MONITORING_ID_SIZE];
    clean_or_unknown(id, job_id);
    clean_or_unknown(part_id, subjob_id);
    status = status != NULL ? status : "ok";
    struct part *part = NULL;
    int percent = 0;
    pthread_rwlock_wrlock(&sdk->state);
    struct job *job = job_of(sdk, id, false);
    for (struct part **at = job != NULL ? &job->parts : NULL; at != NULL && *at != NULL && part == NULL; at = part == NULL ? &(*at)->next : at) {
        if (strcmp((*at)->id, part_id) == 0) {
            part = *at;
            *at = part->next;
            job->part_count--;
            job->done++;
            int done = job->total > 0 ? (int) (100LL * job->done / job->total) : job->percent;
            job->percent = done > 99 ? 99 : done; /* 100 is said at the end of the job */
            percent = job->percent;
            break;
        }
    }
    pthread_rwlock_unlock(&sdk->state);
    if (part != NULL) {
        monitoring_pair_t joined[] = {monitoring_string("job_id", id), monitoring_string("subjob_id", part_id)};
        close_span(sdk, part->span, status, (struct pairs[2]){{tags, count}, {joined, 2}});
        snprintf(text, sizeof text, "%s: %.200s", part_id, status);
        emit(sdk, &(struct message){.kind = KIND_PROGRESS, .name = id, .value = percent, .status = strcmp(status, "ok") == 0 ? "running" : text});
        free(part);
    }
    call_end();
}

void monitoring_end_job_analysis(monitoring_sdk_t *sdk, const char *job_id, const char *status, const monitoring_pair_t *summary, size_t count) {
    if (!call_begin(sdk)) {
        return;
    }
    char id[MONITORING_ID_SIZE];
    clean_or_unknown(id, job_id);
    status = status != NULL ? status : "ok";
    bool ok = strcmp(status, "ok") == 0;
    pthread_rwlock_wrlock(&sdk->state);
    struct job *job = NULL;
    for (struct job **at = &sdk->jobs; *at != NULL; at = &(*at)->next) {
        if (strcmp((*at)->id, id) == 0) {
            job = *at;
            *at = job->next;
            sdk->job_count--;
            break;
        }
    }
    pthread_rwlock_unlock(&sdk->state);
    while (job != NULL && job->parts != NULL) {
        struct part *part = job->parts;
        job->parts = part->next;
        monitoring_pair_t joined[] = {monitoring_string("job_id", id), monitoring_string("subjob_id", part->id)};
        close_span(sdk, part->span, "abandoned", (struct pairs[2]){{NULL, 0}, {joined, 2}});
        free(part);
    }
    monitoring_pair_t joined[] = {monitoring_string("job_id", id), monitoring_string("status", status)};
    emit(sdk, &(struct message){.kind = KIND_PROGRESS, .name = id, .value = ok ? 100 : job != NULL ? job->percent : 0, .status = ok ? "done" : status});
    emit(sdk, &(struct message){.kind = KIND_EVENT, .name = ok ? "info" : "error", .text = "job ended", .pairs = {{summary, count}, {joined, 2}}});
    if (job != NULL && job->span[0] != 0) {
        close_span(sdk, job->span, status, (struct pairs[2]){{summary, count}, {joined, 1}});
    }
    free(job);
    call_end();
}

void traces_free(monitoring_sdk_t *sdk) {
    while (sdk->span_count > 0) {
        free_span(take_span(sdk, sdk->span_count - 1));
    }
    while (sdk->context_count > 0) {
        free_pair(&sdk->context[--sdk->context_count]);
    }
    while (sdk->jobs != NULL) {
        struct job *job = sdk->jobs;
        sdk->jobs = job->next;
        while (job->parts != NULL) {
            struct part *part = job->parts;
            job->parts = part->next;
            free(part);
        }
        free(job);
    }
}
