/* What the parts of the library know of each other. */
#ifndef MONITORING_INTERNAL_H
#define MONITORING_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/types.h>
#include "monitoring.h"

#define MAX_LINE 65536 /* bytes, with the newline */
#define UUID_SIZE 37

/* --- lines (json.c) --- */

/* Writes JSON into a buffer that does not grow; what doesn't fit sets `full`. */
struct writer {
    char *bytes;
    size_t size, length;
    size_t max_text;  /* bytes of one text */
    size_t max_pairs; /* left in this line */
    bool full, shortened;
};

struct pairs {
    const monitoring_pair_t *list;
    size_t count;
};

void mon_write_raw(struct writer *w, const char *text);
void mon_write_text(struct writer *w, const char *text);
void mon_write_integer(struct writer *w, int64_t value);
void mon_write_number(struct writer *w, double value);
/* Later groups override members of earlier ones. */
void mon_write_object(struct writer *w, const struct pairs *groups, size_t count);
/* A source or an id as the hub takes it: at most 255 bytes of UTF-8, no control characters. False if there is none. */
bool mon_clean_identifier(char out[MONITORING_ID_SIZE], const char *text);

/* One line of the hub; `type` is empty if it can't be read. */
struct answer {
    char type[16], code[64], reason[160];
    int64_t seq, acked, max_message;
};
void mon_read_answer(const char *line, size_t length, struct answer *answer);

/* --- the system (system.c) --- */

int64_t mon_monotonic_ms(void);
int64_t mon_wall_ms(void);
void mon_random_bytes(void *into, size_t count);
void mon_hex_id(char *out, int bytes);
void mon_new_uuid(char out[UUID_SIZE]);
/* Descriptors that a forked child must not keep: it closes all of these. */
void mon_hold_fds(void);
int mon_own_held_fd(int fd); /* of a call made since mon_hold_fds */
void mon_close_fd(int fd);
/* False if the time, below a second, was not enough: then the child does without. */
bool mon_fds_before_fork(int timeout_ms);
void mon_fds_after_fork(bool is_child, bool held);

/* --- what the process uses (usage.c) --- */

double mon_process_cpu_seconds(void);
double mon_process_memory_mb(void);
double mon_process_disk_mb(void);
double mon_host_network_mb(void);

struct counts { double threads, fds, children, loads[3]; };
void mon_process_counts(struct counts *counts);

/* --- settings (options.c) and counters, shared by all parts of one SDK --- */

struct settings {
    char source[MONITORING_ID_SIZE], host[256], token[4097], spool_dir[2048];
    int port;
    monitoring_protocol_t protocol;
    int buffer, linger_ms, connect_timeout_ms, welcome_timeout_ms, close_timeout_ms, backoff_min_ms, backoff_max_ms;
    int64_t staging_bytes, spool_bytes;
    bool spool, spool_private;
};

