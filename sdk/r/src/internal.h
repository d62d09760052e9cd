/* What the files of this package's C share. */

#ifndef MONITORINGSDK_INTERNAL_H
#define MONITORINGSDK_INTERNAL_H

#include <time.h>

#include <R.h>
#include <Rinternals.h>

double mon_seconds(clockid_t clock);
long long mon_milliseconds(void);
void mon_fill(unsigned char *some, size_t count);
int mon_append_all(int fd, const char *data, size_t size, double file_size);

/* A line that is being written. What does not fit into `small` is R's, until the .Call ends. */
struct line {
    char *text;
    size_t size, room, most;
    double strings, values, seen;   /* the limits, and what is used up of them */
    int is_cut, is_odd, is_over;
    SEXP convert;
    char small[4096];
};

int mon_is_id(SEXP v);
int mon_is_quick(SEXP handle, SEXP text);
int mon_is_ordinary(const char *type, SEXP data);
int mon_write(struct line *line, const char *head, const char *type, SEXP place, SEXP data, SEXP convert, size_t most);

SEXP mon_since_start(void);
SEXP mon_measured(SEXP last);
SEXP mon_quote(SEXP text);
SEXP mon_digits(SEXP numbers);
SEXP mon_merged(SEXP base, SEXP more);
SEXP mon_lines(SEXP data);
SEXP mon_bytes(SEXP lines);
SEXP mon_ack(SEXP line);
SEXP mon_inbox(SEXP head, SEXP flush_bytes, SEXP flush_interval, SEXP max_line);
SEXP mon_is_alive(SEXP handle);
SEXP mon_release(SEXP handle);
SEXP mon_log(SEXP handle, SEXP type, SEXP place, SEXP data, SEXP convert);
SEXP mon_accept(SEXP handle, SEXP most, SEXP fd, SEXP file_size, SEXP file_most, SEXP max_line);
SEXP mon_take(SEXP handle);
SEXP mon_held(SEXP handle);
SEXP mon_may_hold(SEXP handle);
SEXP mon_settle(SEXP traces);
SEXP mon_begin(SEXP traces, SEXP name, SEXP trace, SEXP parent);
SEXP mon_end(SEXP traces, SEXP id);
SEXP mon_tell(SEXP handle, SEXP span, SEXP end, SEXP status, SEXP tags, SEXP convert);
SEXP mon_open_span(SEXP handle, SEXP traces, SEXP name, SEXP trace, SEXP parent, SEXP tags);
SEXP mon_close_span(SEXP handle, SEXP traces, SEXP id, SEXP status, SEXP tags);

#endif
