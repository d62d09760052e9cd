# R values to what C writes lines of. Whatever comes in, a line that the hub takes comes out; no method of the application's classes runs
# but conditionMessage and, of what calls itself a number version or a 64-bit integer, as.character. Without state.

MAX_LINE <- 65536   # bytes, with the newline

# What C calls for what is not ordinary. Each gets the longest text of this message as well.
CONVERT <- list(
  value = function(v, most) ordinary(v),
  text = function(x, most) utf8(shorten(x, most)),
  keys = function(keys, most) {
    nameless <- is.na(keys) | keys == ""
    keys[nameless] <- as.character(which(nameless))
    make.unique(utf8(keys))
  })

# --- texts ---

quoted <- function(x) .Call(C_mon_quote, utf8(x))

shorten <- function(x, most) {
  all <- nchar(x, "bytes")
  if (all <= most) return(x)
  paste0(beginning(x, most), "...[", sprintf("%.0f", all - most), " more]")
}

# Not more than so many bytes, without cutting a character of UTF-8 in two.
beginning <- function(x, most) {
  raw <- charToRaw(x)
  if (length(raw) <= most) return(x)
  encoding <- Encoding(x)
  end <- most
  while (end > most - 3 && end > 0 && bitwAnd(as.integer(raw[end + 1]), 0xc0L) == 0x80L) end <- end - 1
  x <- rawToChar(raw[seq_len(end)])
  Encoding(x) <- encoding
  x
}

# Texts in UTF-8: what is valid UTF-8 is taken as such unless it is marked otherwise, the rest goes by the locale, then as Latin-1.
utf8 <- function(x) {
  marked <- Encoding(x) == "latin1"
  odd <- marked | !is_utf8(x)
  if (any(odd)) {
    native <- odd & !marked
    if (any(native)) {
      y <- iconv(x[native], "", "UTF-8")
      x[native] <- ifelse(is.na(y) | !is_utf8(y), iconv(x[native], "latin1", "UTF-8"), y)
    }
    if (any(marked)) x[marked] <- iconv(x[marked], "latin1", "UTF-8")
  }
  Encoding(x) <- "UTF-8"
  x
}

# R takes what is beyond the last character of Unicode for valid.
is_utf8 <- function(x) validUTF8(x) & !grepl("\\xf4[\\x90-\\xbf]|[\\xf5-\\xff]", x, perl = TRUE, useBytes = TRUE)

# Any value as one text: for messages, names, states and identifiers.
text <- function(v) {
  v <- plain(v)
  if (is.character(v) && length(v) == 1L) return(if (is.na(v)) "NA" else v)
  if (is.null(v) || length(v) == 0L) return("")
  if (is.symbol(v)) return(as.character(v))
  if (is.language(v)) return(paste(deparse(v, nlines = 20L), collapse = " "))
  if (!is.atomic(v)) return(described(v))
  if (is.double(v)) v <- .Call(C_mon_digits, v[seq_len(min(100L, length(v)))])
  v <- as.character(v[seq_len(min(100L, length(v)))])
  v[is.na(v)] <- "NA"
  if (length(v) == 1L) v else paste(utf8(v), collapse = " ")
}

condition_text <- function(v) {
  message <- tryCatch(conditionMessage(v), error = function(e) NULL)
  if (is.character(message) && length(message) == 1L) message else described(v)
}

described <- function(v) {
  class <- if (is.object(v)) oldClass(v)[1] else if (isS4(v)) as.character(class(v))[1] else typeof(v)
  paste0("[", if (is.function(v) && !is.object(v)) "function" else class, "]")
}

