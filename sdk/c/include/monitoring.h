/*
 * Sends events, metrics, progress, resource use and spans to a Monitoring Hub.
 *
 * Every function may be called from any thread, with any argument: NULL is an empty text, text that is not UTF-8 is mended, what is too long is
 * shortened. No call waits for the network or the disk but monitoring_flush and monitoring_close. errno stays as it was. A signal handler must not
 * call: what it says is not taken if it interrupted a call on its own thread.
 */
#ifndef MONITORING_H
#define MONITORING_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MONITORING_VERSION "1.0.0"
/** Bytes that hold any id of a span, with the closing zero. */
#define MONITORING_ID_SIZE 256

#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif

typedef struct monitoring_sdk monitoring_sdk_t;

typedef enum { MONITORING_NULL, MONITORING_STRING, MONITORING_INT, MONITORING_DOUBLE, MONITORING_BOOL } monitoring_type_t;

/** One member of a context or of tags. The texts need live only as long as the call. */
typedef struct {
    const char *key;
    monitoring_type_t type;
    union {
        const char *text;
        int64_t integer;
        double number;
        bool truth;
    } value;
} monitoring_pair_t;

static inline monitoring_pair_t monitoring_string(const char *key, const char *text) {
    monitoring_pair_t pair;
    pair.key = key;
    pair.type = text != NULL ? MONITORING_STRING : MONITORING_NULL;
    pair.value.text = text;
    return pair;
}

static inline monitoring_pair_t monitoring_int(const char *key, int64_t integer) {
    monitoring_pair_t pair;
    pair.key = key;
    pair.type = MONITORING_INT;
    pair.value.integer = integer;
    return pair;
}

static inline monitoring_pair_t monitoring_double(const char *key, double number) {
    monitoring_pair_t pair;
    pair.key = key;
    pair.type = MONITORING_DOUBLE;
    pair.value.number = number;
    return pair;
}

static inline monitoring_pair_t monitoring_bool(const char *key, bool truth) {
    monitoring_pair_t pair;
    pair.key = key;
    pair.type = MONITORING_BOOL;
    pair.value.truth = truth;
    return pair;
}

#ifndef __cplusplus
/** Pairs where a function takes an array and a count: monitoring_log_event(sdk, "info", "read", MONITORING_PAIRS(monitoring_int("rows", 7))). */
#define MONITORING_PAIRS(...) \
    (const monitoring_pair_t[]){__VA_ARGS__}, sizeof((const monitoring_pair_t[]){__VA_ARGS__}) / sizeof(monitoring_pair_t)
#endif
#define MONITORING_NONE NULL, 0

typedef enum { MONITORING_AUTO, MONITORING_ACKED, MONITORING_PLAIN } monitoring_protocol_t;

/** Begin with monitoring_options_default(). NULL and 0 mean: environment, else default. Times in milliseconds. */
typedef struct {
    const char *source;
    const char *host;         /**< name, address, or the absolute path of a Unix socket; MONITORING_HOST, 127.0.0.1 */
    int port;                 /**< MONITORING_PORT, 17000 */
    const char *token;        /**< MONITORING_TOKEN, none */
    monitoring_protocol_t protocol;
    int buffer;               /**< messages in memory until acknowledged; 1000 */
    int64_t staging_bytes;    /**< what may wait for the sender thread; 4194304 */
    int linger_ms;            /**< how long messages that keep coming are collected; 5 */
    int connect_timeout_ms;   /**< 2000 */
    int welcome_timeout_ms;   /**< 10000 */
    int close_timeout_ms;     /**< longest wait at the end of the process; 3000 */
    int backoff_min_ms;       /**< 100 */
    int backoff_max_ms;       /**< 30000 */
    bool no_spool;
    const char *spool_dir;    /**< MONITORING_SPOOL_DIR, <tmp>/monitoring-spool-<uid> */
    int64_t spool_bytes;      /**< 67108864 */
    const char *trace_id;     /**< MONITORING_TRACE_ID, none */
    const char *parent_span;  /**< MONITORING_PARENT_SPAN, none */
} monitoring_options_t;

monitoring_options_t monitoring_options_default(void);

/** Returns NULL only if there is no memory; every other function takes that NULL and does nothing. */
monitoring_sdk_t *monitoring_sdk_create(const char *source, const char *host, int port);
monitoring_sdk_t *monitoring_sdk_create_with(const monitoring_options_t *options);

