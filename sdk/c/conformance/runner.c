/* Plays calls for the conformance suite: conformance/README.md says how. */
#define _DEFAULT_SOURCE
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "beside.h"
#include "monitoring.h"
#include "request.h"

static monitoring_sdk_t *sdk;

static struct member args[MAX_MEMBERS];
static size_t arg_count;

static const struct member *arg(const char *name) {
    static const struct member none;
    for (size_t i = 0; i < arg_count; i++) {
        if (strcmp(args[i].key, name) == 0) {
            return &args[i];
        }
    }
    return &none;
}

static const char *text(const char *name) {
    return arg(name)->text;
}

static double number(const char *name) {
    return text(name) == NULL ? NAN : strtod(text(name), NULL);
}

static int integer(const char *name) {
    return text(name) == NULL ? 0 : atoi(text(name));
}

static int milliseconds(const char *name) {
    return text(name) == NULL ? 0 : (int) (number(name) * 1000 + 0.5);
}

static monitoring_pair_t pairs[MAX_MEMBERS];

static monitoring_pair_t pair_of(const char *key, const struct member *m) {
    if (m->is_string || m->text == NULL) {
        return monitoring_string(key, m->text);
    }
    if (strcmp(m->text, "true") == 0 || strcmp(m->text, "false") == 0) {
        return monitoring_bool(key, *m->text == 't');
    }
    return strpbrk(m->text, ".eE") != NULL ? monitoring_double(key, strtod(m->text, NULL)) : monitoring_int(key, strtoll(m->text, NULL, 10));
}

static size_t pairs_of(const char *name) {
    struct member members[MAX_MEMBERS];
    size_t count = arg(name)->object == NULL ? 0 : read_object(arg(name)->object, members);
    for (size_t i = 0; i < count; i++) {
        pairs[i] = pair_of(members[i].key, &members[i]);
    }
    return count;
}

static void make(void) {
    monitoring_options_t o = monitoring_options_default();
    o.source = text("source");
    o.host = text("host");
    o.port = integer("port");
    o.token = text("token");
    const char *protocol = text("protocol") == NULL ? "auto" : text("protocol");
    o.protocol = strcmp(protocol, "acked") == 0 ? MONITORING_ACKED : strcmp(protocol, "plain") == 0 ? MONITORING_PLAIN : MONITORING_AUTO;
    o.buffer = integer("buffer");
    o.no_spool = text("spool") != NULL && strcmp(text("spool"), "false") == 0;
    o.spool_dir = text("spool_dir");
    o.welcome_timeout_ms = milliseconds("welcome_timeout");
    o.close_timeout_ms = milliseconds("close_timeout");
    o.backoff_min_ms = milliseconds("backoff_min");
    o.backoff_max_ms = milliseconds("backoff_max");
    sdk = monitoring_sdk_create_with(&o);
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double) t.tv_sec + (double) t.tv_nsec / 1e9;
}

static void burst(const char *prefix, int from, int to, double *seconds, double *slowest) {
    char message[64];
    double start = now(), before = start;
    *slowest = 0;
    for (int n = from; n <= to; n++) {
        snprintf(message, sizeof message, "%s%d", prefix, n);
        monitoring_log_event(sdk, "info", message, MONITORING_NONE);
        double after = now();
        *slowest = after - before > *slowest ? after - before : *slowest;
        before = after;
    }
    *seconds = before - start;
}

/* The child ends as a program does: nobody calls close. Returns its status. */
static int fork_and(void (*play)(void)) {
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        play();
        exit(0);
    }
    int status = -1;
    waitpid(pid, &status, 0);
    return status;
}

static void burst_of_child(void) {
    double seconds, slowest;
    burst("child ", integer("from"), integer("to"), &seconds, &slowest);
}

static int in_child(void) {
    return fork_and(burst_of_child);
}

/* As a daemon is: what it and its own children print goes nowhere. */
static void burst_without_streams(void) {
    double seconds, slowest;
    for (int stream = 0; stream < 3; stream++) {
        close(stream);
    }
    int middle = (integer("from") + integer("to")) / 2;
    burst("", integer("from"), middle, &seconds, &slowest);
    monitoring_flush(sdk, 5000);
    for (int stream = 1; stream < 3; stream++) {
        if (write(stream, "stray\n", 6) == 6) {
            exit(1); /* it is somebody's */
        }
    }
    if (system("echo stray; echo stray >&2") == -1) {
        exit(2);
    }
    burst("", middle + 1, integer("to"), &seconds, &slowest);
}

