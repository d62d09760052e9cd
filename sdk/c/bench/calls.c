/* The calls that sdk/benchmarks/run times, in C: prints what each took in nanoseconds. sdk/benchmarks/README.md says with which arguments. */
#define _DEFAULT_SOURCE
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "monitoring.h"

typedef void call_t(int n);

struct kind {
    const char *name;
    call_t *call;
    int64_t *took;
};

static monitoring_sdk_t *sdk;
static FILE *out;

static void log_event(int n) {
    monitoring_log_event(sdk, "info", "Job started", MONITORING_PAIRS(monitoring_string("job_id", "12345"), monitoring_int("attempt", n)));
}

static void span(int n) {
    char id[MONITORING_ID_SIZE];
    (void) n;
    monitoring_start_span(sdk, "step", NULL, id);
    monitoring_end_span(sdk, id, NULL, MONITORING_NONE);
}

static void resource(int n) {
    (void) n;
    monitoring_log_resource(sdk, NAN, NAN, NAN, NAN);
}

static void line(int n) {
    char at[32];
    time_t now = time(NULL);
    struct tm parts;
    strftime(at, sizeof at, "%Y-%m-%d %H:%M:%S", localtime_r(&now, &parts));
    fprintf(out, "%s INFO Job started job_id=%s attempt=%d\n", at, "12345", n);
}

static int64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t) now.tv_sec * 1000000000 + now.tv_nsec;
}

static int64_t timed(call_t *call, int n) {
    int64_t start = now_ns();
    call(n);
    return now_ns() - start;
}

static void report(const char *variant, const struct kind *kind, int count) {
    printf("%s %s", variant, kind->name);
    for (int i = 0; i < count; i++) {
        printf(" %lld", (long long) kind->took[i]);
    }
    putchar('\n');
}

static void settle(void) {
    if (sdk != NULL) {
        monitoring_flush(sdk, 2000);
    }
}

/* A burst of each kind, then all in turn with pauses. */
static void measure(struct kind *kinds, size_t count, int warm_up, int burst, int paced, int pause_us) {
    struct timespec pause = {0, pause_us * 1000L};
    for (int n = 0; n < warm_up; n++) {
        for (size_t k = 0; k < count; k++) {
            kinds[k].call(n);
        }
    }
    settle();
    for (size_t k = 0; k < count; k++) {
        for (int n = 0; n < burst; n++) {
            kinds[k].took[n] = timed(kinds[k].call, n);
        }
        report("burst", &kinds[k], burst);
        settle();
    }
    for (int n = 0; n < paced; n++) {
        for (size_t k = 0; k < count; k++) {
            kinds[k].took[n] = timed(kinds[k].call, n);
            nanosleep(&pause, NULL);
        }
    }
    for (size_t k = 0; k < count; k++) {
        report("paced", &kinds[k], paced);
    }
}

int main(int count, char **arguments) {
    if (count < 6) {
        return 2;
    }
    bool logger = strcmp(arguments[1], "logger") == 0, resources = strcmp(arguments[1], "resource") == 0;
    int warm_up = atoi(arguments[2]), burst = atoi(arguments[3]), paced = atoi(arguments[4]), pause_us = atoi(arguments[5]);
    size_t most = (size_t) (burst > paced ? burst : paced);
    struct kind kinds[] = {{"event", logger ? line : log_event, calloc(most, sizeof(int64_t))}, {"span", span, calloc(most, sizeof(int64_t))}};
    if (resources) {
        kinds[0].name = "resource";
        kinds[0].call = resource;
    }
    if (logger) {
        out = count > 6 ? fopen(arguments[6], "w") : NULL;
    } else {
        sdk = monitoring_sdk_create("cost-c", NULL, 0);
    }
    if ((out == NULL && sdk == NULL) || kinds[0].took == NULL || kinds[1].took == NULL) {
        return 2;
    }
    if (logger) {
        setvbuf(out, NULL, _IOLBF, BUFSIZ);
        puts("with fprintf, line buffered");
    }
    measure(kinds, logger || resources ? 1 : 2, warm_up, burst, paced, pause_us);
    if (logger) {
        fclose(out);
    } else {
        monitoring_stats_t stats;
        monitoring_close(sdk, 2000);
        monitoring_get_stats(sdk, &stats);
        printf("acked %lld\ndropped %lld\n", (long long) stats.acked, (long long) stats.dropped);
        monitoring_sdk_destroy(sdk);
    }
    free(kinds[0].took);
    free(kinds[1].took);
    return 0;
}
