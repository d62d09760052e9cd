/* Plays commands from standard input, one a line, parts separated by tabs, \xHH for any byte; answers each with a line. For the tests in Perl. */
#define _DEFAULT_SOURCE
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "beside.h"
#include "faults.h"
#include "internal.h"

#define MAX_PARTS 64

static monitoring_sdk_t *sdk;

static void decode(char *text) {
    char *to = text;
    for (char *from = text; *from != 0; from++) {
        unsigned byte;
        if (from[0] == '\\' && from[1] == 'x' && sscanf(from + 2, "%2x", &byte) == 1) {
            *to++ = (char) byte;
            from += 3;
        } else {
            *to++ = *from;
        }
    }
    *to = 0;
}

/* type:key=value, with s, i, d, b or z as type */
static size_t read_pairs(char **parts, size_t count, monitoring_pair_t *pairs) {
    for (size_t i = 0; i < count; i++) {
        char *value = strchr(parts[i], '=');
        *value++ = 0;
        char *key = parts[i] + 2;
        switch (parts[i][0]) {
        case 'i': pairs[i] = monitoring_int(key, strtoll(value, NULL, 10)); break;
        case 'd': pairs[i] = monitoring_double(key, strtod(value, NULL)); break;
        case 'b': pairs[i] = monitoring_bool(key, *value == '1'); break;
        case 'z': pairs[i] = monitoring_string(key, NULL); break;
        default: pairs[i] = monitoring_string(key, value);
        }
    }
    return count;
}

static void make(char **parts, size_t count) {
    monitoring_options_t o = monitoring_options_default();
    for (size_t i = 1; i < count; i++) {
        char *value = strchr(parts[i], '=');
        *value++ = 0;
        const char *name = parts[i];
        int number = atoi(value);
        if (strcmp(name, "source") == 0) o.source = value;
        else if (strcmp(name, "host") == 0) o.host = value;
        else if (strcmp(name, "port") == 0) o.port = number;
        else if (strcmp(name, "token") == 0) o.token = value;
        else if (strcmp(name, "protocol") == 0) o.protocol = strcmp(value, "acked") == 0 ? MONITORING_ACKED : strcmp(value, "plain") == 0 ? MONITORING_PLAIN : MONITORING_AUTO;
        else if (strcmp(name, "buffer") == 0) o.buffer = number;
        else if (strcmp(name, "staging_bytes") == 0) o.staging_bytes = number;
        else if (strcmp(name, "spool_dir") == 0) o.spool_dir = value;
        else if (strcmp(name, "spool_bytes") == 0) o.spool_bytes = number;
        else if (strcmp(name, "no_spool") == 0) o.no_spool = number != 0;
        else if (strcmp(name, "backoff_min_ms") == 0) o.backoff_min_ms = number;
        else if (strcmp(name, "backoff_max_ms") == 0) o.backoff_max_ms = number;
        else if (strcmp(name, "welcome_timeout_ms") == 0) o.welcome_timeout_ms = number;
        else if (strcmp(name, "close_timeout_ms") == 0) o.close_timeout_ms = number;
        else if (strcmp(name, "trace_id") == 0) o.trace_id = value;
        else { fprintf(stderr, "unknown option %s\n", name); exit(2); }
    }
    sdk = monitoring_sdk_create_with(&o);
}

static void print_stats(void) {
    monitoring_stats_t s;
    monitoring_get_stats(sdk, &s);
    printf("messages=%lld\tsent=%lld\tacked=%lld\tplain=%lld\tresent=%lld\trefused=%lld\tdropped=%lld\tspooled=%lld\tshortened=%lld\t"
           "left_in_spool=%lld\tspool_files_sent=%lld\tconnects=%lld\tbuffered=%lld\tstate=%s\tprotocol=%s\tclient=%s\tlast_error=%s\n",
           (long long) s.messages, (long long) s.sent, (long long) s.acked, (long long) s.plain, (long long) s.resent, (long long) s.refused,
           (long long) s.dropped, (long long) s.spooled, (long long) s.shortened, (long long) s.left_in_spool, (long long) s.spool_files_sent,
           (long long) s.connects, (long long) s.buffered, s.state, s.protocol, s.client, s.last_error);
}

struct work {
    int thread, count;
};

static void *log_many(void *argument) {
    struct work *w = argument;
    char text[64], id[MONITORING_ID_SIZE];
    for (int n = 1; n <= w->count; n++) {
        snprintf(text, sizeof text, "%d.%d", w->thread, n);
        monitoring_log_event(sdk, "info", text, MONITORING_NONE);
        if (n % 100 == 0) {
            monitoring_start_span(sdk, text, NULL, id);
            monitoring_set_context(sdk, monitoring_int("thread", w->thread));
            monitoring_end_span(sdk, id, NULL, MONITORING_NONE);
        }
    }
    return NULL;
}

