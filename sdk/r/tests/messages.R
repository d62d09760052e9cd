# Every kind of message, and the protocol's vectors to the byte.
source(if (file.exists("lib/helper.R")) "lib/helper.R" else "tests/lib/helper.R")

vectors <- file.path(repository, "protocol/vectors")
if (!file.exists(vectors)) skip_all("set MONITORING_REPOSITORY to where protocol/vectors is")
vector_lines <- function(name) readLines(file.path(vectors, "valid/types", paste0(name, ".ldjson")))

replaced <- function(name, value) {
  namespace <- asNamespace("monitoringsdk")
  unlockBinding(name, namespace)
  assign(name, value, namespace)
}
now_ms <- monitoringsdk:::now_ms
made <- function(use, ...) {
  replaced("now_ms", function() 1697821234567)
  on.exit(replaced("now_ms", now_ms))
  lines <- vapply(spooled(use, ..., source = "queue-service")$lines, as_text, "")
  sub("\"ts\":[0-9]{13},", "\"ts\":1697821234567,", sub("\n$", "", lines))
}

is(made(function(s) s$log_event("info", "Job started", list(job_id = "12345")), trace_id = "trace-123", parent_span = "span-456"),
   vector_lines("event")[1], "event to the byte")
is(made(function(s) s$log_metric("queue.wait", 12.5, "ms", list(queue = "nightly"))), vector_lines("metric")[1], "metric to the byte")
is(made(function(s) s$log_progress("12345", 0, "running")), vector_lines("progress")[1], "progress to the byte")
is(made(function(s) s$log_resource(12.5, 512, 1024, 0.5, gpu = 3)), vector_lines("resource")[1], "resource to the byte")
ok(made(function(s) s$heartbeat()) %in% vector_lines("heartbeat"), "heartbeat to the byte")
is(made(function(s) s$end_span("span-456", "ok", list(rows = 7)), trace_id = "trace-123"), vector_lines("span")[2], "end of a span to the byte")
opened <- made(function(s) s$start_span("load"), trace_id = "trace-123")
is(sub("\"start\":[0-9]{13},", "\"start\":1697821234000,", sub("\"sid\":\"[0-9a-f]{16}\"", "\"sid\":\"span-456\"", opened)), vector_lines("span")[1], "start of a span to the byte")

levels <- vapply(vector_lines("event-levels"), function(line) jsonlite::fromJSON(line)$data$level, "", USE.NAMES = FALSE)
lines <- made(function(s) for (level in list(levels, "WARNING", "critical", "loud", NULL, 5)) for (one in if (is.null(level)) list(NULL) else level) s$log_event(one, ""))
is(vapply(lines, function(line) jsonlite::fromJSON(line)$data$level, "", USE.NAMES = FALSE), c(levels, "warn", "fatal", "info", "info", "info"),
   "levels of the vectors, synonyms, and what is none")

# What the hub says, by the vectors.
Session <- monitoringsdk:::Session
heard <- list()
Recording <- R6::R6Class("Recording", inherit = Session, class = FALSE, cloneable = FALSE, public = list(
  acked = function(number) {
    heard[[length(heard) + 1]] <<- list(ack = list(seq = number))
    NULL
  },
  welcomed = function(data) {
    heard[[length(heard) + 1]] <<- list(welcome = lapply(data, as.character))
    NULL
  },
  error = function(data) {
    heard[[length(heard) + 1]] <<- list(error = lapply(data, as.character))
    NULL
  }))
for (path in list.files(file.path(vectors, "replies"), "ldjson$", full.names = TRUE)) {
  heard <- list()
  session <- Recording$new(list(), new.env(), "c", 1)
  session$take(readBin(path, "raw", file.size(path)))
  expected <- jsonlite::fromJSON(sub("ldjson$", "json", path), simplifyVector = FALSE)
  # Numbers of R are exact to 2^53 only; that is more lines than a client will ever send.
  sorted <- function(replies) lapply(replies, function(r) lapply(r, function(d) {
    if (is.null(d$code)) d$seq <- as.numeric(d$seq)
    d[order(names(d))]
  }))
  is(sorted(heard), sorted(Filter(function(r) is.null(r$ignored), expected$replies)), paste("replies:", basename(path)))
  is(length(session$input), as.integer(expected$partial_bytes), "... and its partial line")
}

parse_all <- function(lines) lapply(lines, jsonlite::fromJSON, simplifyVector = FALSE)
pick <- function(messages, get) lapply(messages, get)

ids <- NULL
m <- parse_all(made(function(sdk) {
  outer <- sdk$start_span("outer")
  inner <- sdk$start_span("inner", tags = list(a = 1))
  sdk$log_event("info", "inside")
  sdk$end_span(inner, tags = list(code = 7))
  sdk$log_event("info", "outside")
  sdk$end_span()
  sdk$log_event("info", "after")
  sdk$end_span()
  ids <<- c(outer, inner)
}, trace_id = "t"))
is(pick(m, function(x) c(x$data$name, x$data$msg)), list("outer", "inner", "inside", "inner", "outside", "outer", "after"), "spans nest")
is(pick(m, function(x) x$sid), list(ids[1], ids[2], ids[2], ids[2], ids[1], ids[1], NULL), "messages belong to the innermost span")
is(pick(m, function(x) x$pid), list(NULL, ids[1], NULL, ids[1], NULL, NULL, NULL), "spans name their parents")
is(m[[4]]$data$tags, list(code = 7L), "tags of the end")
is(unique(unlist(pick(m, function(x) x$tid))), "t", "all in the trace")

