# The spool folder of one source: lines that the hub has not confirmed, for whoever comes next. protocol/SPOOL.md is the contract with the
# hub and the other languages; this one is `r` there and locks with flock(2).

BLOCK <- 131072
NAME_LENGTH <- 160

# One file as a queue: lines are appended at its end and taken from its beginning. It is locked as long as it is open.
SpoolFile <- R6Class("SpoolFile", class = FALSE, cloneable = FALSE, public = list(
  spool = NULL, client = NULL, first = NULL, path = NULL, fd = NULL, size = 0, room = 0, read_at = 0, read_lines = 0,
  unread_lines = 0,     # of a claimed file: unknown, 0

  initialize = function(spool, client, first, path, fd, size, room) {
    self$spool <- spool
    self$client <- client
    self$first <- first
    self$path <- path
    self$fd <- fd
    self$size <- size
    self$room <- room
  },

  # Writes as many as there is room for and returns how many, or a negative error number.
  append = function(lines) {
    ends <- cumsum(nchar(lines, "bytes"))
    count <- sum(self$size + ends <= self$room)
    if (count == 0) return(0)
    done <- .Call(C_mon_append, self$fd, to_raw(lines[seq_len(count)]), self$size)
    if (done < 0) {
      if (.Call(C_mon_size, self$fd, self$path) != self$size) self$room <- self$size      # behind half a line no other may stand
      return(done)
    }
    self$wrote(count, ends[count])
    count
  },

  wrote = function(count, bytes) {
    self$size <- self$size + bytes
    self$unread_lines <- self$unread_lines + count
  },

  has_unread = function() self$read_at < self$size,

  # The next lines; an error number if they can't be read.
  take = function(most) {
    block <- .Call(C_mon_read, self$fd, self$read_at, min(BLOCK, self$size - self$read_at))
    if (!is.raw(block)) return(block)
    lines <- .Call(C_mon_lines, block)
    if (length(lines) == 0L) {      # not a file of ours, or it shrank
      self$read_at <- self$size
      return(lines)
    }
    lines <- lines[seq_len(min(most, length(lines)))]
    self$read_at <- self$read_at + sum(nchar(lines, "bytes"))
    lines <- lines[lines != "\n"]   # empty lines have no number
    self$read_lines <- self$read_lines + length(lines)
    self$unread_lines <- max(0, self$unread_lines - length(lines))
    lines
  },

  # All of that file but the first lines, through to the disk; whether that was possible.
  copy = function(file, skip) {
    self$room <- self$room + file$size      # they only move
    file$read_at <- 0
    while (file$has_unread()) {
      lines <- file$take(1000)
      if (!is.character(lines)) return(FALSE)
      rest <- lines[seq_along(lines) > skip]
      if (length(rest) && self$append(rest) != length(rest)) return(FALSE)
      skip <- max(0, skip - length(lines))
    }
    .Call(C_mon_sync, self$fd) >= 0
  },

  is_done = function(number) !self$has_unread() && number >= self$first + self$read_lines - 1,

  remove = function() {
    unlink(self$path, expand = FALSE)
    self$leave()
  },

  # Gives the file to whoever comes next.
  release = function() {
    .Call(C_mon_rename, self$path, self$spool$path(self$client, self$first, "ldjson"))
    self$leave()
  },

  # Its lines go on under another client's id; a negative error number if it can't be renamed.
  give_to = function(client) {
    path <- self$spool$path(client, self$first, "open-r")
    code <- .Call(C_mon_rename, self$path, path)
    if (code >= 0) {
      self$client <- client
      self$path <- path
    }
    code
  },

  finish = function() {
    .Call(C_mon_sync, self$fd)
    self$release()
  },

  # Closes this process's descriptor; a parent's lock stays with the parent.
  leave = function() {
    if (self$fd >= 0) .Call(C_mon_close, self$fd)
    self$fd <- -1L
  }
))