# A source or an id as the hub takes it: at most 255 bytes, no control characters. NULL if there is nothing.
identifier <- function(v) {
  v <- plain(v)
  if (is.null(v) || length(v) == 0L || is.atomic(v) && length(v) == 1L && is.na(v)) return(NULL)
  id <- text(v)
  if (!nzchar(id)) return(NULL)
  if (nchar(id, "bytes") <= 255L && !grepl("[^\\x20-\\x7e]", id, perl = TRUE, useBytes = TRUE)) return(id)
  id <- utf8(beginning(id, 1024))
  id <- gsub("[\\x{00}-\\x{1f}\\x{7f}-\\x{9f}]", "?", id, perl = TRUE)
  beginning(id, 255)
}

# --- numbers ---

# For fields that must be numbers: NULL if there is none in it.
number <- function(v) {
  v <- plain(v)
  if (is.character(v) && length(v) == 1L && !is.na(v) && nchar(v, "bytes") < 400L
      && grepl("^\\s*[-+]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][-+]?[0-9]+)?\\s*$", v, perl = TRUE, useBytes = TRUE)) v <- as.numeric(v)
  if ((is.numeric(v) || is.logical(v)) && length(v) == 1L && is.finite(v)) as.numeric(v) else NULL
}

# --- values ---

# Times, factors and the like as what they say; other classed vectors without their class; other objects as a text.
plain <- function(v) if (is.object(v)) tryCatch(said(v), error = function(e) described(v)) else v

said <- function(v) {
  if (inherits(v, "factor")) return(factor_text(v))
  if (inherits(v, "POSIXlt")) v <- as.POSIXct.POSIXlt(v)
  if (inherits(v, "POSIXct")) return(time_text(as.numeric(unclass(v)), names(v)))
  if (inherits(v, "Date")) return(stats::setNames(format.Date(v), names(v)))
  if (inherits(v, "difftime")) return(as.vector(unclass(v)) * span_seconds(attr(v, "units")))
  if (inherits(v, "condition")) return(condition_text(v))
  if (inherits(v, c("integer64", "numeric_version"))) return(as.character(v))
  if (is.atomic(v) || inherits(v, c("data.frame", "AsIs", "simple.list"))) return(unclass(v))
  described(v)
}

factor_text <- function(v) {
  levels <- attr(v, "levels")
  if (is.character(levels)) stats::setNames(levels[unclass(v)], names(v)) else described(v)
}

time_text <- function(seconds, names) {
  ms <- round(seconds * 1000)
  whole <- ms %/% 1000
  s <- paste0(format.POSIXct(.POSIXct(whole, "UTC"), "%Y-%m-%dT%H:%M:%S"), sprintf(".%03.0fZ", ms - whole * 1000))
  s[!is.finite(seconds)] <- NA
  stats::setNames(s, names)
}

span_seconds <- function(units) {
  known <- c(secs = 1, mins = 60, hours = 3600, days = 86400, weeks = 604800)
  if (is.character(units) && length(units) == 1L && units %in% names(known)) known[[units]] else 1
}

# NULL, a vector of truths, numbers or texts, or a list, without a class.
ordinary <- function(v) {
  v <- plain(v)
  if (is.null(v) || is.logical(v) || is.numeric(v) || is.character(v)) return(v)
  if (is.list(v)) return(as.list(v))
  if (!is.atomic(v)) return(if (is.language(v)) text(v) else described(v))
  said <- as.character(v)       # complex, raw
  said[is.na(said)] <- "NA"
  stats::setNames(said, names(v))
}

# ctx and tags: a list with names, whatever it is. Later ones override earlier ones.
members <- function(...) {
  if (...length() == 1L) return(as_members(..1))
  merged <- list()
  for (one in list(...)) {
    one <- as_members(one)
    merged[names(one)] <- one
  }
  merged
}

as_members <- function(v) {
  if (is.null(v)) return(list())
  if (is.list(v) && (!is.object(v) || inherits(v, "data.frame")) || is.atomic(v) && !is.object(v)) {
    if (is.null(names(v))) return(if (length(v) == 0L) list() else list(value = v))
    return(as.list(unclass(v)))
  }
  list(value = v)
}
