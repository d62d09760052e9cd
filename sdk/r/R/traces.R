# The spans that are open, the trace outside of them, and the jobs under way. Belongs to one MonitoringSDK.

MAX_OPEN <- 1000L

Traces <- R6Class("Traces", class = FALSE, cloneable = FALSE, public = list(
  first_trace = NULL, parent_span = NULL, outer = NULL, spans = list(), jobs = list(),
  place = NULL,       # what every message but a span says about where it belongs

  initialize = function(trace, parent_span) {
    self$first_trace <- trace
    self$parent_span <- parent_span
    self$set(trace)
  },

  set = function(trace) {
    self$outer <- trace
    self$settle()
  },

  innermost = function() if (length(self$spans)) self$spans[[length(self$spans)]],
  trace = function() if (length(self$spans)) self$innermost()$trace else self$outer,
  span = function() if (length(self$spans)) self$innermost()$id else self$parent_span,
  settle = function() {
    inner <- self$innermost()
    self$place <- if (is.null(inner)) place(self$outer, self$parent_span) else c(inner$trace, inner$id)
  },

  begin = function(name, trace, parent) {
    inner <- self$innermost()
    if (is.null(trace)) trace <- if (is.null(inner)) self$outer else inner$trace
    if (is.null(trace)) trace <- hex_id(16)
    if (is.null(parent)) {
      if (!is.null(inner)) {
        if (inner$trace == trace) parent <- inner$id
      } else if (!is.null(self$first_trace) && trace == self$first_trace) {
        parent <- self$parent_span      # opened for this process by another one
      }
    }
    span <- list(id = hex_id(8), trace = trace, parent = parent, name = name, start = now_ms())
    if (length(self$spans) >= MAX_OPEN) self$spans <- self$spans[-1]
    self$spans <- c(self$spans, list(span))
    self$place <- c(trace, span$id)
    span
  },

  # The span with this id, else the innermost one; NULL if there is no such span in this process.
  end = function(id) {
    if (length(self$spans) == 0L) return(NULL)
    at <- length(self$spans)
    if (!is.null(id) && self$spans[[at]]$id != id) at <- match(id, vapply(self$spans, function(s) s$id, ""))
    if (is.na(at)) return(NULL)
    span <- self$spans[[at]]
    self$spans <- self$spans[-at]
    self$settle()
    span
  },

  add_job = function(id, span, trace, total) {
    if (length(self$jobs) >= MAX_OPEN) self$jobs <- self$jobs[-1]
    self$jobs[[id]] <- list(span = span, trace = trace, total = total, parts = list(), done = 0, percent = 0)
    self$jobs[[id]]
  }
))

# Trace, span and the span above it.
place <- function(trace, span, parent = NULL) {
  if (is.null(trace)) character() else c(trace, if (is.null(span)) NA else span, if (is.null(parent)) NA else parent)
}
