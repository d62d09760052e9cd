# The calls that sdk/benchmarks/run times, in R: prints what each took in nanoseconds. sdk/benchmarks/README.md says with which arguments.

library(monitoringsdk)
arguments <- commandArgs(TRUE)
numbers <- as.integer(arguments[2:5])
warm_up <- numbers[1]
burst <- numbers[2]
paced <- numbers[3]
pause <- numbers[4] / 1e6
now <- function() .Call(monitoringsdk:::C_mon_now)

timed <- function(call, n) {
  start <- now()
  call(n)
  now() - start
}
report <- function(name, took) cat(name, sprintf("%.0f", took * 1e9), "\n")

# kinds: calls by name. A burst of each, then all in turn with pauses.
measure <- function(kinds, settle) {
  for (n in seq_len(warm_up)) for (call in kinds) call(n)
  settle()
  for (name in names(kinds)) {
    report(paste("burst", name), vapply(seq_len(burst), function(n) timed(kinds[[name]], n), 0))
    settle()
  }
  took <- lapply(kinds, function(call) numeric(paced))
  for (n in seq_len(paced)) {
    for (name in names(kinds)) {
      took[[name]][n] <- timed(kinds[[name]], n)
      Sys.sleep(pause)
    }
  }
  for (name in names(kinds)) report(paste("paced", name), took[[name]])
}

if (arguments[1] == "logger") {
  log <- file(arguments[6], "w")
  cat("with cat() to an open file, flush()\n")
  measure(list(event = function(n) {
    cat(format(Sys.time()), " INFO Job started job_id=12345 attempt=", n, "\n", sep = "", file = log)
    flush(log)
  }), function() NULL)
  close(log)
} else {
  sdk <- MonitoringSDK$new("cost-r")
  kinds <- list(event = function(n) sdk$log_event("info", "Job started", list(job_id = "12345", attempt = n)),
                span = function(n) sdk$end_span(sdk$start_span("step")))
  measure(if (arguments[1] == "resource") list(resource = function(n) sdk$log_resource()) else kinds, function() sdk$flush(2))
  sdk$close(2)
  cat(sprintf("acked %.0f\ndropped %.0f\n", sdk$get_stats()$acked, sdk$get_stats()$dropped))
}
