/* Jobs: spans, progress and events joined by the job's id. */
#define _DEFAULT_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "internal.h"

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

static void clean_or_unknown(char out[MONITORING_ID_SIZE], const char *id) {
    if (!mon_clean_identifier(out, id)) {
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
    if (!mon_call_begin(sdk)) {
        return;
    }
    char id[MONITORING_ID_SIZE], span[MONITORING_ID_SIZE], title[MONITORING_ID_SIZE + 8];
    clean_or_unknown(id, job_id);
    snprintf(title, sizeof title, "job %s", id);
    monitoring_pair_t joined[] = {monitoring_string("job_id", id), monitoring_string("name", name)};
    mon_open_span(sdk, name != NULL ? name : title, NULL, NULL, (struct pairs[2]){{tags, count}, {joined, 1}}, span);
    pthread_rwlock_wrlock(&sdk->state);
    struct job *job = job_of(sdk, id, true);
    if (job != NULL) {
        const struct open_span *inner = mon_innermost(sdk);
        memcpy(job->span, span, sizeof job->span);
        snprintf(job->trace, sizeof job->trace, "%s", inner != NULL ? inner->trace : "");
        job->total = subjobs;
        job->done = job->percent = 0;
    }
    pthread_rwlock_unlock(&sdk->state);
    mon_emit(sdk, &(struct message){.kind = KIND_EVENT, .name = "info", .text = "job started", .pairs = {{joined, name != NULL ? 2 : 1}}});
    mon_emit(sdk, &(struct message){.kind = KIND_PROGRESS, .name = id, .status = "started"});
    mon_call_end();
}

void monitoring_track_subjob(monitoring_sdk_t *sdk, const char *job_id, const char *subjob_id, const char *name) {
    if (!mon_call_begin(sdk)) {
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
    mon_open_span(sdk, name != NULL ? name : part_id, trace, parent, (struct pairs[2]){{NULL, 0}, {joined, 2}}, span);
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
    mon_call_end();
}

void monitoring_end_subjob(monitoring_sdk_t *sdk, const char *job_id, const char *subjob_id, const char *status, const monitoring_pair_t *tags, size_t count) {
    if (!mon_call_begin(sdk)) {
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
        mon_close_span(sdk, part->span, status, (struct pairs[2]){{tags, count}, {joined, 2}});
        snprintf(text, sizeof text, "%s: %.200s", part_id, status);
        mon_emit(sdk, &(struct message){.kind = KIND_PROGRESS, .name = id, .value = percent, .status = strcmp(status, "ok") == 0 ? "running" : text});
        free(part);
    }
    mon_call_end();
}

void monitoring_end_job_analysis(monitoring_sdk_t *sdk, const char *job_id, const char *status, const monitoring_pair_t *summary, size_t count) {
    if (!mon_call_begin(sdk)) {
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
        mon_close_span(sdk, part->span, "abandoned", (struct pairs[2]){{NULL, 0}, {joined, 2}});
        free(part);
    }
    monitoring_pair_t joined[] = {monitoring_string("job_id", id), monitoring_string("status", status)};
    mon_emit(sdk, &(struct message){.kind = KIND_PROGRESS, .name = id, .value = ok ? 100 : job != NULL ? job->percent : 0, .status = ok ? "done" : status});
    mon_emit(sdk, &(struct message){.kind = KIND_EVENT, .name = ok ? "info" : "error", .text = "job ended", .pairs = {{summary, count}, {joined, 2}}});
    if (job != NULL && job->span[0] != 0) {
        mon_close_span(sdk, job->span, status, (struct pairs[2]){{summary, count}, {joined, 1}});
    }
    free(job);
    mon_call_end();
}

void mon_jobs_free(monitoring_sdk_t *sdk) {
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