result <- NULL
m <- parse_all(made(function(sdk) {
  result <<- sdk$with_span("good", 1 + 1)
  caught <- tryCatch(sdk$with_span("bad", stop("mine")), error = conditionMessage)
  ok(caught == "mine", "the error of a block passes")
}))
is(result, 2, "with_span gives the value of its block")
is(pick(m, function(x) paste(x$data$name, x$data$status)), list("good open", "good ok", "bad open", "bad error"), "... and ends with its status")

env <- NULL
m <- parse_all(made(function(sdk) {
  sdk$start_span("here")
  env <<- c(sdk$start_span("there", "trace-2"), sdk$child_env())
}, trace_id = "t"))
is(m[[2]]$pid, NULL, "a span of another trace has no parent in this one")
is(env, c(env[1], MONITORING_TRACE_ID = "trace-2", MONITORING_PARENT_SPAN = env[[1]]), "child_env carries the place")
Sys.setenv(MONITORING_TRACE_ID = "trace-9", MONITORING_PARENT_SPAN = "abcd")
m <- parse_all(made(function(sdk) {
  sdk$end_span(sdk$start_span("work"))
  sdk$log_event("info", "x")
}))
Sys.unsetenv(c("MONITORING_TRACE_ID", "MONITORING_PARENT_SPAN"))
is(list(m[[1]]$pid, m[[2]]$pid, m[[3]]$pid, m[[3]]$sid, m[[3]]$tid), list("abcd", "abcd", NULL, "abcd", "trace-9"), "the environment of a child is its place")

m <- parse_all(made(function(sdk) {
  sdk$set_context("host", "a")
  sdk$set_context("site", "b")
  sdk$log_event("debug", "1", list(site = "mine"))
  sdk$log_event("debug", "1", c(site = "mine"))
  sdk$log_event("debug", "1", list(more = 1, first = NULL, last = "l"))
  sdk$set_context("host", NULL)
  sdk$log_event("debug", "2")
}, context = list(first = 0)))
is(pick(m, function(x) x$data$ctx), list(list(first = 0L, host = "a", site = "mine"), list(first = 0L, host = "a", site = "mine"),
   list(first = NULL, host = "a", site = "b", more = 1L, last = "l"), list(first = 0L, site = "b")), "context goes into events")

m <- parse_all(made(function(sdk) {
  sdk$start_job_analysis("J1", "nightly", subjobs = 2)
  sdk$track_subjob("J1", "one")
  sdk$end_subjob("J1", "one")
  sdk$track_subjob("J1", "two", "the second")
  sdk$end_subjob("J1", "two", "failed")
  sdk$track_subjob("J1", "three")
  sdk$end_job_analysis("J1", summary = list(rows = 3))
  sdk$end_subjob("J1", "never")
}))
spans <- Filter(function(x) x$type == "span", m)
opened <- Filter(function(x) is.null(x$data$end), spans)
is(pick(opened, function(x) x$data$name), list("nightly", "one", "the second", "three"), "a job and its parts are spans")
is(pick(opened, function(x) x$pid), list(NULL, opened[[1]]$sid, opened[[1]]$sid, opened[[1]]$sid), "... the parts below the job")
is(pick(Filter(function(x) !is.null(x$data$end), spans), function(x) paste(x$data$name, x$data$status)),
   list("one ok", "the second failed", "three abandoned", "nightly ok"), "... ended with their states")
is(pick(Filter(function(x) x$type == "progress", m), function(x) paste(x$data$percent, x$data$status)),
   list("0 started", "50 running", "99 two: failed", "100 done"), "... and progress counts by itself")
ok(all(vapply(m, function(x) "J1" %in% c(x$data$job_id, x$data$ctx$job_id, x$data$tags$job_id), NA)), "... all joined by the job's id")

data <- parse_all(made(function(sdk) sdk$log_resource()))[[1]]$data
ok(all(c("cpu", "mem", "net", "threads", "fds", "load1", "load5", "load15") %in% names(data)), "resource use is measured")   # not every container has /proc/self/io
status <- readLines("/proc/self/status")
resident <- as.numeric(sub("[^0-9]*([0-9]+) kB", "\\1", grep("^VmRSS", status, value = TRUE))) / 1024
ok(abs(data$mem - resident) < 0.3 * resident, "... memory as /proc/self/status has it", paste(data$mem, resident))
is(data$threads, as.integer(sub("\\D+", "", grep("^Threads", status, value = TRUE))), "... threads as well")
before <- parse_all(made(function(sdk) sdk$log_resource()))[[1]]$data
open_files <- lapply(1:5, function(i) file("/dev/null", "r"))
sleeper <- parallel::mcparallel(Sys.sleep(60))
after <- parse_all(made(function(sdk) sdk$log_resource()))[[1]]$data
tools::pskill(sleeper$pid)
invisible(suppressWarnings(parallel::mccollect(sleeper)))
invisible(lapply(open_files, close))
ok(after$fds >= before$fds + 5, "... descriptors are counted", before$fds, after$fds)
if (!is.null(before$children)) is(after$children, before$children + 1L, "... and children")
data <- parse_all(made(function(sdk) {
  sdk$log_resource()
  busy <- 0
  until <- proc.time()[["user.self"]] + 0.2
  while (proc.time()[["user.self"]] < until) busy <- busy + 1
  sdk$log_resource(mem = 1)
}))[[2]]$data
ok(data$cpu > 0 && data$mem == 1 && is.null(data$threads), "what is given stays, and the processor's time since the last call is told")

done()
