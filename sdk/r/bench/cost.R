#!/usr/bin/env Rscript
# What one call costs the application, with a hub that answers, without one and with one that is killed again and again, beside writing the same
# with cat() and message() to a file.
#
#   R_LIBS=... Rscript bench/cost.R [calls]           the fake hub of the tests
#   MONITORING_PORT=17000 Rscript bench/cost.R        a real one at that port (first two lines only)

library(monitoringsdk)
arguments <- commandArgs(TRUE)
calls <- if (length(arguments)) as.integer(arguments[1]) else 20000L
real <- Sys.getenv("MONITORING_PORT")
here <- normalizePath(dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1])))
now <- function() .Call(monitoringsdk:::C_mon_now)

measure <- function(name, count, use, pause = 0, note = function() "") {
  took <- numeric(count)
  for (n in seq_len(count)) {
    start <- now()
    use(n)
    took[n] <- now() - start
    if (pause > 0) Sys.sleep(pause)
  }
  q <- stats::quantile(took * 1e6, c(0.5, 0.99, 0.999, 1), names = FALSE)
  cat(sprintf("%-34s p50 %6.1f us   p99 %7.1f us   p99.9 %8.1f us   max %9.1f us   %s\n", name, q[1], q[2], q[3], q[4], note()))
}

kinds <- function(sdk) function(n) {
  switch(n %% 4 + 1, sdk$log_event("info", "Job started", list(job_id = "12345", attempt = n)),
         sdk$log_metric("queue.depth", n, "items", list(queue = "inbound")), sdk$log_progress("12345", n %% 101, "running"),
         sdk$end_span(sdk$start_span("step")))
}

with_sdk <- function(name, count, port, use = kinds, pause = 0) {
  folder <- tempfile("spool-")
  sdk <- MonitoringSDK$new("bench", port = port, spool_dir = folder)
  sdk$heartbeat()
  sdk$flush(1)
  measure(name, count, use(sdk), pause, function() sprintf("spooled %.0f, dropped %.0f", sdk$get_stats()$spooled, sdk$get_stats()$dropped))
  sdk$close(20)
  unlink(folder, recursive = TRUE)
}

cat("load ", sub(" .*", "", readLines("/proc/loadavg")), ", ", R.version.string, "\n", sep = "")
if (nzchar(real)) {
  with_sdk("hub up, calls without a pause", calls, real)
  with_sdk("hub up, 1,000 calls/s", calls %/% 10L, real, pause = 0.001)
  quit()
}
path <- tempfile()
log <- file(path, "w")
measure("cat() to an open file", calls, function(n) {
  cat(format(Sys.time()), " INFO Job started job_id=12345 attempt=", n, "\n", sep = "", file = log)
  flush(log)
})
measure("cat(file =, append = TRUE)", calls, function(n) cat(format(Sys.time()), " INFO Job started job_id=12345 attempt=", n, "\n", sep = "", file = path, append = TRUE))
sink(log, type = "message")
measure("message() to a file", calls, function(n) message(format(Sys.time()), " INFO Job started job_id=12345 attempt=", n))
sink(type = "message")
close(log)

with_sdk("hub down", calls, 1)
with_sdk("hub down, 1,000 calls/s", calls %/% 10L, 1, pause = 0.001)
with_sdk("hub down, log_resource", calls %/% 10L, 1, use = function(sdk) function(n) sdk$log_resource())
output <- pipe(paste("exec perl", shQuote(file.path(here, "../tests/lib/hub.pl")), shQuote(file.path(here, "../../perl/t/lib"))), "r")
ports <- scan(output, n = 2, quiet = TRUE)
control <- socketConnection("127.0.0.1", ports[1], blocking = TRUE, open = "r+b", timeout = 120)
ask <- function(command) {
  writeLines(command, control)
  invisible(readLines(control, 1))
}
ask("{\"do\":\"up\",\"with\":{\"record\":0}}")
with_sdk("hub up, calls without a pause", calls, ports[2])
with_sdk("hub up, 1,000 calls/s", calls %/% 10L, ports[2], pause = 0.001)
with_sdk("hub killed again and again, 1,000/s", calls %/% 10L, ports[2], pause = 0.001, use = function(sdk) {
  call <- kinds(sdk)
  function(n) {
    call(n)
    if (n %% 200 == 100) writeLines("{\"do\":\"up\",\"with\":{\"record\":0}}", control)
  }
})
close(control)