static int without_streams(void) {
    return fork_and(burst_without_streams);
}

struct work {
    int thread, count;
};

static void *work(void *argument) {
    struct work *w = argument;
    char message[64];
    for (int n = 0; n < w->count; n++) {
        snprintf(message, sizeof message, "%d.%d", w->thread, n);
        monitoring_log_event(sdk, "info", message, MONITORING_NONE);
    }
    return NULL;
}

static void in_threads(int threads, int count) {
    pthread_t ids[64];
    struct work works[64];
    for (int t = 0; t < threads && t < 64; t++) {
        works[t] = (struct work){t, count};
        pthread_create(&ids[t], NULL, work, &works[t]);
    }
    for (int t = 0; t < threads && t < 64; t++) {
        pthread_join(ids[t], NULL);
    }
}

static void huge(size_t bytes) {
    char *x = malloc(bytes + 1), *y = malloc(bytes + 1);
    memset(x, 'x', bytes);
    memset(y, 'y', bytes);
    x[bytes] = y[bytes] = 0;
    monitoring_log_event(sdk, "info", x, MONITORING_PAIRS(monitoring_string("text", y)));
    free(x);
    free(y);
}

static void log_bytes(const char *hex) {
    char bytes[256];
    size_t length = 0;
    for (unsigned byte; length < sizeof bytes - 1 && sscanf(hex, "%2x", &byte) == 1; hex += 2) {
        bytes[length++] = (char) byte;
    }
    bytes[length] = 0;
    monitoring_log_event(sdk, "info", bytes, MONITORING_PAIRS(monitoring_string(bytes, bytes)));
}

static int odd_values(void) {
    const double numbers[] = {NAN, INFINITY, -INFINITY, -0.0, 5e-324, 1.7976931348623157e308};
    const char *texts[] = {NULL, "", "\x01\x1f\x7f", "\xff\xfe", "\xed\xa0\x80", "\xc0\x80"};
    char id[MONITORING_ID_SIZE];
    int calls = 0;
    for (size_t n = 0; n < sizeof numbers / sizeof *numbers; n++) {
        for (size_t t = 0; t < sizeof texts / sizeof *texts; t++) {
            const char *s = texts[t];
            double d = numbers[n];
            const monitoring_pair_t both[] = {monitoring_string(s, s), monitoring_double("d", d), monitoring_double(s, d)};
            monitoring_log_event(sdk, s, s, both, 3);
            monitoring_log_event(sdk, "info", "no pairs", NULL, 3);
            monitoring_log_metric(sdk, s, d, s, both, 3);
            monitoring_log_metric(sdk, "m", d, NULL, MONITORING_NONE);
            monitoring_log_progress(sdk, s, d, s);
            monitoring_log_resource(sdk, d, d, d, d);
            monitoring_start_span(sdk, s, s, id);
            monitoring_end_span(sdk, id, s, both, 3);
            calls += 8;
        }
    }
    return calls;
}

static void print_text(const char *name, const char *value) {
    printf(",\"%s\":\"", name);
    for (; *value != 0; value++) {
        unsigned char c = (unsigned char) *value;
        printf(c < 32 || c == '"' || c == '\\' || c > 126 ? "\\u%04x" : "%c", c);
    }
    printf("\"");
}

static void print_stats(void) {
    monitoring_stats_t s;
    monitoring_get_stats(sdk, &s);
    const struct {
        const char *name;
        int64_t value;
    } counters[] = {{"sent", s.sent}, {"acked", s.acked}, {"plain", s.plain}, {"resent", s.resent}, {"refused", s.refused}, {"dropped", s.dropped},
        {"spooled", s.spooled}, {"shortened", s.shortened}, {"left_in_spool", s.left_in_spool}, {"spool_files_sent", s.spool_files_sent},
        {"connects", s.connects}, {"buffered", s.buffered}};
    printf("{\"ok\":true,\"result\":{\"messages\":%lld", (long long) s.messages);
    for (size_t i = 0; i < sizeof counters / sizeof *counters; i++) {
        printf(",\"%s\":%lld", counters[i].name, (long long) counters[i].value);
    }
    print_text("state", s.state);
    print_text("protocol", s.protocol);
    print_text("client", s.client);
    print_text("last_error", s.last_error);
    printf("}}\n");
}

static int change_folder(void) {
    return chdir(text("folder"));
}

static int change_user(void) {
    return setuid((uid_t) integer("user"));
}

