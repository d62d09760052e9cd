# C writes the lines: the same ones as plain R would, and for few of R's cells.
source(if (file.exists("lib/helper.R")) "lib/helper.R" else "tests/lib/helper.R")
source(file.path(here, "lib/writer.R"))

inbox <- function(most_lines = 0) {
  box <- .Call(monitoringsdk:::C_mon_inbox, "{\"v\":1,\"src\":\"s\",\"ts\":", 1e9, 0.05, 65536)
  if (most_lines > 0) .Call(monitoringsdk:::C_mon_accept, box, most_lines, -1L, 0, 0, 65536)
  box
}
around <- nchar("{\"v\":1,\"src\":\"s\",\"ts\":1697821234567,\"type\":\"event\",\"data\":}\n")

# Of an event: its data as it is logged with conversions; and as it is without, NULL where that gives up.
data_of <- function(line) sub("^.*?,\"data\":(.*)\\}\n$", "\\1", line, perl = TRUE)
slow <- inbox()
quick <- inbox(1e6)
data_by_c <- function(message, context) {
  data <- list(level = "info", msg = message, ctx = monitoringsdk:::members(context))
  data_of(.Call(monitoringsdk:::C_mon_log, slow, "event", character(), data, monitoringsdk:::CONVERT))
}
data_by_c_alone <- function(message, context) {
  kept <- .Call(monitoringsdk:::C_mon_log, quick, "event", character(), list(level = "info", msg = message, ctx = context), NULL)
  taken <- .Call(monitoringsdk:::C_mon_take, quick)[[1]]
  .Call(monitoringsdk:::C_mon_accept, quick, 1e6, -1L, 0, 0, 65536)
  if (!identical(kept, FALSE)) data_of(taken)
}

# --- random values ---

seed <- as.integer(Sys.getenv("LINES_SEED", as.integer(Sys.time()) %% 100000L))
set.seed(seed)
one_of <- function(x) x[[sample.int(length(x), 1)]]
latin <- "\xe9t\xe9"
Encoding(latin) <- "latin1"
marked_bytes <- "\xc3\xa9"
Encoding(marked_bytes) <- "bytes"
texts <- list("", "a", "key", "a\"b\\c\n\t\r\b\f\001\037\177/", "\u00fc\u263a\U1F600", "caf\xc3\xa9", "\xff\xfe", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xc0\x80", "\xe2\x98",
              latin, marked_bytes, "1", "NA", "a.1", strrep("x", 300), strrep("\u263a", 40))
numbers <- c(0, -0, 1, 0.1, 0.1 + 0.2, 1 / 3, pi * 1e-300, 5e-324, 1e15, 1e16, 123456789012345678, 2^53 + 2, -1e22, 1.7976931348623157e308, NA, NaN, Inf, -Inf)
random_text <- function(is_ordinary) {
  if (is_ordinary) return(paste(sample(c(letters, "\n", "\"", "\u00fc", "\U1F600", "\\"), sample(0:12, 1), TRUE), collapse = ""))
  one_of(texts)
}
random_number <- function() if (runif(1) < 0.5) sample(numbers, 1) else runif(1, -1, 1) * 10^sample(-320:308, 1)
random_names <- function(count, is_ordinary) {
  if (is_ordinary) return(paste0(if (count <= 32) vapply(seq_len(count), function(i) random_text(TRUE), "") else "k", seq_len(count), recycle0 = TRUE))
  vapply(seq_len(count), function(i) if (runif(1) < 0.1) NA_character_ else random_text(runif(1) < 0.5), "")
}
odd_values <- list(factor(c("a", NA)), as.Date("2024-02-29"), as.POSIXct(1.5, origin = "1970-01-01"), 1:5, 1i, as.raw(1:2), c(a = 2i), c(NA, 1i), quote(a + b), quote(f), mean, globalenv(),
                   I(1), I("x"), I(list(1)), data.frame(a = 1:2, b = c("x", NA)), matrix(1:4, 2), simpleError("why"), pairlist(a = 1, 2), expression(a, b),
                   structure(5, class = "mine"), structure(list(1), class = "mine"), array(1:2, 2, list(c("p", "q"))), as.difftime(1, units = "mins"),
                   structure(list(), names = character()), package_version("1.2"))
