# Test Anything Protocol, and what the tests share: a fake hub in a process of its own, a spool folder, SDKs with short pauses.

library(monitoringsdk)

here <- if (file.exists("lib/helper.R")) normalizePath(".") else normalizePath("tests")
repository <- Sys.getenv("MONITORING_REPOSITORY", file.path(here, "../../.."))
Sys.unsetenv(grep("^MONITORING_", names(Sys.getenv()), value = TRUE))
tests <- new.env()
tests$count <- tests$failed <- 0

ok <- function(condition, name, ...) {
  good <- isTRUE(condition)       # evaluated first: there may be tests in it
  tests$count <- tests$count + 1
  if (!good) tests$failed <- tests$failed + 1
  cat(if (good) "ok " else "not ok ", tests$count, " - ", name, "\n", sep = "")
  if (!good) {
    write(paste0("#   Failed test '", name, "'"), stderr())
    for (more in list(...)) write(paste("#  ", more), stderr())
  }
  invisible(good)
}

is <- function(got, expected, name) {
  same <- isTRUE(all.equal(got, expected, tolerance = 0, check.attributes = FALSE))
  ok(same, name, paste("got:     ", paste(deparse(got), collapse = " ")), paste("expected:", paste(deparse(expected), collapse = " ")))
}

done <- function() {
  if (!is.null(tests$fake$control)) close(tests$fake$control)
  cat("1..", tests$count, "\n", sep = "")
  if (tests$failed > 0) quit(status = 1)
}

skip_all <- function(why) {
  cat("1..0 # SKIP ", why, "\n", sep = "")
  quit(status = 0)
}

# Looks again and again, at most a minute.
wait_until <- function(what, check) {
  deadline <- Sys.time() + 60
  while (Sys.time() < deadline) {
    result <- check()
    if (length(result) && !identical(result, FALSE)) return(invisible(result))
    Sys.sleep(0.005)
  }
  stop("waited in vain: ", what)
}

# --- the fake hub ---

start_fake_hub <- function() {
  modules <- file.path(repository, "sdk/perl/t/lib")
  if (!file.exists(file.path(modules, "FakeHub.pm"))) skip_all("set MONITORING_REPOSITORY to where sdk/perl/t/lib is")
  output <- pipe(paste("exec perl", shQuote(file.path(here, "lib/hub.pl")), shQuote(modules)), "r")
  ports <- scan(output, n = 2, quiet = TRUE)
  list(control = socketConnection("127.0.0.1", ports[1], blocking = TRUE, open = "r+b", timeout = 120), port = ports[2], output = output)
}

ask <- function(do, with = NULL) {
  command <- jsonlite::toJSON(list(do = do, with = with), auto_unbox = TRUE, null = "null", digits = NA)
  writeLines(command, tests$fake$control)
  jsonlite::fromJSON(readLines(tests$fake$control, 1, warn = FALSE), simplifyVector = FALSE)[[1]]
}

hub_up <- function(...) invisible(ask("up", if (...length()) list(...)))
hub_down <- function() invisible(ask("down"))
hub_events <- function() unlist(ask("events"))

# A fake hub that knows nothing yet, and an empty spool folder.
fresh <- function() {
  if (!is.null(tests$fake)) {
    close(tests$fake$control)
    close(tests$fake$output)
  }
  tests$fake <- start_fake_hub()
  tests$folder <- tempfile("spool-")
  dir.create(tests$folder)
}

files <- function() sort(grep("\\.lock$", list.files(tests$folder), invert = TRUE, value = TRUE))

new_sdk <- function(source = "svc", ..., port = tests$fake$port, spool_dir = tests$folder, welcome_timeout = 60) {
  MonitoringSDK$new(source, port = port, spool_dir = spool_dir, backoff_min = 0.01, backoff_max = 0.05, welcome_timeout = welcome_timeout, ...)
}

# flush is what drives the SDK: it waits for the hub's answers, not for a time.
settled <- function(sdk, check = function() sdk$get_stats()$buffered == 0) {
  wait_until("delivery", function() {
    sdk$flush(0.02)
    check()
  })
}

log_numbers <- function(sdk, numbers) for (n in numbers) sdk$log_event("info", n)

# Another process of the source sends what it finds.
finished <- function() {
  sdk <- new_sdk()
  sdk$log_event("info", "last")
  sdk$close(60)
  sdk$get_stats()
}

# The lines that use(sdk) makes, read back from the spool as bytes; and the statistics.
spooled <- function(use, ..., source = "svc") {
  folder <- tempfile("lines-")
  dir.create(folder)
  sdk <- MonitoringSDK$new(source, port = 1, spool_dir = folder, ...)
  use(sdk)
  sdk$close()
  names <- list.files(folder, "ldjson$")
  names <- names[order(as.numeric(sub(".*-([0-9]+)\\.ldjson$", "\\1", names)))]
  lines <- lapply(names, function(name) {
    path <- file.path(folder, name)
    block <- readBin(path, "raw", file.size(path))
    ends <- which(block == as.raw(10L))
    lapply(seq_along(ends), function(i) block[(if (i == 1L) 1L else ends[i - 1L] + 1L):ends[i]])
  })
  unlink(folder, recursive = TRUE)
  list(lines = unlist(lines, recursive = FALSE), stats = sdk$get_stats())
}

as_text <- function(raw) {
  x <- rawToChar(raw)
  Encoding(x) <- "UTF-8"
  x
}

parsed <- function(line) jsonlite::fromJSON(as_text(line), simplifyVector = FALSE)

program <- function(body) {
  path <- tempfile(fileext = ".R")
  writeLines(c("library(monitoringsdk)",
               "args <- commandArgs(TRUE)",
               "sdk <- MonitoringSDK$new('svc', port = as.numeric(args[1]), spool_dir = args[2], buffer = as.numeric(args[3]), backoff_min = 0.01,",
               "                         backoff_max = 0.05, close_timeout = 20, welcome_timeout = 60)",
               "for (n in args[-(1:3)]) sdk$log_event('info', n)", body), path)
  path
}

# Another R: its exit status, or with wait = FALSE nothing.
process <- function(events, body = "", buffer = 1000, wait = TRUE) {
  system2(file.path(R.home("bin"), "Rscript"), c("--vanilla", program(body), tests$fake$port, shQuote(tests$folder), buffer, events), stdout = FALSE,
          stderr = FALSE, wait = wait)
}