struct counters {
    atomic_llong messages, sent, acked, plain, resent, refused, dropped, spooled, shortened, left_in_spool, spool_files_sent, connects;
    atomic_int max_line;
    pthread_mutex_t lock;
    char last_error[256];
};
void mon_note_error(struct counters *c, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* --- lines in memory (lines.c) --- */

struct line {
    char *bytes;
    size_t length;
};

/* A queue of lines in memory; the caller keeps count at or below the capacity. */
struct lines {
    struct line *ring;
    int capacity, head, count;
};
bool mon_lines_make(struct lines *l, int capacity);
struct line *mon_lines_at(const struct lines *l, int index);
bool mon_lines_add(struct lines *l, const char *bytes, size_t length);
void mon_lines_drop_first(struct lines *l, int count);
void mon_lines_drop_last(struct lines *l);
void mon_lines_free(struct lines *l);
/* Moves the first lines behind those of `to`, of which the first are dropped where there is no room. */
void mon_lines_move(struct lines *from, int count, struct lines *to);
/* Makes room in `l` for those of `first`, and moves them to its begin; false if there is no memory. */
bool mon_lines_put_before(struct lines *first, struct lines *l);

/* --- spool (spool.c), its folder (spool_folder.c) and its files (spool_file.c): protocol/SPOOL.md; used by the sender thread --- */

/* Endings of files: free, being written here, being sent here. */
#define SPOOL_SEALED "ldjson"
#define SPOOL_OPEN "open-c"
#define SPOOL_CLAIMED "claimed-c"

struct spool {
    const struct settings *settings;
    char directory[2048], name[MONITORING_ID_SIZE];
};

/* One file as a queue: whole lines are appended at its end and taken from its beginning. */
struct spool_file {
    const struct spool *spool;
    char client[UUID_SIZE];
    int64_t first;
    char path[2600];
    int fd;
    int64_t max_bytes, bytes, read_at, read_lines, unread_lines;
};

struct clients {
    char (*list)[UUID_SIZE];
    size_t count;
};

void mon_spool_path(const struct spool *s, const char *client, int64_t first, const char *ending, char *path, size_t size);
void mon_spool_open(struct spool *s, const struct settings *settings);
struct spool_file *mon_spool_create(struct spool *s, const char *client, int64_t first);
/*
 * The oldest file that is free, now ours; NULL if there is none. *again: somebody else was choosing. Never one of the client `own`, whose session lives
 * here: a second session would end it. Nor one of `others`, who live elsewhere.
 */
struct spool_file *mon_spool_claim(struct spool *s, const char *own, const struct clients *others, bool *again);
/* Leaves everything from `first` on as sealed files, and frees `file`, which may be NULL; returns how many lines were kept. */
int64_t mon_spool_seal(struct spool *s, const char *client, int64_t first, struct lines *lines, struct spool_file *file);
bool mon_file_append(struct spool_file *f, const char *bytes, size_t length, int64_t count);
int64_t mon_file_room(const struct spool_file *f);
bool mon_file_has_unread(const struct spool_file *f);
/* Moves the next lines, so many at most, to the end of `into`; false if the file can't be read. */
bool mon_file_take(struct spool_file *f, struct lines *into, int most);
bool mon_file_is_done(const struct spool_file *f, int64_t number);
void mon_file_remove(struct spool_file *f);
void mon_file_release(struct spool_file *f);
/* Its lines go on under another client's id; false if it can't be renamed. */
bool mon_file_give_to(struct spool_file *f, const char *client);

/* --- addresses (lookup.c): a name is looked up on a thread of its own, because that can take long --- */

struct lookup;
struct lookup *mon_lookup_begin(const char *host, int port);
/* 1: found (the nth of them, counted round), 0: not yet, -1: failed, and begun anew. */
int mon_lookup_result(struct lookup **l, const char *host, int port, unsigned nth, struct sockaddr_storage *address, socklen_t *length);
void mon_lookup_leave(struct lookup *l);

/* --- session (session.c, and answers.c for what the hub says): one numbered stream of lines, and the connection it goes over; used by the sender thread --- */

enum mode { MODE_UNDECIDED, MODE_ACKED, MODE_PLAIN };

struct session {
    const struct settings *settings;
    struct counters *counters;
    char client[UUID_SIZE];
    bool own;          /* else an earlier process's, whose file is being sent */
    bool fenced;       /* the hub says that another connection has this client's id */
    bool left_open;    /* the last connection was ended here: the hub may not know yet */
    bool over;         /* somebody else sends the file: it is left to them */
    int64_t first;     /* number of lines[0] */
    struct lines lines, unsure;
    struct spool_file *file;
    int written;       /* how many of the lines went into the present connection */
    int64_t confirmed, highest;
    struct lookup *lookup;
    bool looking;
    int fd;            /* -1: down */
    bool up, welcomed;
    enum mode mode;
    int failures;
    int64_t since, retry_at, heard_at;
    char *out;         /* what is being written: room for the largest batch */
    size_t out_at, out_length;
    char *in;
    size_t in_length;
    int64_t *refused;
    size_t refused_count;
    char refusal[256];
    unsigned tries;
};

bool mon_session_make(struct session *s, const struct settings *settings, struct counters *counters, const char *client, int64_t first,
        struct spool_file *file);
void mon_session_free(struct session *s);
void mon_session_step(struct session *s, int64_t now, bool connect_now);
void mon_session_down(struct session *s, const char *why);
bool mon_session_is_down(const struct session *s);
bool mon_session_is_empty(const struct session *s);
bool mon_session_has_room(const struct session *s);
int64_t mon_session_next_number(const struct session *s);
/* When something is due without the network saying so; INT64_MAX: never. */
int64_t mon_session_due_at(const struct session *s);
/* Between the two files: */
#define IN_SIZE 65536
/* Whether something was read, and the connection stays. */
bool mon_session_read(struct session *s, int64_t now);
void mon_session_decide_mode(struct session *s, int64_t now);
/* All lines up to this number are the hub's. Only written ones can go; the rest follow when they have been written. */
void mon_session_confirm(struct session *s, int64_t number);
void mon_session_confirm_written(struct session *s);
void mon_session_forget(struct session *s, int64_t count);
/* mon_session_down, and the hub need not know it yet. */
void mon_session_give_up(struct session *s, const char *why);

/* --- sender (sender.c): the thread, and the hand-over to it --- */

struct sender;
struct sender *mon_sender_start(const struct settings *settings, struct counters *counters);
/* Takes a line with its newline, or counts it as lost. */
void mon_sender_add(struct sender *s, const char *line, size_t length);
bool mon_sender_flush(struct sender *s, int timeout_ms);
/* Ends the thread. False if it hangs in the disk: the sender must then not be freed. */
bool mon_sender_close(struct sender *s, int timeout_ms);
void mon_sender_free(struct sender *s);
void mon_sender_stats(struct sender *s, monitoring_stats_t *stats);
void mon_sender_before_fork(struct sender *s);
void mon_sender_after_fork(struct sender *s);

/* --- messages (messages.c), traces (trace.c), jobs (jobs.c), life cycle (sdk.c) --- */

enum kind { KIND_EVENT, KIND_METRIC, KIND_PROGRESS, KIND_RESOURCE, KIND_SPAN, KIND_HEARTBEAT };

struct message {
    enum kind kind;
    const char *trace, *span, *parent;    /* spans only: the others say what is current */
    const char *name, *text, *status;     /* event: level in name */
    double value;                         /* metric, progress */
    double use[4];
    const struct counts *counts;
    int64_t start, end;                   /* end 0: open */
    struct pairs pairs[2];
};

#define MAX_OPEN_SPANS 1000
#define MAX_CONTEXT 64
#define MAX_JOBS 1000

struct open_span {
    char id[MONITORING_ID_SIZE], trace[MONITORING_ID_SIZE], parent[MONITORING_ID_SIZE];
    char *name;
    int64_t start;
};

struct job;

struct monitoring_sdk {
    struct settings settings;
    struct counters counters;
    atomic_uint generation;       /* of forks, in which the sender was made */
    _Atomic(struct sender *) sender;
    atomic_bool closed;
    /* Readers build lines; writers change what follows. */
    pthread_rwlock_t state;
    monitoring_pair_t context[MAX_CONTEXT];
    size_t context_count;
    char trace[MONITORING_ID_SIZE], given_trace[MONITORING_ID_SIZE], given_parent[MONITORING_ID_SIZE];
    struct open_span *spans[MAX_OPEN_SPANS];
    uint64_t owners[MAX_OPEN_SPANS];   /* mon_thread_id */
    int span_count;
    struct job *jobs;
    int job_count;
    pthread_mutex_t usage;
    double cpu_used;
    int64_t cpu_at;
    struct monitoring_sdk *next;
};

void mon_emit(monitoring_sdk_t *sdk, const struct message *message);
/* With `state` held: what a message of this thread says about where it belongs. Empty texts if nothing. */
void mon_current_ids(const monitoring_sdk_t *sdk, const char **trace, const char **span);
void mon_traces_free(monitoring_sdk_t *sdk);
/* Of this thread, and never another's: a pthread_t is given to the next thread once its own has ended. */
uint64_t mon_thread_id(void);
/* With `state` held: this thread's innermost, or NULL. */
struct open_span *mon_innermost(const monitoring_sdk_t *sdk);
/* Remembers the span, and says that it is open. `trace` and `parent` may be empty. */
void mon_open_span(monitoring_sdk_t *sdk, const char *name, const char *trace, const char *parent, const struct pairs tags[2], char id[MONITORING_ID_SIZE]);
void mon_close_span(monitoring_sdk_t *sdk, const char *span_id, const char *status, const struct pairs tags[2]);
void mon_jobs_free(monitoring_sdk_t *sdk);
void mon_read_options(monitoring_sdk_t *sdk, const monitoring_options_t *options);
/* A call begins; false if it came out of a signal handler that interrupted another one, or there is nothing to call. */
bool mon_call_begin(monitoring_sdk_t *sdk);
void mon_call_end(void);

#endif