Spool <- R6Class("Spool", class = FALSE, cloneable = FALSE, public = list(
  name = NULL, folder = NULL, is_private = NULL, most = NULL, pattern = NULL, error = NULL,

  initialize = function(source, folder, most) {
    self$name <- substr(gsub("[^A-Za-z0-9._-]", "_", utf8(source), perl = TRUE), 1, NAME_LENGTH)
    self$is_private <- is.null(folder)
    if (is.null(folder)) {
      base <- Sys.getenv(c("TMPDIR", "TMP", "TEMP"), "")
      folder <- sprintf("%s/monitoring-spool-%.0f", c(base[nzchar(base) & dir.exists(base)], "/tmp")[1], .Call(C_mon_euid))
    }
    folder <- path.expand(folder)
    self$folder <- if (startsWith(folder, "/")) folder else file.path(getwd(), folder)      # setwd() may come
    self$most <- most
    self$pattern <- paste0("^(", gsub(".", "\\.", self$name, fixed = TRUE),
                           ")-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})-([0-9]{1,18})\\.(ldjson|(?:open|claimed)(?:-[a-z0-9]+)?)$")
  },

  path = function(client, first, ending) sprintf("%s/%s-%s-%.0f.%s", self$folder, self$name, client, first, ending),

  # A new, locked file for lines from this number on; NULL and an error if that can't be.
  create = function(client, first) {
    dir.create(self$folder, FALSE, TRUE, if (self$is_private) "0700" else "0777")
    if (!self$is_ours())
      return(self$failed(paste0("the spool folder ", self$folder, " belongs to somebody else: set MONITORING_SPOOL_DIR")))
    path <- self$path(client, first, "open-r")
    fd <- .Call(C_mon_open, path, if (self$is_private) 384L else 416L)    # 0600, 0640
    if (fd < 0) return(self$failed(paste0("cannot write to the spool: ", path, ": ", .Call(C_mon_error, fd))))
    if (.Call(C_mon_size, fd, path) != 0) {     # taken for an abandoned one before it was locked
      .Call(C_mon_close, fd)
      return(self$failed(paste0("somebody has removed ", path)))
    }
    SpoolFile$new(self, client, first, path, fd, 0, max(0, self$most - sum(self$files()$size)))
  },

  # In a shared temporary folder somebody else may have been quicker.
  is_ours = function() !self$is_private || .Call(C_mon_is_ours, self$folder),

  failed = function(why) {
    self$error <- why
    NULL
  },

  # All files of this source: equally long vectors.
  files = function() {
    names <- list.files(self$folder, all.files = TRUE)
    names <- names[startsWith(names, self$name) & grepl(self$pattern, names, perl = TRUE)]
    parts <- vapply(regmatches(names, regexec(self$pattern, names, perl = TRUE)), identity, character(5))
    paths <- file.path(self$folder, names)
    about <- file.info(paths, extra_cols = FALSE)
    found <- list(client = parts[3, ], first = as.numeric(parts[4, ]), path = paths, size = about$size, changed = as.numeric(about$mtime),
                  is_ours = parts[5, ] %in% c("ldjson", "open-r", "claimed-r"))
    lapply(found, `[`, !is.na(about$size))      # the others have just changed hands
  },

  # The first file of each client.
  lowest = function() {
    found <- self$files()
    found <- lapply(found, `[`, order(found$first))
    lapply(found, `[`, !duplicated(found$client))
  },

  # The oldest file that is free, now ours; else NULL, and `again` says whether it is worth looking again soon. `own` is the client whose session
  # lives here: its files are its own business, a second session of it would confuse the hub's numbers. Those in `left` live elsewhere.
  claim = function(own, left = character()) {
    if (!self$is_ours() || length(self$files()$path) == 0L) return(list(file = NULL, again = FALSE))
    turn <- .Call(C_mon_turn, file.path(self$folder, paste0(self$name, ".lock")))
    if (turn < 0) return(list(file = NULL, again = TRUE))
    on.exit(.Call(C_mon_close, turn))
    found <- self$lowest()
    for (i in order(found$changed, found$path)) {
      file <- if (found$is_ours[i] && !(found$client[i] %in% c(own, left))) self$claim_file(found$client[i], found$first[i], found$path[i])
      if (is.null(file)) next
      now <- self$lowest()
      now <- now$first[now$client == file$client]
      if (length(now) == 0L || now >= file$first) return(list(file = file, again = FALSE))
      file$release()        # a listing can miss a file that is being renamed
      return(list(file = NULL, again = TRUE))
    }
    list(file = NULL, again = FALSE)
  },

  claim_file = function(client, first, path) {
    fd <- .Call(C_mon_open, path, 0L)
    if (fd < 0) return(NULL)      # in other hands
    size <- .Call(C_mon_size, fd, path)
    mine <- self$path(client, first, "claimed-r")
    if (size < 0 || mine != path && .Call(C_mon_rename, path, mine) < 0) {
      .Call(C_mon_close, fd)
      return(NULL)
    }
    whole <- size_of_lines(fd, size)
    file <- SpoolFile$new(self, client, first, mine, fd, whole, whole)
    if (is.na(whole)) file$release()        # cannot be read, now
    else if (whole > 0) return(file)
    else file$remove()
    NULL
  },

  # Leaves everything from number `first` on as finished files: the lines in memory, which the session's own file continues or holds.
  # Returns how many lines were kept.
  seal = function(client, first, lines, file) {
    if (is.null(file)) return(self$write(client, first, lines))
    if (file$first < first) return(self$move(file, first))
    kept <- file$read_lines + file$unread_lines
    if (file$first > first) kept <- kept + self$write(client, first, lines[seq_len(min(length(lines), file$first - first))])
    file$finish()
    kept
  },

  write = function(client, first, lines) {
    file <- self$create(client, first)
    if (is.null(file)) return(0)
    kept <- file$append(lines)
    if (kept < 0) self$failed(paste0("cannot write to the spool: ", .Call(C_mon_error, kept)))
    else if (kept < length(lines)) self$failed(FULL)
    if (kept > 0) file$finish() else file$remove()
    max(0, kept)
  },

  # Into a new file without the lines that are confirmed: a plain server knows no numbers and would have them twice. If that fails, the old one has
  # everything.
  move = function(file, first) {
    kept <- file$read_lines + file$unread_lines - (first - file$first)
    rest <- self$create(file$client, first)
    if (!is.null(rest) && rest$copy(file, first - file$first)) {
      rest$release()
      file$remove()
    } else {
      if (!is.null(rest)) rest$remove()
      file$finish()
    }
    kept
  }
))

FULL <- "the spool is full: raise spool_bytes, or see why the hub is away"

to_raw <- function(lines) .Call(C_mon_bytes, lines)

# Length up to the last newline: a killed writer may have left half a line. NA if that can't be read.
size_of_lines <- function(fd, size) {
  while (size > 0) {
    start <- max(0, size - BLOCK)
    block <- .Call(C_mon_read, fd, start, size - start)
    if (!is.raw(block)) return(NA_real_)
    ends <- which(block == as.raw(10L))
    if (length(ends)) return(start + ends[length(ends)])
    size <- start
  }
  0
}
