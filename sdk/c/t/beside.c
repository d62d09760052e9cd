#define _DEFAULT_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include "beside.h"

static atomic_bool logs_on;

static void *log_on(void *sdk) {
    while (atomic_load(&logs_on)) {
        monitoring_log_event(sdk, "info", "on and on", MONITORING_NONE);
        sched_yield();
    }
    return NULL;
}

bool flush_while_logging(monitoring_sdk_t *sdk, int timeout_ms) {
    pthread_t id;
    atomic_store(&logs_on, true);
    pthread_create(&id, NULL, log_on, sdk);
    bool done = monitoring_flush(sdk, timeout_ms);
    atomic_store(&logs_on, false);
    pthread_join(id, NULL);
    return done;
}
