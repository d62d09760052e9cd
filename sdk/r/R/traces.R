# The spans that are open, the trace outside of them, and the jobs under way. Belongs to one MonitoringSDK.

MAX_OPEN <- 1000L   # jobs

# Spans are C's business: src/spans.c.
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
  settle = function() .Call(C_mon_settle, self),
  begin = function(name, trace, parent) .Call(C_mon_begin, self, name, trace, parent),
  end = function(id) .Call(C_mon_end, self, id),

  add_job = function(id, span, trace, total) {
    if (length(self$jobs) >= MAX_OPEN) self$jobs <- self$jobs[-1]
    self$jobs[[id]] <- list(span = span, trace = trace, total = total, parts = list(), done = 0, percent = 0)
    self$jobs[[id]]
  }
))
