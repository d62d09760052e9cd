/* The spans that are open: a list of lists in R's `traces`, which survives serialization. Nothing here raises an error but a lack of memory. */

#include <stdio.h>
#include <string.h>

#include "internal.h"

#define MAX_OPEN 1000

enum part { ID, TRACE, PARENT, NAME, START, PARTS };

static SEXP field(SEXP traces, const char *name) { return findVarInFrame(traces, install(name)); }

static void set(SEXP traces, const char *name, SEXP v) { defineVar(install(name), v, traces); }

static SEXP named(R_xlen_t count, const char *const *names)
{
    SEXP list = PROTECT(allocVector(VECSXP, count)), texts = PROTECT(allocVector(STRSXP, count));
    for (R_xlen_t i = 0; i < count; i++)
        SET_STRING_ELT(texts, i, mkChar(names[i]));
    setAttrib(list, R_NamesSymbol, texts);
    UNPROTECT(2);
    return list;
}

static SEXP hex_id(size_t count)
{
    char digits[2 * 16 + 1];
    unsigned char some[16];
    mon_fill(some, count);
    for (size_t i = 0; i < count; i++)
        snprintf(digits + 2 * i, 3, "%02x", some[i]);
    return mkString(digits);
}

static const char *text_of(SEXP v) { return isNull(v) ? "" : CHAR(STRING_ELT(v, 0)); }

static SEXP place_of(SEXP trace, SEXP span, SEXP parent)
{
    const SEXP parts[] = {trace, span, parent};
    SEXP place = allocVector(STRSXP, isNull(trace) ? 0 : 3);
    for (R_xlen_t i = 0; i < XLENGTH(place); i++)
        SET_STRING_ELT(place, i, isNull(parts[i]) ? NA_STRING : STRING_ELT(parts[i], 0));
    return place;
}

/* All but the one at `without`, then `last` unless it is NULL. Says where later messages belong. */
static void put_spans(SEXP traces, SEXP spans, R_xlen_t without, SEXP last)
{
    R_xlen_t count = XLENGTH(spans) - (without >= 0), to = 0;
    SEXP now = PROTECT(allocVector(VECSXP, count + !isNull(last)));
    for (R_xlen_t i = 0; i < XLENGTH(spans); i++)
        if (i != without)
            SET_VECTOR_ELT(now, to++, VECTOR_ELT(spans, i));
    if (!isNull(last))
        SET_VECTOR_ELT(now, to, last);
    set(traces, "spans", now);
    mon_settle(traces);
    UNPROTECT(1);
}

/* Sets what every message but a span says about where it belongs. */
SEXP mon_settle(SEXP traces)
{
    SEXP spans = field(traces, "spans");
    R_xlen_t count = XLENGTH(spans);
    SEXP inner = count > 0 ? VECTOR_ELT(spans, count - 1) : R_NilValue;
    SEXP place = PROTECT(count > 0 ? place_of(VECTOR_ELT(inner, TRACE), VECTOR_ELT(inner, ID), R_NilValue)
                                   : place_of(field(traces, "outer"), field(traces, "parent_span"), R_NilValue));
    set(traces, "place", place);
    UNPROTECT(1);
    return R_NilValue;
}

/* The new span. */
SEXP mon_begin(SEXP traces, SEXP name, SEXP trace, SEXP parent)
{
    static const char *const names[] = {"id", "trace", "parent", "name", "start"};
    SEXP spans = field(traces, "spans"), first = field(traces, "first_trace");
    R_xlen_t count = XLENGTH(spans);
    SEXP inner = count > 0 ? VECTOR_ELT(spans, count - 1) : R_NilValue;
    if (isNull(trace))
        trace = count > 0 ? VECTOR_ELT(inner, TRACE) : field(traces, "outer");
    PROTECT(trace = isNull(trace) ? hex_id(16) : trace);
    if (isNull(parent) && count > 0 && strcmp(text_of(VECTOR_ELT(inner, TRACE)), text_of(trace)) == 0)
        parent = VECTOR_ELT(inner, ID);
    else if (isNull(parent) && count == 0 && strcmp(text_of(first), text_of(trace)) == 0)
        parent = field(traces, "parent_span");      /* opened for this process by another one */
    SEXP span = PROTECT(named(PARTS, names));
    SET_VECTOR_ELT(span, ID, hex_id(8));
    SET_VECTOR_ELT(span, TRACE, trace);
    SET_VECTOR_ELT(span, PARENT, parent);
    SET_VECTOR_ELT(span, NAME, name);
    SET_VECTOR_ELT(span, START, ScalarReal((double)mon_milliseconds()));
    put_spans(traces, spans, count >= MAX_OPEN ? 0 : -1, span);
    UNPROTECT(2);
    return span;
}

