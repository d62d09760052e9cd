# Gets lines to the hub: through memory, or through the spool where memory is full, and beside them what earlier processes of this source have
# left, as the clients that wrote it. R has one thread: all of this happens inside the application's calls, without waiting.
#
# Calls leave their lines in the inbox, which is C's; between begin() and end() it is closed, and the lines and files belong to this object.
# A finalizer of the application may log while one of these methods runs. `busy` tells; such a line waits in `late` until the outer call is done.
# Belongs to one process. After a fork the child makes a new one and forgets this one.

LOOK_AGAIN <- 0.2       # somebody else is choosing a spool file
LOOK_PAUSE <- 60
SPOOL_PAUSE <- 1
COUNTERS <- c("sent", "acked", "plain", "resent", "refused", "dropped", "spooled", "left_in_spool", "spool_files_sent", "connects")

Sender <- R6Class("Sender", class = FALSE, cloneable = FALSE, public = list(
  options = NULL, stats = NULL, inbox = NULL, spool = NULL, session = NULL, old = NULL, look_at = 0, connects_seen = 0,
  spool_again_at = 0, left = character(), overflow = FALSE, busy = FALSE, is_closed = FALSE, late = character(),
  spool_first = FALSE,    # a forked child may end without a word: its messages go into the spool at once

  initialize = function(options, inbox, spool_first = FALSE) {
    self$options <- options
    self$inbox <- inbox
    self$stats <- list2env(stats::setNames(as.list(rep(0, length(COUNTERS))), COUNTERS), parent = emptyenv())
    if (options$spool) self$spool <- Spool$new(options$source, options$spool_dir, options$spool_bytes)
    self$spool_first <- spool_first && options$spool
    self$session <- Session$new(options, self$stats, uuid(), 1)
    self$end()
  },

  begin = function() {
    self$busy <- TRUE
    session <- self$session
    taken <- .Call(C_mon_take, self$inbox)
    session$lines <- c(session$lines, taken[[1]])
    if (taken[[2]] == 0) return(invisible())
    session$file$wrote(taken[[2]], taken[[3]])
    self$stats$spooled <- self$stats$spooled + taken[[2]]
  },

  end = function() {
    if (self$is_closed) return(invisible())
    on.exit(self$busy <- FALSE)
    self$keep_late()
    session <- self$session
    file <- session$file
    room <- self$options$buffer - length(session$lines)
    if (!is.null(file)) .Call(C_mon_accept, self$inbox, 0, file$fd, file$size, file$room, self$options$max_line)
    else if (room > 0 && !self$spool_first) .Call(C_mon_accept, self$inbox, room, -1L, 0, 0, self$options$max_line)
    if (is.null(file) && room > 0) self$overflow <- FALSE
  },

  # A line that the inbox does not take: memory is full.
  add = function(line) {
    if (self$busy) {
      if (length(self$late) < self$options$buffer) self$late <- c(self$late, line)
      else self$stats$dropped <- self$stats$dropped + 1
      return(invisible())
    }
    on.exit(self$end())
    self$begin()
    self$keep(line)
    self$step()
  },

  work = function() {
    if (self$busy) return(invisible())
    on.exit(self$end())
    self$begin()
    self$step()
  },

  keep_late = function() {
    while (length(self$late)) {
      line <- self$late[1]
      self$late <- self$late[-1]
      self$keep(line)
    }
  },

  # Into memory as long as that keeps the order, else to the end of the spool file.
  keep = function(line) {
    session <- self$session
    if (is.null(session$file)) {
      if (self$spool_first && self$spool_line(line)) return(invisible())
      if (length(session$lines) >= self$options$buffer) session$step()
      if (length(session$lines) < self$options$buffer) {
        session$lines <- c(session$lines, line)
        return(invisible())
      }
    }
    self$overflow <- !self$spool_first
    if (!self$spool_line(line)) self$stats$dropped <- self$stats$dropped + 1
  },

  spool_line = function(line) {
    session <- self$session
    if (is.null(self$spool)) return(FALSE)
    is_new <- is.null(session$file)
    if (is_new) {
      if (.Call(C_mon_now) < self$spool_again_at) return(FALSE)
      session$file <- self$spool$create(session$client, session$next_number())
      if (is.null(session$file)) return(self$spool_fails(self$spool$error))
    }
    wrote <- session$file$append(line)
    if (wrote > 0) {
      self$stats$spooled <- self$stats$spooled + 1
      return(TRUE)
    }
    if (is_new) {
      session$file$remove()
      session$file <- NULL
    }
    self$spool_fails(if (wrote == 0) FULL else paste0("cannot write to the spool: ", .Call(C_mon_error, wrote)))
  },

  spool_fails = function(why) {
    self$stats$last_error <- why
    self$spool_again_at <- .Call(C_mon_now) + SPOOL_PAUSE
    FALSE
  },

  step = function(connect_now = FALSE, hold = .Call(C_mon_may_hold, self$inbox)) {
    self$session$hold <- hold
    if (!is.null(self$old)) self$old$hold <- hold
    self$session$step(connect_now)
    if (self$session$mode != "undecided" && !is.null(self$spool)) self$send_old_files(connect_now)
  },

  state = function() {
    if (self$overflow && (!is.null(self$session$file) || is.null(self$spool))) "overflow"
    else if (self$session$is_up) "connected" else "disconnected"
  },

  has_old_files = function() !is.null(self$spool) && (!is.null(self$old) || .Call(C_mon_now) >= self$look_at),

  send_old_files = function(connect_now) {
    now <- .Call(C_mon_now)
    if (self$connects_seen != self$stats$connects) self$look_at <- now
    if (!is.null(self$old)) {
      self$old$step(connect_now)
      done <- self$old$is_empty()
      if (!done && !self$old$is_over) return(invisible())
      if (done) self$stats$spool_files_sent <- self$stats$spool_files_sent + 1
      else self$left <- c(self$left, self$old$client)     # somebody else is sending it
      self$old$leave()
      self$old <- NULL
      self$look_at <- now
    }
    if (now >= self$look_at) {
      claimed <- self$spool$claim(self$session$client, self$left)
      self$look_at <- now + (if (claimed$again) LOOK_AGAIN else LOOK_PAUSE)
      if (!is.null(claimed$file)) {
        self$old <- Session$new(self$options, self$stats, claimed$file$client, claimed$file$first, claimed$file)
        self$old$was_welcomed <- self$session$was_welcomed      # there is a hub: a slow answer to this one does not make it a plain server
        self$old$step(TRUE)
      }
    }
    self$connects_seen <- self$stats$connects
  },

  # Waits until everything is with the hub, at most so many seconds, and no longer than there is a hub; whether it is there.
  flush = function(timeout) {
    if (self$busy) return(FALSE)
    on.exit(self$end())
    self$begin()
    self$deliver(timeout)
  },

  deliver = function(timeout, old_files_too = FALSE) {
    session <- self$session
    deadline <- .Call(C_mon_now) + timeout
    has_tried <- FALSE
    if (timeout > 0) self$look_at <- 0
    repeat {
      self$keep_late()
      try_now <- session$is_down() && !has_tried && timeout > 0
      has_tried <- has_tried || try_now
      self$step(try_now, hold = FALSE)
      old <- old_files_too && session$mode != "undecided" && self$has_old_files()
      if (session$is_empty() && !old) return(TRUE)
      left <- deadline - .Call(C_mon_now)
      if (left <= 0 || session$is_down() && has_tried) return(session$is_empty())
      if (!session$is_down()) self$wait(min(left, 0.05))
    }
  },

  wait = function(seconds) {
    sessions <- Filter(function(s) !is.null(s) && !s$is_down(), list(self$session, self$old))
    fds <- vapply(sessions, function(s) s$fd, 0L)
    writing <- vapply(sessions, function(s) !s$is_up || length(s$output) > 0L, NA)
    allowInterrupts(.Call(C_mon_wait, fds, writing, seconds))
  },

  # Says goodbye and leaves what the hub does not have in the spool, also when the user interrupts the wait. Goodbye comes last: behind a spool file,
  # or a connection that is only being made, once the rest is there.
  close = function(timeout, goodbye) {
    session <- self$session
    deadline <- .Call(C_mon_now) + timeout
    said <- NULL
    say <- function() {
      if (!is.null(said) || !session$is_up || !is.null(session$file) || session$next_number() == 1) return(FALSE)
      session$lines <- c(session$lines, goodbye)
      said <<- goodbye
      TRUE
    }
    on.exit(self$stow(said))
    if (self$busy) return(invisible())      # a finalizer calls
    self$begin()
    self$keep_late()
    say()
    self$deliver(timeout, TRUE)
    if (say()) self$deliver(max(0, deadline - .Call(C_mon_now)))
  },

  stow = function(goodbye) {
    session <- self$session
    self$is_closed <- TRUE
    error <- self$stats$last_error
    if (!session$is_empty() && session$mode == "plain") session$down("closed")    # what the socket took is not kept
    self$stats$last_error <- error
    lines <- session$lines
    if (!is.null(goodbye) && is.null(session$file) && length(lines) && lines[length(lines)] == goodbye) lines <- lines[-length(lines)]
    session$lines <- lines
    left <- session$next_number() - session$first
    if (left > 0) {
      kept <- if (is.null(self$spool)) 0 else self$spool$seal(session$client, session$first, lines, session$file)
      if (kept < left && !is.null(self$spool$error)) self$stats$last_error <- self$spool$error
      self$stats$left_in_spool <- self$stats$left_in_spool + kept
      self$stats$dropped <- self$stats$dropped + max(0, left - kept)
    } else if (!is.null(session$file)) {
      session$file$remove()
    }
    session$file <- NULL
    session$lines <- character()
    session$hang_up()
    if (!is.null(self$old)) self$old$leave()
    self$old <- NULL
  },

  # In a forked child: closes its copies of the parent's descriptors. The parent notices nothing, the locks stay its own.
  forget = function() {
    for (session in list(self$session, self$old)) {
      if (is.null(session)) next
      session$hang_up()
      if (!is.null(session$file)) session$file$leave()
    }
  }
))

random_bytes <- function(count) .Call(C_mon_random, count)

# A random UUID: version 4, variant 1.
uuid <- function() {
  b <- random_bytes(16)
  b[7] <- (b[7] & as.raw(0x0f)) | as.raw(0x40)
  b[9] <- (b[9] & as.raw(0x3f)) | as.raw(0x80)
  h <- paste(as.character(b), collapse = "")
  paste(substring(h, c(1, 9, 13, 17, 21), c(8, 12, 16, 20, 32)), collapse = "-")
}

# Uniform in [0, limit); R's own generator stays as the application has seeded it.
random_below <- function(limit) limit * sum(as.integer(random_bytes(4)) / 256^(1:4))

now_ms <- function() .Call(C_mon_stamp)
digits <- function(number) .Call(C_mon_digits, number)
