# What applications call. man/MonitoringSDK.Rd describes it for them.

LEVELS <- c(debug = "debug", info = "info", warn = "warn", error = "error", fatal = "fatal", trace = "debug", notice = "info", warning = "warn",
            err = "error", crit = "fatal", critical = "fatal")

NO_MEMBERS <- list()

# Evaluates its arguments: an error in them is the application's own.
forced <- list

MonitoringSDK <- R6Class("MonitoringSDK", cloneable = FALSE, public = list(

  # Arguments of all methods are evaluated before the guard.
  initialize = function(source = NULL, ...) {
    given <- list(...)
    force(source)
    private$guarded("new", function() private$set_up(source, given))
  },

  # --- messages ---

  # These two, spans and what is measured are quick while nothing about them is unusual: then C does all that can fail.
  log_event = function(level = "info", message = NULL, context = NULL, ...) {
    data <- list(level = level, msg = message, ctx = .Call(C_mon_merged, private$context, context))
    kept <- ...length() == 0L
    if (kept) kept <- .Call(C_mon_log, private$inbox, "event", private$traces$place, data, NULL)
    if (!is.null(kept)) private$guarded("log_event", function() if (kept) private$sender$work() else private$event(level, message, context), ...length())
    invisible(NULL)
  },

  log_metric = function(name = NULL, value = NULL, unit = NULL, tags = NULL, ...) {
    data <- list(name = name, value = value, unit = unit, tags = if (is.null(tags)) NO_MEMBERS else tags)
    kept <- ...length() == 0L
    if (kept) kept <- .Call(C_mon_log, private$inbox, "metric", private$traces$place, data, NULL)
    if (!is.null(kept)) private$guarded("log_metric", function() if (kept) private$sender$work() else private$metric(name, value, unit, tags), ...length())
    invisible(NULL)
  },

  log_progress = function(job_id = NULL, percent = NULL, status = NULL, ...) {
    forced(job_id, percent, status)
    private$guarded("log_progress", function() private$progress(job_id, percent, status), ...length())
    invisible(NULL)
  },

  log_resource = function(cpu = NULL, mem = NULL, disk = NULL, net = NULL, ...) {
    values <- list(cpu = cpu, mem = mem, disk = disk, net = net)
    more <- list(...)
    if (is.null(cpu) && is.null(mem) && is.null(disk) && is.null(net) && length(more) == 0L) {
      measured <- .Call(C_mon_measured, private$cpu)
      kept <- .Call(C_mon_log, private$inbox, "resource", private$traces$place, measured[[1]], NULL)
      if (!isFALSE(kept)) private$cpu <- measured[[2]]
      if (is.null(kept)) return(invisible(NULL))
      if (kept) {
        private$guarded("log_resource", function() private$sender$work())
        return(invisible(NULL))
      }
    }
    private$guarded("log_resource", function() private$resource(values, more))
    invisible(NULL)
  },

  heartbeat = function() {
    private$guarded("heartbeat", function() private$emit("heartbeat", list()))
    invisible(NULL)
  },

  # --- traces and spans ---

  start_span = function(name = NULL, trace_id = NULL, parent = NULL, tags = NULL, ...) {
    forced(name, trace_id, parent, tags)
    span <- ...length() == 0L
    if (span) span <- .Call(C_mon_open_span, private$inbox, private$traces, name, trace_id, parent, tags)
    if (is.character(span)) return(invisible(span))
    invisible(private$guarded("start_span", function() {
      if (is.list(span)) private$tell_again(span, NULL, "open", tags)
      else private$open_span(text(name), identifier(trace_id), identifier(parent), tags)$id
    }, ...length()))
  },

  end_span = function(span_id = NULL, status = "ok", tags = NULL, ...) {
    forced(span_id, status, tags)
    span <- ...length() == 0L
    if (span) span <- .Call(C_mon_close_span, private$inbox, private$traces, span_id, status, tags)
    if (is.null(span)) return(invisible(NULL))
    private$guarded("end_span", function() {
      if (is.list(span)) private$tell_again(span, now_ms(), status, tags)
      else private$close_span(identifier(span_id), state_text(status), tags)
    }, ...length())
    invisible(NULL)
  },

  with_span = function(name, expr, trace_id = NULL, parent = NULL, tags = NULL) {
    id <- self$start_span(name, trace_id, parent, tags)
    status <- "error"
    on.exit(self$end_span(id, status))
    value <- expr
    status <- "ok"
    value
  },

  set_trace_id = function(trace_id = NULL) {
    force(trace_id)
    private$guarded("set_trace_id", function() private$traces$set(identifier(trace_id)))
    invisible(NULL)
  },

  trace_id = function() private$guarded("trace_id", function() private$traces$trace()),

  current_span = function() private$guarded("current_span", function() private$traces$span()),

  child_env = function() {
    private$guarded("child_env", function() {
      c(MONITORING_TRACE_ID = private$traces$trace(), MONITORING_PARENT_SPAN = private$traces$span())
    })
  },

  set_context = function(key = NULL, value = NULL) {
    forced(key, value)
    private$guarded("set_context", function() {
      name <- text(key)
      if (nzchar(name)) private$context[[name]] <- value
    })
    invisible(NULL)
  },

  # --- jobs ---

  start_job_analysis = function(job_id = NULL, name = NULL, subjobs = NULL, trace_id = NULL, tags = NULL, ...) {
    forced(job_id, name, subjobs, trace_id, tags)
    invisible(private$guarded("start_job_analysis", function() private$start_job(job_name(job_id), name, subjobs, trace_id, tags), ...length()))
  },

  track_subjob = function(job_id = NULL, subjob_id = NULL, name = NULL, ...) {
    forced(job_id, subjob_id, name)
    invisible(private$guarded("track_subjob", function() private$start_part(job_name(job_id), job_name(subjob_id), name), ...length()))
  },

  end_subjob = function(job_id = NULL, subjob_id = NULL, status = "ok", tags = NULL, ...) {
    forced(job_id, subjob_id, status, tags)
    private$guarded("end_subjob", function() private$end_part(job_name(job_id), job_name(subjob_id), state_text(status), tags), ...length())
    invisible(NULL)
  },

  end_job_analysis = function(job_id = NULL, status = "ok", summary = NULL, ...) {
    forced(job_id, status, summary)
    private$guarded("end_job_analysis", function() private$end_job(job_name(job_id), state_text(status), summary), ...length())
    invisible(NULL)
  },

  # --- life cycle ---

  flush = function(timeout = NULL) {
    force(timeout)
    invisible(isTRUE(private$guarded("flush", function() private$is_closed || private$sender$flush(private$seconds(timeout)))))
  },

  close = function(timeout = NULL) {
    force(timeout)
    private$guarded("close", function() private$end(timeout))
    invisible(NULL)
  },

  get_stats = function() {
    stats <- private$guarded("get_stats", function() {
      sender <- private$sender
      stats <- mget(COUNTERS, envir = sender$stats)
      stats$dropped <- stats$dropped + private$too_late
      held <- .Call(C_mon_held, private$inbox)
      stats$spooled <- stats$spooled + held[4]
      c(list(messages = held[1]), stats,
        list(shortened = held[2], buffered = length(sender$session$lines) + held[3], state = if (private$is_closed) "closed" else sender$state(),
             protocol = sender$session$mode, client = sender$session$client))
    })
    if (is.null(stats)) stats <- list(state = "closed")
    error <- if (is.null(private$own_error)) private$sender$stats$last_error else private$own_error
    c(stats, list(last_error = error))
  },

  print = function(...) {
    stats <- self$get_stats()
    cat("<MonitoringSDK> ", private$options$source, " to ", private$options$name, ": ", stats$state, ", ", stats$messages, " messages\n", sep = "")
    invisible(self)
  }

), private = list(
  options = NULL, sender = NULL, traces = NULL, context = list(), head = "", cpu = c(0, 0), pid = 0L, inbox = NULL, is_closed = FALSE, own_error = NULL,
  too_late = 0,

  set_up = function(source, given) {
    private$pid <- Sys.getpid()
    private$cpu <- .Call(C_mon_since_start)
    chosen <- choose_options(source, given)
    private$options <- chosen[[1]]
    private$own_error <- chosen[[2]]
    private$context <- as_members(private$options$context)
    private$head <- paste0("{\"v\":1,\"src\":", quoted(private$options$source), ",\"ts\":")
    private$traces <- Traces$new(private$options$trace_id, private$options$parent_span)
    private$new_sender()
  },

  new_sender = function(...) {
    o <- private$options
    private$inbox <- .Call(C_mon_inbox, private$head, o$flush_bytes, o$flush_interval, o$max_line)
    private$sender <- Sender$new(o, private$inbox, ...)
  },

  # A bug of ours, or a wrong call, must not become an error, a warning or a message of the application; and its interrupts wait until we are done.
  guarded = function(what, code, ignored = 0L) {
    result <- NULL
    suspendInterrupts(withCallingHandlers(
      tryCatch({
        if (private$pid != 0L && (Sys.getpid() != private$pid || !.Call(C_mon_is_alive, private$inbox))) private$begin_anew()
        result <- code()
        if (ignored > 0L) private$own_error <- paste0(what, ": ", ignored, " unknown arguments ignored")
      }, error = function(e) private$own_error <- paste0(what, ": ", condition_text(e))),
      warning = function(w) tryInvokeRestart("muffleWarning"),
      message = function(m) tryInvokeRestart("muffleMessage")))
    result
  },

  # In another process (a forked child, or a worker that was sent this object) it is a new client: its own id, an empty buffer, its own connection.
  # Open spans and the trace stay known.
  begin_anew = function() {
    is_fork <- .Call(C_mon_is_alive, private$inbox)
    if (is_fork) private$sender$forget()
    else reg.finalizer(self, function(sdk) sdk$.__enclos_env__$private$finalize(), onexit = TRUE)
    private$pid <- Sys.getpid()
    private$cpu <- .Call(C_mon_since_start)
    private$is_closed <- FALSE
    private$too_late <- 0
    private$new_sender(is_fork)
  },

  emit = function(type, data) {
    private$keep(function() .Call(C_mon_log, private$inbox, type, private$traces$place, data, CONVERT))
  },

  keep = function(log) {
    if (private$is_closed) {
      private$too_late <- private$too_late + 1
      return(invisible())
    }
    line <- log()
    if (is.character(line)) private$sender$add(line)
    else if (!is.null(line)) private$sender$work()
  },

  event = function(level, message, context) {
    level <- LEVELS[tolower(utf8(text(level)))]
    if (is.na(level)) level <- "info"
    ctx <- if (length(private$context)) members(private$context, context) else members(context)
    private$emit("event", list(level = level, msg = text(message), ctx = ctx))
  },

  metric = function(name, value, unit, tags) {
    amount <- number(value)
    label <- text(name)
    # The hub refuses these; what came instead is still worth knowing.
    if (is.null(amount) || !nzchar(label))
      return(private$event("warn", "metric without a number", list(name = name, value = value, unit = unit, tags = tags)))
    private$emit("metric", list(name = label, value = amount, unit = if (!is.null(unit)) text(unit), tags = members(tags)))
  },

  progress = function(job_id, percent, status) {
    share <- number(percent)
    job <- text(job_id)
    private$emit("progress", list(job_id = if (nzchar(job)) job else "unknown", percent = if (is.null(share)) 0 else min(100, max(0, share)),
                                  status = if (is.null(status)) "running" else text(status)))
  },

  resource = function(values, more) {
    given <- Filter(Negate(is.null), values)
    if (length(given) < 4L) {
      measured <- .Call(C_mon_measured, private$cpu)
      if (is.null(values$cpu)) private$cpu <- measured[[2]]
      found <- measured[[1]]
      if (length(given) == 0L) more <- c(found[setdiff(names(found), names(values))], more)
      given <- c(given, found[setdiff(intersect(names(values), names(found)), names(given))])
    }
    all <- lapply(c(given[intersect(names(values), names(given))], more), number)
    private$emit("resource", all[!vapply(all, is.null, NA)])
  },

  open_span = function(name, trace, parent, tags) {
    span <- private$traces$begin(name, trace, parent)
    private$emit_span(span, NULL, "open", tags)
    span
  },

  close_span = function(id, status, tags) {
    span <- private$traces$end(id)
    if (is.null(span)) {
      if (is.null(id)) return(invisible())
      trace <- private$traces$trace()
      span <- list(id = id, trace = if (is.null(trace)) "unknown" else trace, parent = NULL, name = "", start = 0)   # the hub joins the two by the id
    }
    private$emit_span(span, now_ms(), status, tags)
  },

  emit_span = function(span, end, status, tags) {
    private$keep(function() .Call(C_mon_tell, private$inbox, span, end, status, members(tags), CONVERT))
  },

  # Of a span that C has begun or ended: its line is kept, and it is time to write; or it could not be kept.
  tell_again = function(told, end, status, tags) {
    if (told[[1]]) private$sender$work() else private$emit_span(told[[2]], end, status, tags)
    told[[2]]$id
  },

  # --- jobs: a span, progress and events joined by the job's id ---

  start_job = function(job, name, subjobs, trace, tags) {
    span <- private$open_span(if (is.null(name)) paste("job", job) else text(name), identifier(trace), NULL, members(tags, list(job_id = job)))
    private$traces$add_job(job, span$id, span$trace, number(subjobs))
    private$event("info", "job started", list(job_id = job, name = name))
    private$progress(job, 0, "started")
    span$id
  },

  start_part = function(job, part, name) {
    known <- private$traces$jobs[[job]]
    if (is.null(known)) known <- private$traces$add_job(job, NULL, NULL, NULL)
    span <- private$open_span(if (is.null(name)) part else text(name), known$trace, known$span, list(job_id = job, subjob_id = part))
    private$traces$jobs[[job]]$parts[[part]] <- span$id
    span$id
  },

  end_part = function(job, part, status, tags) {
    known <- private$traces$jobs[[job]]
    span <- known$parts[[part]]
    if (is.null(span)) return(invisible())
    private$close_span(span, status, members(tags, list(job_id = job, subjob_id = part)))
    known$parts[[part]] <- NULL
    known$done <- known$done + 1
    total <- known$total
    if (!is.null(total) && total > 0) known$percent <- min(99, floor(100 * known$done / total))     # 100 is said at the end of the job
    private$traces$jobs[[job]] <- known
    private$progress(job, known$percent, if (status == "ok") "running" else paste0(part, ": ", status))
  },

  end_job = function(job, status, summary) {
    known <- private$traces$jobs[[job]]
    private$traces$jobs[[job]] <- NULL
    for (part in names(known$parts)) private$close_span(known$parts[[part]], "abandoned", list(job_id = job, subjob_id = part))
    is_ok <- status == "ok"
    percent <- if (is_ok) 100 else if (is.null(known)) 0 else known$percent
    private$progress(job, percent, if (is_ok) "done" else status)
    private$event(if (is_ok) "info" else "error", "job ended", members(summary, list(job_id = job, status = status)))
    if (!is.null(known$span)) private$close_span(known$span, status, members(summary, list(job_id = job)))
  },

  # --- the end ---

  seconds = function(timeout) {
    timeout <- number(timeout)
    if (is.null(timeout)) private$options$close_timeout else min(max(0, timeout), 1e6)
  },

  end = function(timeout) {
    if (private$is_closed) return(invisible())
    private$is_closed <- TRUE
    private$sender$close(private$seconds(timeout), paste0(private$head, digits(now_ms()), ",\"type\":\"goodbye\",\"data\":{}}\n"))
  },

  # The end of R, or of the last reference. A forked child that has not used this object leaves it to its parent.
  finalize = function() {
    if (identical(private$pid, Sys.getpid()) && isTRUE(.Call(C_mon_is_alive, private$inbox))) self$close()
    .Call(C_mon_release, private$inbox)
  }
))

job_name <- function(id) {
  name <- identifier(id)
  if (is.null(name)) "unknown" else name
}

state_text <- function(status) {
  status <- text(status)
  if (nzchar(status)) status else "ok"
}