/* The span with this id, else the innermost one; NULL if there is no such span in this process. */
SEXP mon_end(SEXP traces, SEXP id)
{
    SEXP spans = field(traces, "spans");
    R_xlen_t at = XLENGTH(spans) - 1;
    while (at >= 0 && !isNull(id) && strcmp(text_of(VECTOR_ELT(VECTOR_ELT(spans, at), ID)), text_of(id)) != 0)
        at--;
    if (at < 0)
        return R_NilValue;
    SEXP span = PROTECT(VECTOR_ELT(spans, at));
    put_spans(traces, spans, at, R_NilValue);
    UNPROTECT(1);
    return span;
}

/* Logs it, as mon_log does. */
SEXP mon_tell(SEXP handle, SEXP span, SEXP end, SEXP status, SEXP tags, SEXP convert)
{
    static const char *const names[] = {"name", "start", "end", "status", "tags"};
    SEXP data = PROTECT(named(PARTS, names)), type = PROTECT(mkString("span"));
    SEXP place = PROTECT(place_of(VECTOR_ELT(span, TRACE), VECTOR_ELT(span, ID), VECTOR_ELT(span, PARENT)));
    SET_VECTOR_ELT(data, 0, VECTOR_ELT(span, NAME));
    SET_VECTOR_ELT(data, 1, VECTOR_ELT(span, START));
    SET_VECTOR_ELT(data, 2, end);
    SET_VECTOR_ELT(data, 3, status);
    SET_VECTOR_ELT(data, 4, isNull(tags) ? allocVector(VECSXP, 0) : tags);
    SEXP told = mon_log(handle, type, place, data, convert);
    UNPROTECT(3);
    return told;
}

/* What `finished` is if the span is told, and nothing else has to be done; else list(what mon_log said, the span). */
static SEXP told(SEXP handle, SEXP span, SEXP end, SEXP status, SEXP tags, SEXP finished)
{
    SEXP said = PROTECT(mon_tell(handle, span, end, status, tags, R_NilValue));
    if (!isNull(said)) {
        finished = allocVector(VECSXP, 2);
        SET_VECTOR_ELT(finished, 0, said);
        SET_VECTOR_ELT(finished, 1, span);
    }
    UNPROTECT(1);
    return finished;
}

/* With ordinary arguments only, else FALSE, and nothing has happened. The id of the new span. */
SEXP mon_open_span(SEXP handle, SEXP traces, SEXP name, SEXP trace, SEXP parent, SEXP tags)
{
    if (!isNull(trace) || !isNull(parent) || !mon_is_quick(handle, name))
        return ScalarLogical(FALSE);
    SEXP span = PROTECT(mon_begin(traces, name, trace, parent)), status = PROTECT(mkString("open"));
    SEXP result = told(handle, span, R_NilValue, status, tags, VECTOR_ELT(span, ID));
    UNPROTECT(2);
    return result;
}

SEXP mon_close_span(SEXP handle, SEXP traces, SEXP id, SEXP status, SEXP tags)
{
    if (!mon_is_quick(handle, status) || (!isNull(id) && !mon_is_quick(handle, id)))
        return ScalarLogical(FALSE);
    SEXP span = PROTECT(mon_end(traces, id));
    if (isNull(span)) {
        UNPROTECT(1);
        return ScalarLogical(FALSE);
    }
    SEXP end = PROTECT(ScalarReal((double)mon_milliseconds())), result = told(handle, span, end, status, tags, R_NilValue);
    UNPROTECT(2);
    return result;
}
