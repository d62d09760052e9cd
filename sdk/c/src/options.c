/* What an SDK is made with: options, environment, defaults. */
#define _DEFAULT_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "internal.h"

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

/* As it is now, as an absolute path: a daemon goes to another folder later. To a private one the user's number is added later. */
static bool set_spool_folder(struct settings *s, const char *folder) {
    char here[sizeof s->spool_dir] = "";
    s->spool_private = *folder == 0;
    if (s->spool_private) {
        folder = given(NULL, "TMPDIR", "/tmp");
    }
    if (*folder != '/') {
        if (getcwd(here, sizeof here - 1) == NULL) {
            return false;
        }
        strcat(here, "/");
    }
    int length = snprintf(s->spool_dir, sizeof s->spool_dir, "%s%s%s", here, folder, s->spool_private ? "/monitoring-spool-" : "");
    return length >= 0 && (size_t) length < sizeof s->spool_dir - 32;
}

void mon_read_options(monitoring_sdk_t *sdk, const monitoring_options_t *o) {
    struct settings *s = &sdk->settings;
    if (!mon_clean_identifier(s->source, o->source)) {
        char name[64];
        program_name(name, sizeof name);
        mon_clean_identifier(s->source, name);
    }
    snprintf(s->host, sizeof s->host, "%s", given(o->host, "MONITORING_HOST", "127.0.0.1"));
    const char *port = given(NULL, "MONITORING_PORT", "17000");
    s->port = o->port > 0 ? o->port : atoi(port);
    if (s->port <= 0 || s->port > 65535) {
        mon_note_error(&sdk->counters, "port %d is none, 17000 taken", s->port);
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
    if (s->spool && !set_spool_folder(s, given(o->spool_dir, "MONITORING_SPOOL_DIR", ""))) {
        mon_note_error(&sdk->counters, "no spool: the path of its folder is too long, or relative to one that is not there");
        s->spool = false;
    }
    if (mon_clean_identifier(sdk->given_trace, given(o->trace_id, "MONITORING_TRACE_ID", ""))) {
        memcpy(sdk->trace, sdk->given_trace, sizeof sdk->trace);
    }
    mon_clean_identifier(sdk->given_parent, given(o->parent_span, "MONITORING_PARENT_SPAN", ""));
}

monitoring_options_t monitoring_options_default(void) {
    monitoring_options_t options;
    memset(&options, 0, sizeof options);
    return options;
}