random_value <- function(depth, is_ordinary) {
  if (!is_ordinary && runif(1) < 0.2) return(one_of(odd_values))
  count <- sample(c(0:4, 40), 1, prob = c(1, 4, 2, 1, 1, 0.3))
  v <- switch(sample(c("null", "logical", "integer", "double", "text", "list"), 1, prob = c(1, 1, 1, 2, 2, if (depth < 10) 3 else 0)),
              null = return(NULL), logical = sample(c(TRUE, FALSE, NA), count, TRUE), integer = sample(c(NA, -5L, 0L, 7L, .Machine$integer.max), count, TRUE),
              double = vapply(seq_len(count), function(i) random_number(), 0),
              text = vapply(seq_len(count), function(i) if (runif(1) < 0.1) NA_character_ else random_text(is_ordinary), ""),
              list = lapply(seq_len(min(count, 6)), function(i) random_value(depth + 1, is_ordinary)))
  if (runif(1) < 0.4) names(v) <- random_names(length(v), is_ordinary)
  v
}
random_context <- function(is_ordinary) {
  count <- sample(0:6, 1)
  v <- lapply(seq_len(count), function(i) random_value(1, is_ordinary))
  if (count > 0) names(v) <- random_names(count, is_ordinary)
  v
}

wrong <- alone <- 0
for (n in 1:2000) {
  is_ordinary <- n %% 2 == 0
  message <- random_text(is_ordinary)
  context <- random_context(is_ordinary)
  by_r <- written_event("info", message, context, around)
  by_c <- data_by_c(message, context)
  by_c_alone <- data_by_c_alone(message, context)
  alone <- alone + !is.null(by_c_alone)
  if (identical(by_c, by_r) && (is.null(by_c_alone) && !is_ordinary || identical(by_c_alone, by_r))) next
  wrong <- wrong + 1
  if (wrong <= 3) for (line in c(by_r, by_c, if (is.null(by_c_alone)) "(not alone)" else by_c_alone)) write(paste("# ", substr(line, 1, 2000)), stderr())
}
is(wrong, 0, paste("2,000 random events are written by C as by R; seed", seed))
ok(alone >= 1000 && alone < 2000, "... those of ordinary values without R, others not", alone)

# --- lengths ---

named <- function(count, value) stats::setNames(rep(list(value), count), paste0("k", seq_len(count)))
long <- list(list(strrep("\u263a", 60000), list()), list("m", named(6, strrep("y", 30000))), list("m", named(5000, strrep("v", 50))), list("m", named(3, c(1:3000) + 0)),
             list(strrep("\001", 30000), list()), list("m", named(2001, 1)), list("m", named(1999, list(1, 2))), list("m", list(a = as.list(1:3000 + 0), b = 1)),
             list(strrep("\xff", 70000), list()), list(strrep(latin, 70000), list()), list("m", stats::setNames(named(30, 1), paste0(strrep("k", 5000), 1:30))),
             list("m", list(a = list(list(list(list(list(list(list(list("deep")))))))))), list("m", named(2000, 1)), list("m", named(1, c(1:2000) + 0)))
for (i in seq_along(long)) {
  by_r <- written_event("info", long[[i]][[1]], long[[i]][[2]], around)
  is(data_by_c(long[[i]][[1]], long[[i]][[2]]), by_r, paste("a long one is shortened as by R", i))
  by_c_alone <- data_by_c_alone(long[[i]][[1]], long[[i]][[2]])
  ok(is.null(by_c_alone) || identical(by_c_alone, by_r), "... also without R")
}

# --- cells ---

# Of each call, on the average, as the collector counts them; if it collects in between, fewer are seen.
cells_of <- function(call, times) {
  gc(reset = TRUE)
  before <- gc(reset = TRUE)
  for (n in seq_len(times)) call(n)
  after <- gc()
  (after["Ncells", 5] - before["Ncells", 1]) / times
}
calls <- function(sdk) list(
  log_event = function(n) sdk$log_event("info", "Job started", list(job_id = "12345", attempt = n)),
  log_metric = function(n) sdk$log_metric("rows", n, "rows", list(table = "orders")),
  "a span" = function(n) sdk$end_span(sdk$start_span("step")))
most <- c(log_event = 200, log_metric = 200, "a span" = 300)

# The pauses are that long so that how many bytes wait says what is done when, and not the machine. So few calls make no collection.
folder <- tempfile("cells-")
sdk <- MonitoringSDK$new("cells", port = 1, spool_dir = folder, buffer = 5000, flush_interval = 1e6, backoff_min = 1e9, backoff_max = 1e9)
for (where in c("memory", "the spool")) {
  for (name in names(most)) {
    call <- calls(sdk)[[name]]
    for (n in 1:500) call(n)        # all is compiled then
    made <- cells_of(call, 150)
    ok(made > 5 && made < most[[name]], paste("cells of", name, "into", where), made)
  }
  while (sdk$get_stats()$spooled == 0) sdk$log_event("info", "full")
}
sdk$close(0)
unlink(folder, recursive = TRUE)

done()
