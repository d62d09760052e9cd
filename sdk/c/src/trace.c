/* Context, traces and spans. */
#define _DEFAULT_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "internal.h"

#define MAX_NAME 4096

/* --- context --- */

static void free_pair(monitoring_pair_t *pair) {
    free((char *) pair->key);
    if (pair->type == MONITORING_STRING) {
        free((char *) pair->value.text);
    }
}

void monitoring_set_context(monitoring_sdk_t *sdk, monitoring_pair_t pair) {
    if (pair.key == NULL || !mon_call_begin(sdk)) {
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
        mon_note_error(&sdk->counters, "context has %d members already", MAX_CONTEXT);
    }
    pthread_rwlock_unlock(&sdk->state);
    mon_call_end();
}

/* --- spans --- */

uint64_t mon_thread_id(void) {
    static atomic_ullong threads;
    static _Thread_local uint64_t id;
    if (id == 0) {
        id = atomic_fetch_add(&threads, 1) + 1;
    }
    return id;
}

struct open_span *mon_innermost(const monitoring_sdk_t *sdk) {
    uint64_t me = mon_thread_id();
    for (int i = sdk->span_count - 1; i >= 0; i--) {
        if (sdk->owners[i] == me) {
            return sdk->spans[i];
        }
    }
    return NULL;
}

void mon_current_ids(const monitoring_sdk_t *sdk, const char **trace, const char **span) {
    const struct open_span *inner = sdk->span_count > 0 ? mon_innermost(sdk) : NULL;
    *trace = inner != NULL ? inner->trace : sdk->trace;
    *span = **trace == 0 ? "" : inner != NULL ? inner->id : sdk->given_parent;
}

void monitoring_current(monitoring_sdk_t *sdk, char trace_id[MONITORING_ID_SIZE], char span_id[MONITORING_ID_SIZE]) {
    const char *trace = "", *span = "";
    bool good = mon_call_begin(sdk);
    if (good) {
        pthread_rwlock_rdlock(&sdk->state);
        mon_current_ids(sdk, &trace, &span);
    }
    if (trace_id != NULL) {
        snprintf(trace_id, MONITORING_ID_SIZE, "%s", trace);
    }
    if (span_id != NULL) {
        snprintf(span_id, MONITORING_ID_SIZE, "%s", span);
    }
    if (good) {
        pthread_rwlock_unlock(&sdk->state);
        mon_call_end();
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

void mon_open_span(monitoring_sdk_t *sdk, const char *name, const char *trace, const char *parent, const struct pairs tags[2], char id[MONITORING_ID_SIZE]) {
    struct open_span fresh;
    memset(&fresh, 0, sizeof fresh);
    mon_hex_id(fresh.id, 8);
    fresh.start = mon_wall_ms();
    struct open_span *kept = malloc(sizeof *kept);
    char *kept_name = strndup(name != NULL ? name : "", MAX_NAME);
    struct open_span *oldest = NULL;
    pthread_rwlock_wrlock(&sdk->state);
    const struct open_span *inner = mon_innermost(sdk);
    if (!mon_clean_identifier(fresh.trace, trace)) {
        const char *above = inner != NULL ? inner->trace : sdk->trace;
        if (*above != 0) {
            snprintf(fresh.trace, sizeof fresh.trace, "%s", above);
        } else {
            mon_hex_id(fresh.trace, 16);
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
        sdk->owners[sdk->span_count] = mon_thread_id();
        sdk->spans[sdk->span_count++] = kept;
    }
    pthread_rwlock_unlock(&sdk->state);
    if (kept == NULL || kept_name == NULL) {
        free(kept);
        free(kept_name);
    }
    free_span(oldest);
    mon_emit(sdk, &(struct message){.kind = KIND_SPAN, .trace = fresh.trace, .span = fresh.id, .parent = fresh.parent, .name = name, .start = fresh.start,
            .status = "open", .pairs = {tags[0], tags[1]}});
    if (id != NULL) {
        memcpy(id, fresh.id, sizeof fresh.id);
    }
}

void mon_close_span(monitoring_sdk_t *sdk, const char *span_id, const char *status, const struct pairs tags[2]) {
    struct open_span foreign, *span = NULL;
    memset(&foreign, 0, sizeof foreign);
    pthread_rwlock_wrlock(&sdk->state);
    const struct open_span *inner = mon_innermost(sdk);
    if (!mon_clean_identifier(foreign.id, span_id) && inner != NULL) {
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
        mon_emit(sdk, &(struct message){.kind = KIND_SPAN, .trace = s->trace, .span = s->id, .parent = s->parent, .name = s->name, .start = s->start,
                .end = mon_wall_ms(), .status = status != NULL ? status : "ok", .pairs = {tags[0], tags[1]}});
    }
    free_span(span);
}

void monitoring_start_span(monitoring_sdk_t *sdk, const char *name, const char *trace_id, char span_id[MONITORING_ID_SIZE]) {
    if (span_id != NULL) {
        span_id[0] = 0;
    }
    if (mon_call_begin(sdk)) {
        mon_open_span(sdk, name, trace_id, NULL, (struct pairs[2]){{NULL, 0}, {NULL, 0}}, span_id);
        mon_call_end();
    }
}

void monitoring_end_span(monitoring_sdk_t *sdk, const char *span_id, const char *status, const monitoring_pair_t *tags, size_t count) {
    if (mon_call_begin(sdk)) {
        mon_close_span(sdk, span_id, status, (struct pairs[2]){{tags, count}, {NULL, 0}});
        mon_call_end();
    }
}

void monitoring_set_trace_id(monitoring_sdk_t *sdk, const char *trace_id) {
    if (mon_call_begin(sdk)) {
        pthread_rwlock_wrlock(&sdk->state);
        mon_clean_identifier(sdk->trace, trace_id);
        pthread_rwlock_unlock(&sdk->state);
        mon_call_end();
    }
}

void mon_traces_free(monitoring_sdk_t *sdk) {
    while (sdk->span_count > 0) {
        free_span(take_span(sdk, sdk->span_count - 1));
    }
    while (sdk->context_count > 0) {
        free_pair(&sdk->context[--sdk->context_count]);
    }
}
