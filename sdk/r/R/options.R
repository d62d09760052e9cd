# What MonitoringSDK$new can be told: argument, else environment, else default. What is of no use counts as left out and is told.

VERSION <- "0.1.0"
DEFAULTS <- list(host = "127.0.0.1", port = 17000, token = NULL, protocol = "auto", buffer = 1000, flush_bytes = 16384, flush_interval = 0.05,
                 connect_timeout = 2, welcome_timeout = 10, close_timeout = 3, backoff_min = 0.1, backoff_max = 30, spool = TRUE,
                 spool_dir = NULL, spool_bytes = 67108864, trace_id = NULL, parent_span = NULL, context = NULL)
KNOWN <- c("host", "port", "token", "protocol", "buffer", "flush_bytes", "flush_interval", "connect_timeout", "welcome_timeout", "close_timeout",
           "backoff_min", "backoff_max", "spool", "spool_dir", "spool_bytes", "trace_id", "parent_span", "context")
FROM_ENV <- c(host = "MONITORING_HOST", port = "MONITORING_PORT", token = "MONITORING_TOKEN", spool_dir = "MONITORING_SPOOL_DIR",
              trace_id = "MONITORING_TRACE_ID", parent_span = "MONITORING_PARENT_SPAN")

# list(an environment of options, what was of no use).
choose_options <- function(source, given) {
  error <- NULL
  o <- list2env(DEFAULTS, envir = new.env(parent = emptyenv()))
  environment <- as.list(Sys.getenv(FROM_ENV, NA_character_, names = FALSE))
  names(environment) <- names(FROM_ENV)
  environment <- environment[!is.na(environment) & environment != ""]
  for (one in list(environment, given)) {
    for (i in seq_along(one)) {
      name <- if (is.null(names(one))) "" else names(one)[i]
      value <- one[[i]]
      if (is.null(value)) next
      if (!name %in% KNOWN) {
        error <- paste0("unknown option '", name, "' ignored")
        next
      }
      value <- usable(name, value)
      if (is.null(value)) error <- paste0("option '", name, "': unusable value ignored")
      else assign(name, value, envir = o)
    }
  }
  o$source <- identifier(source)
  if (is.null(o$source)) o$source <- script_name()
  o$trace_id <- identifier(o$trace_id)
  o$parent_span <- identifier(o$parent_span)
  o$buffer <- max(1, floor(o$buffer))
  o$flush_interval <- max(0.001, o$flush_interval)
  o$version <- VERSION
  o$max_line <- MAX_LINE
  o$name <- if (startsWith(o$host, "/")) o$host else sprintf("%s:%.0f", o$host, o$port)
  o$addresses <- .Call(C_mon_lookup, o$host, as.integer(o$port))
  list(o, error)
}

usable <- function(name, value) {
  default <- DEFAULTS[[name]]
  if (name == "context") return(if (is.list(value)) value)
  if (is.logical(default)) return(if (is.logical(value) && length(value) == 1L && !is.na(value)) value)
  if (is.numeric(default)) {
    value <- number(value)
    return(if (!is.null(value) && value >= 0 && (name != "port" || value < 65536)) value)
  }
  if (name == "protocol") return(if (is.character(value) && length(value) == 1L && value %in% c("auto", "acked", "plain")) value)
  value <- text(value)
  if (nzchar(value)) value
}

script_name <- function() {
  file <- grep("^--file=", commandArgs(FALSE), value = TRUE)
  name <- if (length(file)) identifier(basename(sub("^--file=", "", file[1])))
  if (is.null(name)) "r" else name
}