static void run_threads(int threads, int count) {
    pthread_t ids[64];
    struct work works[64];
    for (int t = 0; t < threads; t++) {
        works[t] = (struct work){t + 1, count};
        pthread_create(&ids[t], NULL, log_many, &works[t]);
    }
    for (int t = 0; t < threads; t++) {
        pthread_join(ids[t], NULL);
    }
}

static void in_thread(void *(*function)(void *), void *argument) {
    pthread_t id;
    pthread_create(&id, NULL, function, argument);
    pthread_join(id, NULL);
}

static void *leave_span(void *name) {
    monitoring_start_span(sdk, name, NULL, NULL);
    return NULL;
}

static void *print_current(void *unused) {
    char trace[MONITORING_ID_SIZE], span[MONITORING_ID_SIZE];
    monitoring_current(sdk, trace, span);
    printf("%s\t%s\n", trace, span);
    return unused;
}

static void *close_slowly(void *unused) {
    monitoring_close(sdk, 600000);
    return unused;
}

/* exit() in the middle of another thread's close. */
static void exit_while_closing(void) {
    pthread_t id;
    monitoring_stats_t stats = {.client = ""};
    pthread_create(&id, NULL, close_slowly, NULL);
    pthread_detach(id);
    while (strcmp(stats.state, "closed") != 0) {
        monitoring_get_stats(sdk, &stats);
    }
    exit(0);
}

static sem_t begun;

static void *flush_in_vain(void *unused) {
    sem_post(&begun);
    monitoring_flush(sdk, 200);
    return unused;
}

/* The first thing in flush that a cancelled thread can end at is with a lock taken. */
static void cancel_in_flush(void) {
    pthread_t id;
    sem_init(&begun, 0, 0);
    pthread_create(&id, NULL, flush_in_vain, NULL);
    sem_wait(&begun);
    pthread_cancel(id);
    pthread_join(id, NULL);
}

static void fork_from_handler(int signal) {
    (void) signal;
    if (fork() == 0) {
        _exit(0);
    }
}

static void log_from_handler(int signal) {
    (void) signal;
    monitoring_log_event(sdk, "info", "handler", MONITORING_NONE);
}

/* With SA_RESTART, which signal() implies, but not under ThreadSanitizer: an alarm must not end the reading of commands. */
static void handle_alarms(void (*handler)(int)) {
    signal(SIGCHLD, SIG_IGN);   /* no zombies */
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
    sigaction(SIGALRM, &action, NULL);
}

static double burst(int from, int to) {
    struct timespec start, end;
    char text[32];
    clock_gettime(CLOCK_MONOTONIC, &start);
    for (int n = from; n <= to; n++) {
        snprintf(text, sizeof text, "%d", n);
        monitoring_log_event(sdk, "info", text, MONITORING_NONE);
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    return (double) (end.tv_sec - start.tv_sec) + (double) (end.tv_nsec - start.tv_nsec) / 1e9;
}

/* A context of n members with texts of that size. */
static void big_context(int members, int size) {
    monitoring_pair_t *pairs = calloc((size_t) members, sizeof *pairs);
    char *text = malloc((size_t) size + 1);
    char (*keys)[16] = calloc((size_t) members, 16);
    memset(text, 'v', (size_t) size);
    text[size] = 0;
    for (int i = 0; i < members; i++) {
        snprintf(keys[i], 16, "key%d", i);
        pairs[i] = monitoring_string(keys[i], text);
    }
    monitoring_log_event(sdk, "info", "big", pairs, (size_t) members);
    free(keys);
    free(text);
    free(pairs);
}

static void play(char *line);

static void play_forked(void) {
    char lines[32][1024];
    int count = 0;
    while (count < 32 && fgets(lines[count], sizeof lines[count], stdin) != NULL && strncmp(lines[count], "end", 3) != 0) {
        count++;
    }
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        if (freopen("/dev/null", "w", stdout) == NULL) {
            _exit(9);
        }
        for (int i = 0; i < count; i++) {
            play(lines[i]);
        }
        exit(0);
    }
    int status = -1;
    waitpid(pid, &status, 0);
    printf("%d\n", status);
}