/* A call whose result is a number, which it prints. */
static bool play_number(const char *c) {
    const struct {
        const char *name;
        int (*call)(void);
    } calls[] = {{"fork", in_child}, {"without_streams", without_streams}, {"odd_values", odd_values}, {"chdir", change_folder}, {"setuid", change_user}};
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        if (strcmp(c, calls[i].name) == 0) {
            printf("{\"ok\":true,\"result\":%d}\n", calls[i].call());
            return true;
        }
    }
    fprintf(stderr, "unknown call %s\n", c);
    exit(2);
}

/* Prints the answer itself where there is a result. */
static bool play(const char *c) {
    char id[MONITORING_ID_SIZE];
    double seconds, slowest;
    if (strcmp(c, "new") == 0) make();
    else if (strcmp(c, "log_event") == 0) monitoring_log_event(sdk, text("level"), text("message"), pairs, pairs_of("context"));
    else if (strcmp(c, "log_metric") == 0) monitoring_log_metric(sdk, text("name"), number("value"), text("unit"), pairs, pairs_of("tags"));
    else if (strcmp(c, "log_progress") == 0) monitoring_log_progress(sdk, text("job_id"), number("percent"), text("status"));
    else if (strcmp(c, "log_resource") == 0) monitoring_log_resource(sdk, number("cpu"), number("mem"), number("disk"), number("net"));
    else if (strcmp(c, "heartbeat") == 0) monitoring_heartbeat(sdk);
    else if (strcmp(c, "end_span") == 0) monitoring_end_span(sdk, text("span_id"), text("status"), pairs, pairs_of("tags"));
    else if (strcmp(c, "set_trace_id") == 0) monitoring_set_trace_id(sdk, text("trace_id"));
    else if (strcmp(c, "set_context") == 0) monitoring_set_context(sdk, pair_of(text("key"), arg("value")));
    else if (strcmp(c, "start_job_analysis") == 0) monitoring_start_job_analysis(sdk, text("job_id"), text("name"), integer("subjobs"), MONITORING_NONE);
    else if (strcmp(c, "track_subjob") == 0) monitoring_track_subjob(sdk, text("job_id"), text("subjob_id"), text("name"));
    else if (strcmp(c, "end_subjob") == 0) monitoring_end_subjob(sdk, text("job_id"), text("subjob_id"), text("status"), MONITORING_NONE);
    else if (strcmp(c, "end_job_analysis") == 0) monitoring_end_job_analysis(sdk, text("job_id"), text("status"), MONITORING_NONE);
    else if (strcmp(c, "close") == 0) monitoring_close(sdk, text("timeout") == NULL ? -1 : milliseconds("timeout"));
    else if (strcmp(c, "threads") == 0) in_threads(integer("threads"), integer("count"));
    else if (strcmp(c, "huge") == 0) huge((size_t) integer("bytes"));
    else if (strcmp(c, "bytes") == 0) log_bytes(text("hex"));
    else if (strcmp(c, "start_span") == 0) {
        monitoring_start_span(sdk, text("name"), text("trace_id"), id);
        printf("{\"ok\":true,\"result\":\"%s\"}\n", id);
        return true;
    } else if (strcmp(c, "flush") == 0 || strcmp(c, "flush_while_logging") == 0) {
        bool (*flush)(monitoring_sdk_t *, int) = c[5] == 0 ? monitoring_flush : flush_while_logging;
        printf("{\"ok\":true,\"result\":%s}\n", flush(sdk, milliseconds("timeout")) ? "true" : "false");
        return true;
    } else if (strcmp(c, "burst") == 0) {
        burst("", integer("from"), integer("to"), &seconds, &slowest);
        printf("{\"ok\":true,\"result\":{\"seconds\":%.9f,\"slowest\":%.9f}}\n", seconds, slowest);
        return true;
    } else if (strcmp(c, "stats") == 0) {
        print_stats();
        return true;
    } else {
        return play_number(c);
    }
    return false;
}

int main(void) {
    static char line[1000000];
    while (fgets(line, sizeof line, stdin) != NULL) {
        struct member request[MAX_MEMBERS];
        size_t count = read_object(line, request);
        const char *call = "";
        arg_count = 0;
        for (size_t i = 0; i < count; i++) {
            if (strcmp(request[i].key, "call") == 0) {
                call = request[i].text;
            } else if (request[i].object != NULL) {
                arg_count = read_object(request[i].object, args);
            }
        }
        if (!play(call)) {
            printf("{\"ok\":true,\"result\":null}\n");
        }
        fflush(stdout);
    }
    return 0;
}