/** level: debug, info, warn, error, fatal; other words are read as the nearest of these, else as info. */
void monitoring_log_event(monitoring_sdk_t *sdk, const char *level, const char *message, const monitoring_pair_t *context, size_t count);
void monitoring_log_metric(monitoring_sdk_t *sdk, const char *name, double value, const char *unit, const monitoring_pair_t *tags, size_t count);
void monitoring_log_progress(monitoring_sdk_t *sdk, const char *job_id, double percent, const char *status);
/**
 * What this process uses; NAN has it collected. cpu: per cent of one core since the call before, at first since the SDK was made. memory: resident, MB
 * (1048576 bytes). disk: MB that this process has read from and written to disks. network: MB through the interfaces it sees, without loopback.
 * If all four are NAN, also threads, fds (open descriptors) and children (of its first eight threads) of this process, and load1, load5, load15: the
 * host's load averages over so many minutes.
 */
void monitoring_log_resource(monitoring_sdk_t *sdk, double cpu, double memory, double disk, double network);
void monitoring_heartbeat(monitoring_sdk_t *sdk);

/**
 * Opens a span below this thread's innermost open one. trace_id NULL: that of the span above, else that of monitoring_set_trace_id, else a new one.
 * span_id, if not NULL, gets the id.
 */
void monitoring_start_span(monitoring_sdk_t *sdk, const char *name, const char *trace_id, char span_id[MONITORING_ID_SIZE]);
/** span_id NULL: this thread's innermost. status NULL: "ok". An id that another process opened is closed as well. */
void monitoring_end_span(monitoring_sdk_t *sdk, const char *span_id, const char *status, const monitoring_pair_t *tags, size_t count);
/** For all threads; NULL: none. */
void monitoring_set_trace_id(monitoring_sdk_t *sdk, const char *trace_id);
/** A member of every later event's context, for all threads, 64 at most. NULL as text of a string takes it out again. */
void monitoring_set_context(monitoring_sdk_t *sdk, monitoring_pair_t pair);
/** The present trace and span of this thread, empty if there is none: for MONITORING_TRACE_ID and MONITORING_PARENT_SPAN of a child process. */
void monitoring_current(monitoring_sdk_t *sdk, char trace_id[MONITORING_ID_SIZE], char span_id[MONITORING_ID_SIZE]);

/** Jobs: a span, progress and events joined by the job's id. subjobs 0: number unknown. */
void monitoring_start_job_analysis(monitoring_sdk_t *sdk, const char *job_id, const char *name, int subjobs, const monitoring_pair_t *tags, size_t count);
void monitoring_track_subjob(monitoring_sdk_t *sdk, const char *job_id, const char *subjob_id, const char *name);
void monitoring_end_subjob(monitoring_sdk_t *sdk, const char *job_id, const char *subjob_id, const char *status, const monitoring_pair_t *tags, size_t count);
void monitoring_end_job_analysis(monitoring_sdk_t *sdk, const char *job_id, const char *status, const monitoring_pair_t *summary, size_t count);

typedef struct {
    int64_t messages;         /**< calls that made one */
    int64_t sent;             /**< written to a connection, the first time */
    int64_t acked;
    int64_t plain;            /**< given to a server that doesn't acknowledge */
    int64_t resent;
    int64_t refused;          /**< by the hub */
    int64_t dropped;          /**< lost */
    int64_t spooled;          /**< went through the spool file */
    int64_t shortened;
    int64_t left_in_spool;    /**< at close */
    int64_t spool_files_sent; /**< of earlier processes */
    int64_t connects;
    int64_t buffered;         /**< now in memory */
    char state[16];           /**< connected, disconnected, overflow, closed */
    char protocol[16];        /**< acked, plain, undecided */
    char client[40];
    char last_error[256];
} monitoring_stats_t;

void monitoring_get_stats(monitoring_sdk_t *sdk, monitoring_stats_t *stats);

/** Waits until the hub has everything, but no longer than there is a hub; whether it has. */
bool monitoring_flush(monitoring_sdk_t *sdk, int timeout_ms);
/**
 * Sends what can be sent in this time (negative: close_timeout_ms), leaves the rest in the spool, ends the thread. Done at exit() as well. Later
 * messages count as dropped; statistics can still be read.
 */
void monitoring_close(monitoring_sdk_t *sdk, int timeout_ms);
/** Closes and frees. No other call with this sdk may be under way or follow. */
void monitoring_sdk_destroy(monitoring_sdk_t *sdk);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif

#ifdef __cplusplus
}
#endif
#endif
