# One numbered stream of lines of one client, and the connection that it goes over.
#
# Lines wait in `lines`; `first` is the number of the first of them. A line stays until the hub has confirmed it. `written` counts how many went
# into the present connection; after a lost one it is 0 again, and hello names `first`. The hub numbers by position from there, so every line is
# written, also those that welcome says it has: leaving one out would shift the numbers of all that follow.
#
# The mode belongs to the connection: undecided until the hub has answered hello, acked once it has, plain for a server that doesn't know hello.
# With a plain one a line counts as sent when the kernel has taken it; the last of them are remembered, as many as `buffer`, should the welcome only
# be late. No method waits.
#
# A hub that says `fenced` has seen this client's id in another connection. Unless that can be the one that was given up here before (`is_left_open`),
# it is somebody else's: what is not confirmed goes on under a new id, with the same numbers, and a spool file of others is left to them (`is_over`).
#
# A hub on the same machine that is woken by our write may take the processor from the caller in the middle of it. With `hold` the kernel keeps what
# it has taken, less than a segment, and sends it by itself 0.2 s later; not with two thirds of `buffer` waiting for acks, or soon to wait: it must not fill up so.

WRITE_BYTES <- 65536
WRITES_PER_STEP <- 4L

Session <- R6Class("Session", class = FALSE, cloneable = FALSE, public = list(
  options = NULL, stats = NULL, client = NULL, first = NULL, file = NULL, lines = character(), written = 0, confirmed = 0, highest = 0,
  refused = numeric(), fd = -1L, is_up = FALSE, was_welcomed = FALSE, mode = "undecided", input = raw(), output = raw(), output_at = 0,
  failures = 0, since = 0, retry_at = 0, refusal = NULL, unfinished = FALSE, is_own = NA, is_fenced = FALSE, is_left_open = FALSE, is_over = FALSE,
  hold = FALSE, is_near = FALSE, is_corked = FALSE,
  unsure = character(),     # taken for sent in this connection, which may still turn out to be acknowledged

  initialize = function(options, stats, client, first, file = NULL) {
    self$options <- options
    self$stats <- stats
    self$client <- client
    self$first <- first
    self$file <- file
    self$is_own <- is.null(file)
    self$confirmed <- self$highest <- first - 1
  },

  is_down = function() self$fd < 0,
  is_empty = function() length(self$lines) == 0L && length(self$output) == 0L && !(!is.null(self$file) && self$file$has_unread()),

  # The number that the next new line will get.
  next_number = function() self$first + length(self$lines) + (if (is.null(self$file)) 0 else self$file$unread_lines),

  # Does what can be done now.
  step = function(connect_now = FALSE) {
    # An error of memory or of ours left the last step unfinished: what went into the socket is uncertain. A new hello makes it certain.
    if (self$unfinished && !self$is_down()) self$down(given_up("interrupted"))
    self$unfinished <- TRUE
    now <- .Call(C_mon_now)
    why <- NULL
    if (self$fd < 0) {
      if (connect_now || now >= self$retry_at) why <- self$connect(now)
    }
    if (is.null(why) && self$fd >= 0 && !self$is_up) why <- self$finish_connect(now)
    if (is.null(why) && self$is_up) {
      why <- self$read()
      if (is.null(why)) why <- self$decide_mode(now)
      if (is.null(why)) why <- self$write()
    }
    if (!is.null(why)) self$down(why)
    self$unfinished <- FALSE
  },

  # --- connection: these return why it must be given up, or NULL ---

  connect = function(now) {
    o <- self$options
    if (is.character(o$addresses)) return(paste0("cannot connect to ", o$name, ": ", o$addresses))
    self$since <- now
    fd <- .Call(C_mon_connect, o$addresses[[self$failures %% length(o$addresses) + 1]])
    if (fd < 0) return(paste0("cannot connect to ", o$name, ": ", .Call(C_mon_error, fd)))
    self$fd <- fd
    NULL
  },

  finish_connect = function(now) {
    o <- self$options
    code <- .Call(C_mon_connected, self$fd)
    if (code < 0) return(paste0("cannot connect to ", o$name, ": ", .Call(C_mon_error, code)))
    if (code == 0) return(if (now - self$since >= o$connect_timeout) paste0("no connection to ", o$name, " in ", o$connect_timeout, " s"))
    self$is_up <- TRUE
    self$is_near <- .Call(C_mon_is_near, self$fd)
    self$since <- now
    self$stats$connects <- self$stats$connects + 1
    if (o$protocol == "plain") {
      self$mode <- "plain"
      self$failures <- 0
    } else {
      self$output <- to_raw(self$hello())
    }
    NULL
  },

  hello = function() {
    o <- self$options
    token <- if (is.null(o$token)) "" else paste0(",\"token\":", quoted(o$token))
    paste0("{\"v\":1,\"type\":\"hello\",\"src\":", quoted(o$source), ",\"ts\":", digits(now_ms()), ",\"data\":{\"client\":\"", self$client,
           "\",\"next\":", digits(self$first), ",\"sdk\":\"r/", o$version, "\"", token, "}}\n")
  },

  # Ends the connection. The pause before the next attempt is exponential with full jitter.
  down = function(why) {
    o <- self$options
    if (self$mode == "plain") {   # what the socket took as whole lines is not sent again
      rest <- self$output[seq_along(self$output) > self$output_at]
      self$forget(self$written - sum(rest == as.raw(10L)))
    }
    self$retry_at <- .Call(C_mon_now) + random_below(min(o$backoff_max, o$backoff_min * 2^min(self$failures, 20)))
    self$failures <- self$failures + 1
    if (self$is_fenced && !self$is_left_open) self$end_id()
    self$is_fenced <- FALSE
    if (self$is_up) self$is_left_open <- isTRUE(attr(why, "given_up"))
    self$hang_up()
    self$stats$last_error <- if (is.null(self$refusal)) as.character(why) else self$refusal
    self$refusal <- NULL
  },

  # Numbers go on: the hub takes a new client's from wherever they begin.
  end_id = function() {
    self$is_over <- !self$is_own
    if (self$is_over) return(invisible())
    self$client <- uuid()
    if (is.null(self$file)) return(invisible())
    code <- self$file$give_to(self$client)
    if (code < 0) self$refusal <- paste0(self$refusal, "; its spool file keeps the old id: ", .Call(C_mon_error, code))
  },

  hang_up = function() {
    if (self$fd >= 0) .Call(C_mon_close, self$fd)
    self$fd <- -1L
    self$is_up <- self$is_corked <- FALSE
    self$mode <- "undecided"
    self$written <- 0
    self$unsure <- character()
    self$input <- self$output <- raw()
    self$output_at <- 0
  },

  # Ends a session that sends somebody's file: the file is given back if the hub has not confirmed all of it.
  leave = function() {
    done <- self$is_empty()
    self$hang_up()
    if (!is.null(self$file)) if (done) self$file$remove() else self$file$release()
    self$file <- NULL
  },

  # A server that has never answered this client doesn't know hello. One that has, has only stopped: a new connection is tried.
  decide_mode = function(now) {
    o <- self$options
    if (self$mode != "undecided" || now - self$since < o$welcome_timeout) return(NULL)
    if (self$was_welcomed || o$protocol == "acked") return(given_up(paste0("the hub did not answer hello in ", o$welcome_timeout, " s")))
    self$mode <- "plain"
    self$failures <- 0
    self$confirm_written()
    NULL
  },

  # --- what the hub says ---

  read = function() {
    got <- .Call(C_mon_receive, self$fd)
    if (is.null(got)) return(NULL)
    if (!is.raw(got)) return(paste0("connection lost: ", .Call(C_mon_error, got)))
    why <- self$take(got)
    if (is.null(why) && length(got) == 0L) "connection closed by the hub" else why
  },

  # Why the hub has gone, as far as it said so.
  hear_the_rest = function() {
    repeat {
      got <- .Call(C_mon_receive, self$fd)
      if (!is.raw(got) || length(got) == 0L) return(NULL)
      why <- self$take(got)
      if (!is.null(why)) return(why)
    }
  },

  take = function(got) {
    self$input <- c(self$input, got)
    lines <- .Call(C_mon_lines, self$input)
    if (length(lines)) self$input <- self$input[seq_along(self$input) > sum(nchar(lines, "bytes"))]
    for (line in lines) {
      why <- self$heard(line)
      if (!is.null(why)) return(why)
    }
    if (length(self$input) > WRITE_BYTES) given_up("the hub sends no lines")
  },

  heard = function(line) {
    number <- .Call(C_mon_ack, line)      # nearly all lines: read as JSON, one takes as long as sending a batch
    if (number > 0) return(self$acked(number))
    answer <- tryCatch(fromJSON(line, simplifyVector = FALSE, bigint_as_char = FALSE), error = function(e) NULL)
    if (!is.list(answer) || !is.list(answer[["data"]])) return(NULL)
    switch(if (is.character(answer[["type"]])) answer[["type"]] else "",
           ack = if (is_number(answer[["data"]][["seq"]])) self$acked(as.numeric(answer[["data"]][["seq"]])),
           welcome = if (is_number(answer[["data"]][["acked"]])) self$welcomed(answer[["data"]]),
           error = self$error(answer[["data"]]))   # other types are a later version's: clients must bear them
  },

  acked = function(number) {
    if (number > self$highest)
      return(given_up(sprintf("the hub acknowledged line %.0f, but %.0f was the last one sent", number, self$highest)))
    self$confirm(number)
    NULL
  },

  welcomed = function(data) {
    acked <- as.numeric(data[["acked"]])
    self$take_back()
    self$mode <- "acked"
    self$was_welcomed <- TRUE
    if (self$is_own && acked > self$highest) {
      self$is_fenced <- TRUE
      self$is_left_open <- FALSE
      self$refusal <- sprintf("the hub has line %.0f of this client, but %.0f was the last one sent: another process has its id", acked, self$highest)
      return(self$refusal)
    }
    self$highest <- max(self$highest, acked)    # of a file that somebody else wrote and partly sent, the hub may have more than was read here
    self$failures <- 0
    most <- data[["max_message"]]
    if (is_number(most) && most >= 1024 && most < MAX_LINE) self$options$max_line <- as.numeric(most)
    if (acked > 0) self$acked(acked)
  },

  error = function(data) {
    why <- paste0("refused by the hub: ", text(data[["code"]]), ": ", text(data[["reason"]]))
    number <- if (is_number(data[["seq"]])) as.numeric(data[["seq"]]) else 0
    self$stats$refused <- self$stats$refused + 1
    self$stats$last_error <- why
    if (number <= 0) {      # about the session, which the hub will end
      self$refusal <- why
      if (identical(data[["code"]], "fenced")) {
        self$take_back()
        self$mode <- "acked"
        self$is_fenced <- TRUE
        return(why)
      }
    } else if (number > self$confirmed && number <= self$highest) {
      self$refused <- c(self$refused, number)     # confirms its own line and says nothing of those before it
      self$confirm(self$confirmed)
    }
    NULL
  },

  # All lines up to this number are the hub's. Only written ones can go; the rest follow when they have been written.
  confirm = function(number) {
    self$take_back()
    self$mode <- "acked"
    if (number > self$confirmed) self$confirmed <- number
    if (length(self$refused)) {
      while ((self$confirmed + 1) %in% self$refused) self$confirmed <- self$confirmed + 1
      self$refused <- self$refused[self$refused > self$confirmed]
    }
    self$forget(min(self$confirmed - self$first + 1, self$written))
  },

  confirm_written = function() if (length(self$output) == 0L) self$forget(self$written),

  forget = function(count) {
    if (count <= 0) return(invisible())
    if (self$mode == "plain" && self$options$protocol != "plain") self$unsure <- newest(c(self$unsure, self$lines[seq_len(count)]), self$options$buffer)
    self$lines <- self$lines[seq_along(self$lines) > count]
    self$first <- self$first + count
    self$written <- self$written - count
    counter <- if (self$mode == "plain") "plain" else "acked"
    self$stats[[counter]] <- self$stats[[counter]] + count
    if (!is.null(self$file) && self$file$is_done(self$first - 1)) {
      self$file$remove()
      self$file <- NULL
    }
  },

  # The hub did know hello, it was only slow: what was taken for sent waits for its ack like everything else.
  take_back = function() {
    count <- length(self$unsure)
    if (count == 0L) return(invisible())
    self$lines <- c(self$unsure, self$lines)
    self$first <- self$first - count
    self$written <- self$written + count
    self$stats$plain <- self$stats$plain - count
    self$unsure <- character()
  },

  # --- what goes to the hub ---

  write = function() {
    self$cork(self$may_hold())
    for (turn in seq_len(WRITES_PER_STEP)) {
      why <- if (length(self$output) == 0L) self$next_batch()
      if (!is.null(why) || length(self$output) == 0L) return(why)
      took <- .Call(C_mon_send, self$fd, self$output, self$output_at)
      if (took < 0) {
        why <- self$hear_the_rest()
        return(if (is.null(why)) paste0("connection lost: ", .Call(C_mon_error, took)) else why)
      }
      self$output_at <- self$output_at + took
      if (self$output_at < length(self$output)) return(NULL)
      self$output <- raw()
      self$output_at <- 0
      if (self$mode == "plain") self$confirm_written()
      else if (self$mode == "acked") self$confirm(self$confirmed)
    }
    NULL
  },

  # Lines that wait for acks, with another batch as large as this one.
  may_hold = function() {
    all <- length(self$lines)
    self$hold && self$is_near && self$mode == "acked" && (2 * all - self$written) * 3 < self$options$buffer * 2
  },

  cork = function(on) {
    if (on == self$is_corked) return(invisible())
    .Call(C_mon_cork, self$fd, on)
    self$is_corked <- on
  },

  # Why there is none, if that ends the connection.
  next_batch = function() {
    most <- self$options$buffer
    if (!is.null(self$file) && length(self$lines) <= most / 2 && self$file$has_unread()) {
      taken <- self$file$take(most - length(self$lines))
      if (!is.character(taken)) return(paste0("cannot read the spool file: ", .Call(C_mon_error, taken)))
      self$lines <- c(self$lines, taken)
    }
    waiting <- length(self$lines) - self$written
    if (waiting <= 0) return(NULL)
    batch <- self$lines[self$written + seq_len(waiting)]
    count <- min(waiting, sum(cumsum(nchar(batch, "bytes")) < WRITE_BYTES) + 1)
    self$output <- to_raw(batch[seq_len(count)])
    last <- self$first + self$written + count - 1
    fresh <- max(0, last - max(self$highest, self$first + self$written - 1))
    self$stats$sent <- self$stats$sent + fresh
    self$stats$resent <- self$stats$resent + count - fresh
    self$highest <- max(self$highest, last)
    self$written <- self$written + count
    NULL
  }
))

is_number <- function(x) is.numeric(x) && length(x) == 1L && is.finite(x)
# Why a connection is ended from here: the hub need not know it yet.
given_up <- function(why) structure(why, given_up = TRUE)
newest <- function(x, most) x[seq_along(x) > length(x) - most]
