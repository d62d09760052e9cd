# Plays calls for the conformance suite: conformance/README.md says how.
library(monitoringsdk)

sdk <- NULL

# Calls with every odd value of R; how many calls, each of which makes one message.
odd_values <- function() {
  setClass("Strange", representation(x = "numeric"), where = globalenv())
  registerS3method("conditionMessage", "throwing", function(c) stop("no text"), envir = baseenv())
  registerS3method("as.character", "throwing", function(x, ...) stop("no text"), envir = baseenv())
  registerS3method("length", "throwing", function(x) stop("no length"), envir = baseenv())
  cyclic <- new.env()
  cyclic$self <- cyclic
  deep <- list()
  for (i in 1:200) deep <- list(deep)
  latin <- "\xe9"
  Encoding(latin) <- "latin1"
  bytes <- "\xff\xfe"
  Encoding(bytes) <- "bytes"
  values <- list(NULL, NA, NA_character_, NaN, Inf, -Inf, "", character(), list(), cyclic, deep, stop, sum, quote(a + b), quote(f), y ~ x, expression(a, b),
                 pairlist(a = 1), 1i, as.raw(0:3), structure(list(1), class = "throwing"), structure(list(), class = c("throwing", "condition")),
                 new("Strange", x = 1), factor(c("a", NA)), Sys.time(), as.Date(NA), as.difftime(Inf, units = "mins"), data.frame(a = 1:2, b = c("x", NA)),
                 matrix(1:4, 2), structure(list(1, 2), names = c(NA, "")), c(a = 1, a = 2), stdout(), TRUE, .Machine$integer.max, 1e308, 1:100000,
                 "\001\037\177", "\xff", latin, bytes)
  for (i in seq_along(values)) {
    value <- values[[i]]
    sdk$log_event(value, value, list(value = value, list = list(value)))
    sdk$log_event("info", "context", value)
    sdk$log_metric(value, value, value, value)
    sdk$log_metric("m", value)
    sdk$log_progress(value, value, value)
    sdk$log_resource(value, value, value, value)
    sdk$end_span(sdk$start_span(value, value), value, value)
  }
  8 * length(values)
}

burst <- function(from, to) {
  start <- before <- as.numeric(Sys.time())
  slowest <- 0
  for (n in from:to) {
    sdk$log_event("info", sprintf("%d", n))
    now <- as.numeric(Sys.time())
    slowest <- max(slowest, now - before)
    before <- now
  }
  list(seconds = before - start, slowest = slowest)
}

# The child ends as children of R do: without close, and without a word to R.
in_child <- function(from, to) {
  child <- parallel::mcparallel({
    for (n in from:to) sdk$log_event("info", paste("child", n))
    "done"
  })
  if (identical(parallel::mccollect(child)[[1]], "done")) 0 else 1
}

# A child as a daemon is: what it and its own children print goes nowhere.
without_streams <- function(from, to) {
  child <- parallel:::mcfork()
  if (inherits(child, "masterProcess")) {
    parallel:::closeFD(0:2)
    middle <- (from + to) %/% 2
    burst(from, middle)
    sdk$flush(5)
    cat("stray\n")
    system("echo stray; echo stray >&2")
    burst(middle + 1, to)
    sdk$close()
    parallel:::mcexit(0L)
  }
  while (is.raw(parallel:::readChild(child))) NULL
  0
}

# The same bytes, marked as R can mark them.
log_bytes <- function(hex) {
  text <- rawToChar(as.raw(strtoi(substring(hex, seq(1, nchar(hex), 2), seq(2, nchar(hex), 2)), 16L)))
  for (encoding in c("unknown", "UTF-8", "latin1", "bytes")) {
    Encoding(text) <- encoding
    sdk$log_event("info", text, stats::setNames(list(text), text))
  }
}

own <- list(
  new = function(...) sdk <<- MonitoringSDK$new(...),
  burst = burst, fork = in_child, without_streams = without_streams, chdir = function(folder) setwd(folder), odd_values = odd_values, bytes = log_bytes,
  huge = function(bytes) sdk$log_event("info", strrep("x", bytes), list(text = strrep("y", bytes))),
  stats = function() sdk$get_stats()
)
results <- c("burst", "fork", "without_streams", "odd_values", "stats", "start_span", "flush")

input <- file("stdin", "r")
while (length(line <- readLines(input, 1L))) {
  request <- jsonlite::fromJSON(line, simplifyVector = FALSE)
  name <- request$call
  call <- if (is.null(own[[name]])) sdk[[name]] else own[[name]]
  result <- do.call(call, request$args)
  answer <- list(ok = TRUE, result = if (name %in% results) result)
  cat(jsonlite::toJSON(answer, auto_unbox = TRUE, null = "null", digits = NA), "\n", sep = "")
}
