# The hub as a user meets it: the tarball, unpacked, killed in the middle. Every message once in the archive.
source(if (file.exists("lib/helper.R")) "lib/helper.R" else "tests/lib/helper.R")

target <- Sys.getenv("HUB_TARBALLS", file.path(repository, "distribution/target"))
tarballs <- Sys.glob(file.path(target, "monitoring-hub-*.tar.gz"))
if (length(tarballs) == 0L) skip_all(paste0("no monitoring-hub-*.tar.gz in ", target, ": build it with ./mvnw -pl distribution -am package -DskipTests"))

folder <- tempfile("hub-")
dir.create(folder)
# Nothing of it outlives this test, also if that fails or is killed.
system2("setsid", c("sh", shQuote(file.path(here, "lib/guard.sh")), Sys.getpid()), env = paste0("GUARDED=", shQuote(folder)), stdout = FALSE, stderr = FALSE,
        stdin = "/dev/null", wait = FALSE)
untar(tail(tarballs, 1), exdir = folder, tar = "tar")
home <- Sys.glob(file.path(folder, "monitoring-hub-*"))[1]
free_port <- function() {
  for (port in sample(20000:32000)) {
    listener <- tryCatch(serverSocket(port), error = function(e) NULL)
    if (!is.null(listener)) {
      close(listener)
      return(port)
    }
  }
}
port <- free_port()
writeLines(sprintf("
transports:
  tcp: { port: %d }
  unix: { path: run/ingest.sock }
  spool: { path: %s, poll: 100ms, abandoned_after: 1s }
backends:
  archive: { type: filesystem, path: data/events }
routes:
  - { source: \"*\", to: [archive] }
log: { path: data/log, retain: 24h, max_size: 1GB, durability: sync }
", port, file.path(folder, "left")), file.path(home, "conf/hub.yaml"))
Sys.unsetenv(grep("^HUB_", names(Sys.getenv()), value = TRUE))

hub <- function(command) system2(file.path(home, "bin/hub"), command, stdout = FALSE, stderr = FALSE, stdin = "/dev/null")
kill_hub <- function() {
  pid <- as.integer(readLines(file.path(home, "data/run/hub.pid"), warn = FALSE)[1])
  tools::pskill(pid, tools::SIGKILL)
  stat <- sprintf("/proc/%d/stat", pid)
  wait_until("its end", function() !file.exists(stat) || any(grepl(") [ZX]", tryCatch(readLines(stat), error = function(e) ") X", warning = function(w) ") X"))))
}
archived <- function() {
  paths <- grep("\\.jsonl", list.files(file.path(home, "data/events"), recursive = TRUE, full.names = TRUE), value = TRUE)
  lines <- unlist(lapply(paths, function(path) {
    connection <- gzfile(path)      # reads what is not compressed as well
    on.exit(close(connection))
    readLines(connection, warn = FALSE)
  }))
  lines <- grep("\"type\":\"event\"", lines, fixed = TRUE, value = TRUE)
  sort(sub(".*\"msg\":\"([^\"]*)\".*", "\\1", lines))
}
hub_sdk <- function(...) {
  MonitoringSDK$new("r-test", port = port, spool_dir = file.path(folder, "spool"), protocol = "acked", backoff_min = 0.01, backoff_max = 0.2, welcome_timeout = 60, ...)
}

is(hub("start"), 0L, "the hub starts")
sdk <- hub_sdk()
count <- 0
for (part in 1:2) {
  for (n in 1:5000) {
    sdk$log_event("info", paste0("m", count), list(part = part))
    count <- count + 1
    if (n == 2500) {
      settled(sdk, function() sdk$get_stats()$acked > (part - 1) * 5000)
      kill_hub()
    }
  }
  if (part < 2) is(hub("start"), 0L, "it starts again after kill -9")
}
sdk$close(0.1)
stats <- sdk$get_stats()
is(stats$dropped, 0, "two kills in the middle: nothing is dropped")
ok(stats$left_in_spool > 0, "... and with the hub away the rest is in the spool", stats$left_in_spool)
is(hub("start"), 0L, "it starts again")
other <- hub_sdk()
other$log_event("info", paste0("m", count))
settled(other)      # "started" may be said before each of its transports listens
other$close(60)
left <- grep("lock$", list.files(file.path(folder, "spool")), invert = TRUE, value = TRUE)
ok(length(left) == 0, "the next process sends the spool", left, deparse(other$get_stats()))
wait_until("the archive", function() length(archived()) > count)
is(archived(), sort(paste0("m", 0:count)), "every message is in the archive, once")
is(stats$refused + other$get_stats()$refused, 0, "... none was refused")

everything <- function(sdk) {
  job <- sdk$start_job_analysis("J1", "nightly", subjobs = 1)
  sdk$track_subjob("J1", "one")
  sdk$log_metric("rows", 4000, "rows", list(table = "orders"))
  sdk$log_resource()
  sdk$log_resource(threads = 3)
  sdk$heartbeat()
  deep <- 1
  for (i in 1:20) deep <- list(deep)
  sdk$log_event("error", strrep("\u263a\u0001", 100), list(deep = deep, odd = NaN, long = strrep("x", 1e5), frame = iris, when = Sys.time(), latin = "\xe9"))
  sdk$end_subjob("J1", "one")
  sdk$end_job_analysis("J1")
  job
}
for (host in c("127.0.0.1", file.path(home, "data/run/ingest.sock"))) {
  sdk <- hub_sdk(host = host)
  everything(sdk)
  sdk$flush(60)
  stats <- sdk$get_stats()
  is(c(stats$refused, stats$acked, stats$protocol), c(0, stats$messages, "acked"), paste("every kind of message is taken over", if (startsWith(host, "/")) "a Unix socket" else "TCP"))
  sdk$close(60)
}
shown <- suppressWarnings(system2(file.path(home, "bin/hub"), c("trace", "J1"), stdout = TRUE, stderr = TRUE, stdin = "/dev/null"))
ok(any(grepl("nightly", shown)) && any(grepl("one", shown)), "hub trace shows the job", shown)
# What processes leave in a folder that the hub watches.
tests$fake <- list(port = 1)
tests$folder <- file.path(folder, "left")
is(process(1:2), 0L, "a process ends without a hub")
ok(process(3:8, "tools::pskill(Sys.getpid(), 9)", buffer = 2) != 0, "... and another one is killed while it spools")
wait_until("the archive", function() all(c(1:2, 5:8) %in% archived()))
is(sort(grep("^[0-9]+$", archived(), value = TRUE)), as.character(c(1:2, 5:8)), "the hub takes both files by itself, each message once")
wait_until("the files", function() length(grep("^svc-", files())) == 0)
ignored <- hub("stop")
unlink(folder, recursive = TRUE)

done()