static void play(char *line) {
    char *parts[MAX_PARTS] = {NULL};
    monitoring_pair_t pairs[MAX_PARTS];
    size_t count = 0;
    char id[MONITORING_ID_SIZE], other[MONITORING_ID_SIZE];
    line[strcspn(line, "\n")] = 0;
    for (char *rest = line; rest != NULL && count < MAX_PARTS;) {
        parts[count++] = strsep(&rest, "\t");
    }
    for (size_t i = 0; i < count; i++) {
        decode(parts[i]);
    }
    const char *c = parts[0];
    /* "NULL" stands for NULL. */
    for (size_t i = 1; i < count; i++) {
        parts[i] = strcmp(parts[i], "NULL") == 0 ? NULL : parts[i];
    }
#define NUMBER(i) (parts[i] != NULL ? atoi(parts[i]) : 0)
#define REAL(i) (parts[i] != NULL ? strtod(parts[i], NULL) : NAN)
#define PAIRS(i) pairs, count > (i) && parts[i] != NULL ? read_pairs(parts + (i), count - (i), pairs) : 0
    if (strcmp(c, "new") == 0) make(parts, count);
    else if (strcmp(c, "event") == 0) monitoring_log_event(sdk, parts[1], parts[2], PAIRS(3));
    else if (strcmp(c, "metric") == 0) monitoring_log_metric(sdk, parts[1], REAL(2), parts[3], PAIRS(4));
    else if (strcmp(c, "progress") == 0) monitoring_log_progress(sdk, parts[1], REAL(2), parts[3]);
    else if (strcmp(c, "resource") == 0) monitoring_log_resource(sdk, REAL(1), REAL(2), REAL(3), REAL(4));
    else if (strcmp(c, "heartbeat") == 0) monitoring_heartbeat(sdk);
    else if (strcmp(c, "trace") == 0) monitoring_set_trace_id(sdk, parts[1]);
    else if (strcmp(c, "context") == 0) monitoring_set_context(sdk, (read_pairs(parts + 1, 1, pairs), pairs[0]));
    else if (strcmp(c, "end_span") == 0) monitoring_end_span(sdk, parts[1], parts[2], PAIRS(3));
    else if (strcmp(c, "job") == 0) monitoring_start_job_analysis(sdk, parts[1], parts[2], NUMBER(3), PAIRS(4));
    else if (strcmp(c, "part") == 0) monitoring_track_subjob(sdk, parts[1], parts[2], parts[3]);
    else if (strcmp(c, "end_part") == 0) monitoring_end_subjob(sdk, parts[1], parts[2], parts[3], PAIRS(4));
    else if (strcmp(c, "end_job") == 0) monitoring_end_job_analysis(sdk, parts[1], parts[2], PAIRS(3));
    else if (strcmp(c, "close") == 0) monitoring_close(sdk, NUMBER(1));
    else if (strcmp(c, "destroy") == 0) { monitoring_sdk_destroy(sdk); sdk = NULL; }
    else if (strcmp(c, "threads") == 0) run_threads(NUMBER(1), NUMBER(2));
    else if (strcmp(c, "big") == 0) big_context(NUMBER(1), NUMBER(2));
    else if (faults_set(c, NUMBER(1))) { }
    else if (strcmp(c, "kill") == 0) raise(SIGKILL);
    else if (strcmp(c, "handler") == 0) handle_alarms(log_from_handler);
    else if (strcmp(c, "forking_handler") == 0) handle_alarms(fork_from_handler);
    else if (strcmp(c, "exit_while_closing") == 0) exit_while_closing();
    else if (strcmp(c, "cancel_in_flush") == 0) cancel_in_flush();
    else if (strcmp(c, "leave_span") == 0) in_thread(leave_span, parts[1]);
    else if (strcmp(c, "close_descriptors") == 0) { for (int fd = 3; fd < 1024; fd++) close(fd); }
    else if (strcmp(c, "alarm") == 0) ualarm((useconds_t) NUMBER(1), (useconds_t) NUMBER(1));
    else if (strcmp(c, "exit") == 0) exit(NUMBER(1));
    else if (strcmp(c, "fork") == 0) { play_forked(); return; }
    else if (strcmp(c, "start_span") == 0) { monitoring_start_span(sdk, parts[1], parts[2], id); printf("%s\n", id); return; }
    else if (strcmp(c, "current") == 0) { monitoring_current(sdk, id, other); printf("%s\t%s\n", id, other); return; }
    else if (strcmp(c, "burst") == 0) { printf("%.6f\n", burst(NUMBER(1), NUMBER(2))); return; }
    else if (strcmp(c, "seen") == 0) { printf("%d\n", faults_seen(parts[1])); return; }
    else if (strcmp(c, "current_in_thread") == 0) { in_thread(print_current, NULL); return; }
    else if (strcmp(c, "flush_while_logging") == 0) { printf("%d\n", flush_while_logging(sdk, NUMBER(1))); return; }
    else if (strcmp(c, "flush") == 0) { printf("%d\n", monitoring_flush(sdk, NUMBER(1))); return; }
    else if (strcmp(c, "stats") == 0) { print_stats(); return; }
    else if (strcmp(c, "answer") == 0) {
        struct answer a;
        mon_read_answer(parts[1], strlen(parts[1]), &a);
        printf("%s\t%lld\t%lld\t%lld\t%s\t%s\n", a.type, (long long) a.seq, (long long) a.acked, (long long) a.max_message, a.code, a.reason);
        return;
    } else { fprintf(stderr, "unknown command %s\n", c); exit(2); }
    printf("ok\n");
}

int main(void) {
    static char line[400000];
    while (fgets(line, sizeof line, stdin) != NULL && strcmp(line, "quit\n") != 0) {
        play(line);
        fflush(stdout);
    }
    monitoring_sdk_destroy(sdk);
    return 0;
}
