/* What the files of this package's C share. */

#ifndef MONITORINGSDK_INTERNAL_H
#define MONITORINGSDK_INTERNAL_H

#include <time.h>

#include <R.h>
#include <Rinternals.h>

double mon_seconds(clockid_t clock);

SEXP mon_usage(void);
SEXP mon_counts(void);
SEXP mon_quote(SEXP texts, SEXP most, SEXP is_utf8);
SEXP mon_lines(SEXP data);

#endif
