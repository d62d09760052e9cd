# Lines of protocol JSON, written in R: slow and plain. What C writes is compared with it.

WRITER_LIMITS <- list(c(65536, 2000), c(32768, 2000), c(8192, 1000), c(1024, 200), c(128, 100), c(32, 20), c(16, 0))

# The data of an event, and whether it was shortened. `around`: how many bytes the rest of the line has.
written_event <- function(level, message, context, around) {
  for (step in WRITER_LIMITS) {
    lim <- list2env(list(strings = step[1], values = step[2], seen = 0, cut = FALSE))
    data <- paste0("{\"level\":\"", level, "\",\"msg\":", written_strings(message, lim), ",\"ctx\":", written_object(context, lim), "}")
    size <- nchar(data, "bytes") + around
    is_first <- identical(step, WRITER_LIMITS[[1]])
    if (is_first && !lim$cut && size <= 65536) return(data)
    if (!is_first && size <= 65516) break
  }
  paste0(substr(data, 1L, nchar(data) - 1L), ",\"truncated\":true}")
}

written_strings <- function(x, lim) {
  x[is.na(x)] <- "NA"
  lim$cut <- lim$cut || any(nchar(x, "bytes") > lim$strings)
  x <- monitoringsdk:::utf8(vapply(x, monitoringsdk:::shorten, "", lim$strings, USE.NAMES = FALSE))
  x <- gsub("\\", "\\\\", x, fixed = TRUE)
  x <- gsub("\"", "\\\"", x, fixed = TRUE)
  for (code in 1:31) {
    short <- match(code, c(8L, 9L, 10L, 12L, 13L))
    x <- gsub(rawToChar(as.raw(code)), if (is.na(short)) sprintf("\\u%04x", code) else c("\\b", "\\t", "\\n", "\\f", "\\r")[short], x, fixed = TRUE)
  }
  paste0("\"", x, "\"", recycle0 = TRUE)
}

written_numbers <- function(x) {
  if (!is.double(x)) return(ifelse(is.na(x), "null", sprintf("%d", x)))
  short <- sprintf("%.15g", x)
  s <- ifelse(!is.finite(x) | suppressWarnings(as.numeric(short)) == x, short, sprintf("%.17g", x))
  s[is.infinite(x)] <- ifelse(x[is.infinite(x)] > 0, "\"Inf\"", "\"-Inf\"")
  s[is.na(x)] <- "null"
  s[is.nan(x)] <- "\"NaN\""
  s
}

written_value <- function(v, depth, lim) {
  lim$seen <- lim$seen + 1
  is_array <- inherits(v, "AsIs")
  v <- monitoringsdk:::plain(v)
  if (is.null(v)) return("null")
  is_vector <- is.atomic(v)
  if (!is_vector && !is.list(v)) return(written_strings(if (is.language(v)) monitoringsdk:::text(v) else monitoringsdk:::described(v), lim))
  if (is_vector && !is_array && length(v) == 1L && is.null(names(v))) return(written_atomic(v, lim))
  if (depth >= 8) {
    lim$cut <- TRUE
    return("\"[too deep]\"")
  }
  size <- if (is.list(v)) 0 else length(v)
  room <- max(0, lim$values - lim$seen)
  lim$cut <- lim$cut || length(v) > room
  v <- v[seq_len(min(length(v), room))]
  lim$seen <- lim$seen + min(size, room)
  values <- if (is_vector) written_atomic(v, lim) else written_list(v, depth, lim)
  if (is.null(names(v))) paste0("[", paste(values, collapse = ","), "]") else written_members(names(v)[seq_along(values)], values, lim)
}

written_list <- function(v, depth, lim) {
  values <- character()
  for (i in seq_along(v)) {
    if (lim$seen >= lim$values && i > 1L) {
      lim$cut <- TRUE
      break
    }
    values[i] <- written_value(.subset2(v, i), depth + 1, lim)
  }
  values
}

written_members <- function(keys, values, lim) {
  if (length(keys) == 0L) return("{}")
  nameless <- is.na(keys) | keys == ""
  keys[nameless] <- as.character(which(nameless))
  if (any(nameless) || anyDuplicated(keys)) keys <- make.unique(monitoringsdk:::utf8(keys))
  paste0("{", paste0(written_strings(keys, lim), ":", values, collapse = ",", recycle0 = TRUE), "}")
}

written_atomic <- function(v, lim) {
  if (is.character(v)) return(ifelse(is.na(v), "null", written_strings(v, lim)))
  if (is.logical(v)) return(ifelse(is.na(v), "null", ifelse(v, "true", "false")))
  if (is.numeric(v)) written_numbers(v) else written_strings(as.character(v), lim)
}

written_object <- function(v, lim) {
  all <- monitoringsdk:::members(v)
  room <- max(0, lim$values - lim$seen)
  lim$cut <- lim$cut || length(all) > room
  all <- all[seq_len(min(length(all), room))]
  values <- written_list(all, 1, lim)
  written_members(names(all)[seq_along(values)], values, lim)
}
