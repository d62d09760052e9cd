/*
 * What a call costs the application: p50, p99, p99.9 of four kinds of messages in turn.
 *   call-cost [PORT [CALLS [PAUSE_US]]]     a port where nothing listens shows the costs with the hub down
 */
#define _DEFAULT_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "monitoring.h"

static int64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t) now.tv_sec * 1000000000 + now.tv_nsec;
}

static int by_size(const void *a, const void *b) {
    int64_t x = *(const int64_t *) a, y = *(const int64_t *) b;
    return x < y ? -1 : x > y;
}

int main(int count, char **arguments) {
    int port = count > 1 ? atoi(arguments[1]) : 1;
    int calls = count > 2 ? atoi(arguments[2]) : 200000;
    int pause = count > 3 ? atoi(arguments[3]) : 0;
    int64_t *costs = calloc((size_t) calls, sizeof *costs);
    monitoring_sdk_t *sdk = monitoring_sdk_create("call-cost", "127.0.0.1", port);
    char span[MONITORING_ID_SIZE];
    if (costs == NULL || sdk == NULL || calls < 1000) {
        return 2;
    }
    monitoring_start_span(sdk, "run", NULL, span);
    for (int i = 0; i < calls; i++) {
        struct timespec wait = {0, pause * 1000L};
        int64_t from = now_ns();
        switch (i % 4) {
        case 0: monitoring_log_event(sdk, "info", "order taken", MONITORING_PAIRS(monitoring_string("order", "A-4711"), monitoring_int("rows", i))); break;
        case 1: monitoring_log_metric(sdk, "queue.wait", i * 0.25, "ms", MONITORING_PAIRS(monitoring_string("queue", "nightly"))); break;
        case 2: monitoring_log_progress(sdk, "job-1", i * 100.0 / calls, "running"); break;
        default: monitoring_log_event(sdk, "debug", "nothing to do", MONITORING_NONE);
        }
        costs[i] = now_ns() - from;
        if (pause > 0) {
            nanosleep(&wait, NULL);
        }
    }
    monitoring_end_span(sdk, span, NULL, MONITORING_NONE);
    qsort(costs, (size_t) calls, sizeof *costs, by_size);
    printf("%d calls: p50 %.2f us, p99 %.2f us, p99.9 %.2f us, most %.1f us\n", calls, (double) costs[calls / 2] / 1e3,
            (double) costs[(size_t) calls * 99 / 100] / 1e3, (double) costs[(size_t) calls * 999 / 1000] / 1e3, (double) costs[calls - 1] / 1e3);
    monitoring_close(sdk, -1);
    monitoring_stats_t stats;
    monitoring_get_stats(sdk, &stats);
    printf("acked %lld, plain %lld, left in the spool %lld, dropped %lld\n", (long long) stats.acked, (long long) stats.plain, (long long) stats.left_in_spool,
            (long long) stats.dropped);
    monitoring_sdk_destroy(sdk);
    free(costs);
    return 0;
}
