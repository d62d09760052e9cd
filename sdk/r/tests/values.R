# Whatever an application passes in, valid protocol JSON comes out and nothing comes back at it.
source(if (file.exists("lib/helper.R")) "lib/helper.R" else "tests/lib/helper.R")

context <- function(value) {
  lines <- spooled(function(sdk) sdk$log_event("info", "m", list(k = value)))$lines
  is(length(lines), 1L, "one line")
  sub(".*\"ctx\":\\{\"k\":(.*)\\}\\}\\}\n$", "\\1", as_text(lines[[1]]))
}
latin <- "\xe9t\xe9"
Encoding(latin) <- "latin1"
raw_bytes <- "\xe9t\xe9"
marked_bytes <- "\xc3\xa9"
Encoding(marked_bytes) <- "bytes"
S4 <- setClass("Thing", representation(x = "numeric"))
cases <- list(
  list(NULL, "null"), list(NA, "null"), list(NA_character_, "null"), list(NA_real_, "null"), list(NA_integer_, "null"), list(NaN, "\"NaN\""),
  list(Inf, "\"Inf\""), list(-Inf, "\"-Inf\""), list(TRUE, "true"), list(c(TRUE, NA, FALSE), "[true,null,false]"), list("", "\"\""),
  list("007", "\"007\""), list(5L, "5"), list(5, "5"), list(-0.5, "-0.5"), list(100000L, "100000"), list(1e5, "100000"), list(1e22, "1e+22"),
  list(0.1 + 0.2, "0.30000000000000004"), list(2^53 + 2, "9007199254740994"), list(.Machine$double.xmin, "2.2250738585072014e-308"), list(5e-324, "4.94065645841247e-324"),
  list(pi, "3.1415926535897931"), list(c(1.5, NA, Inf), "[1.5,null,\"Inf\"]"), list(1:3, "[1,2,3]"), list(integer(), "[]"), list(character(), "[]"),
  list(list(), "[]"), list(I(7), "[7]"), list(I("x"), "[\"x\"]"), list(c(a = 1), "{\"a\":1}"), list(c(a = 1, 2), "{\"a\":1,\"2\":2}"),
  list(list(1, "a", NULL), "[1,\"a\",null]"), list(list(a = list(b = 1:2)), "{\"a\":{\"b\":[1,2]}}"), list(list(a = 1, a = 2), "{\"a\":1,\"a.1\":2}"),
  list("a\"b\\c\n\t\r\b\f\x01\x1f\x7f/", "\"a\\\"b\\\\c\\n\\t\\r\\b\\f\\u0001\\u001f\x7f/\""),
  list("Gr\u00fc\u00dfe \u263a \U1F600", "\"Gr\u00fc\u00dfe \u263a \U1F600\""), list(latin, "\"\u00e9t\u00e9\""), list(raw_bytes, "\"\u00e9t\u00e9\""),
  list(marked_bytes, "\"\u00e9\""), list("\xed\xa0\x80", "\"\u00ed\u00a0\u0080\""), list("\xf4\x90\x80\x80", "\"\u00f4\u0090\u0080\u0080\""), list(c(latin, "\u263a", "x"), "[\"\u00e9t\u00e9\",\"\u263a\",\"x\"]"),
  list(factor(c("b", "a", NA)), "[\"b\",\"a\",null]"), list(factor("u"), "\"u\""), list(as.Date("2024-02-29"), "\"2024-02-29\""), list(as.Date(NA), "null"),
  list(as.POSIXct(1697821234.5675, origin = "1970-01-01", tz = "America/New_York"), "\"2023-10-20T17:00:34.568Z\""),
  list(as.POSIXlt(as.POSIXct(0, origin = "1970-01-01", tz = "UTC")), "\"1970-01-01T00:00:00.000Z\""), list(as.POSIXct(NA), "null"),
  list(as.difftime(90, units = "mins"), "5400"), list(1i, "\"0+1i\""), list(as.raw(c(1, 255)), "[\"01\",\"ff\"]"), list(quote(a + b), "\"a + b\""),
  list(quote(name), "\"name\""), list(y ~ x, "\"[formula]\""), list(mean, "\"[function]\""), list(globalenv(), "\"[environment]\""),
  list(S4(x = 1), "\"[Thing]\""), list(structure(list(a = 1), class = "mine"), "\"[mine]\""), list(structure(5, class = "mine"), "5"),
  list(simpleError("why"), "\"why\""), list(data.frame(x = 1:2, y = c("a", NA)), "{\"x\":[1,2],\"y\":[\"a\",null]}"), list(matrix(1:4, 2), "[1,2,3,4]"),
  list(c("\u00e9", NA), "[\"\u00e9\",null]"), list(package_version("1.2.3"), "\"1.2.3\""), list(tests, "\"[environment]\""), list(.Machine$integer.max, "2147483647"))
for (case in cases) is(context(case[[1]]), case[[2]], paste("value", substr(paste(deparse(case[[1]]), collapse = ""), 1, 40)))

is(spooled(function(s) s$log_event("info", "m", c(a = 1)))$lines |> length(), 1L, "a named vector is a context")
for (one in list(list(5, "{\"value\":5}"), list(NULL, "{}"), list(list(), "{}"), list("x", "{\"value\":\"x\"}"), list(data.frame(a = 1:2), "{\"a\":[1,2]}"),
                 list(mean, "{\"value\":\"[function]\"}"), list(list(a = NULL), "{\"a\":null}"))) {
  line <- as_text(spooled(function(s) s$log_event("info", "m", one[[1]]))$lines[[1]])
  ok(endsWith(line, paste0("\"ctx\":", one[[2]], "}}\n")), paste("context", one[[2]]), line)
}
is(vapply(list("text", NULL, NA, 1.5, c("a", "b"), simpleWarning("w"), factor("f"), quote(x), list(1)), function(message) {
  parsed(spooled(function(s) s$log_event("info", message))$lines[[1]])$data$msg
}, ""), c("text", "", "NA", "1.5", "a b", "w", "f", "x", "[list]"), "messages that are no text")

deep <- "end"
for (i in 1:1000) deep <- list(deep)
ok(grepl("too deep", context(deep)), "a thousand levels are cut off")

# --- odd arguments everywhere ---

odd <- list(NULL, NA, "", list(), character(), mean, Inf, NaN, "\xff", strrep("\u00fc", 10), -1, "1e999", "a\nb\u007f\u0085", strrep("\u263a", 300), strrep("long ", 100),
            strrep("\x01", 70000), 1e300, deep, list(list(1)), globalenv(), quote(f(x)), y ~ x, 1i, as.raw(0:3), S4(x = 1), iris, lm, Sys.time(), 1:1e5,
            structure(list(), class = "odd"), structure(1, class = "factor"), structure(list(1, 2), names = c("a", NA)), simpleError("e"), TRUE, letters,
            structure(0, class = c("POSIXct", "POSIXt"), tzone = 5), structure("x", class = "Date"), structure(1, class = "difftime", units = "parsecs"),
            structure(2.5, class = "integer64"), expression(a, b), new.env(), as.name("n"), pairlist(a = 1), array(1:8, c(2, 2, 2)), I(list(1)))
as.character.odd <- function(x, ...) stop("as.character of odd")
length.odd <- function(x) stop("length of odd")
options(warn = 2)
made <- spooled(function(sdk) {
  for (x in odd) {
    sdk$log_event(x, x, x)
    sdk$log_metric(x, x, x, x)
    sdk$log_metric("n", x)
    sdk$log_progress(x, x, x)
    sdk$log_resource(x, x, x, x, more = x)
    sdk$set_trace_id(x)
    sdk$set_context(x, x)
    sdk$end_span(sdk$start_span(x, x, x, x), x, x)
    sdk$end_span(x, x, x)
    sdk$start_job_analysis(x, x, x, x, x)
    sdk$track_subjob(x, x, x)
    sdk$end_subjob(x, x, x, x)
    sdk$end_job_analysis(x, x, x)
    is(sdk$get_stats()$last_error, if (is.null(sdk$get_stats()$last_error)) NULL else "cannot connect to 127.0.0.1:1: Connection refused", "no error of ours")
  }
  sdk$log_event()
  sdk$log_metric(no = "such argument")
  sdk$flush("x")
})
options(warn = 0)
is(c(made$stats$dropped, length(made$lines)), c(0, made$stats$messages), "odd arguments everywhere: all messages are kept")
good <- 0
for (line in made$lines) {
  m <- parsed(line)
  names_ok <- all(vapply(c("src", "tid", "sid", "pid"), function(n) is.null(m[[n]]) || nchar(m[[n]], "bytes") %in% 1:255 && !grepl("[\\x00-\\x1f\\x7f]", m[[n]], perl = TRUE), NA))
  data_ok <- switch(m$type, span = !is.null(m$tid) && is.list(m$data$tags) && is.character(m$data$name) && is.numeric(m$data$start),
                    progress = nzchar(m$data$job_id) && m$data$percent >= 0 && m$data$percent <= 100 && is.character(m$data$status),
                    event = m$data$level %in% c("debug", "info", "warn", "error", "fatal") && is.character(m$data$msg) && is.list(m$data$ctx),
                    metric = is.numeric(m$data$value) && nzchar(m$data$name), resource = all(vapply(m$data, is.numeric, NA)), FALSE)
  if (length(line) <= 65536 && names_ok && isTRUE(data_ok) && validUTF8(as_text(line))) good <- good + 1
  else write(paste("#", as_text(line[1:min(300, length(line))])), stderr())
}
is(good, as.numeric(length(made$lines)), "... and each of them is a line that a hub takes")

values <- list("17", " 2.5", "x", NULL, NaN, TRUE, "1_0", "0x1A", 3L, c(1, 2), "1e999", factor("5"))
is(lapply(spooled(function(s) for (v in values) s$log_metric("n", v))$lines, function(l) parsed(l)$data$value), list(17L, 2.5, NULL, NULL, NULL, 1L, NULL, NULL, 3L, NULL, NULL, 5L),
   "a metric without a number becomes an event")

# --- lengths ---

keys <- function(count, value) stats::setNames(as.list(rep(value, count)), paste0("key", seq_len(count)))
long <- list(list(strrep("x", 1e6), NULL), list(strrep("\u263a", 60000), NULL), list("m", keys(6, strrep("y", 30000))), list("m", keys(5000, strrep("v", 50))),
             list("m", list(list = 1:100000)), list("m", stats::setNames(as.list(1:9), paste0(strrep("k", 20000), 1:9))), list(strrep("\x01", 30000), NULL),
             list(strrep("\xff", 100000), NULL), list("m", list(deep = deep)), list("m", list(frame = iris[rep(1:150, 20), ])))
for (i in seq_along(long)) {
  result <- spooled(function(sdk) sdk$log_event("info", long[[i]][[1]], long[[i]][[2]]))
  line <- result$lines[[1]]
  ok(isTRUE(parsed(line)$data$truncated) && length(line) <= 65536 && length(line) > 100, paste("too long is shortened and marked", i), length(line))
  is(result$stats$shortened, 1, "... and counted")
}
many <- spooled(function(sdk) do.call(sdk$log_resource, c(list(1, 2, 3, 4), keys(20000, 1.5))))$lines[[1]]
ok(length(many) <= 65536 && parsed(many)$data$net == 4 && isTRUE(parsed(many)$data$truncated), "20,000 further numbers of a resource message")
exact <- spooled(function(sdk) for (n in 65300:65536) sdk$log_event("info", strrep("x", n)))
sizes <- lengths(exact$lines)
ok(max(sizes) == 65536 && exact$stats$shortened > 0, "a line of just 65,536 bytes is sent as it is", max(sizes))

# --- locale, options and names ---

is(lapply(.Call(monitoringsdk:::C_mon_lines, as.raw(c(0x61, 0x0a, 0x0a, 0x62, 0x00, 0x0a, 0xff, 0x0a, 0x63))), charToRaw),
   lapply(c("a\n", "\n", "b\001\n", "\xff\n"), charToRaw), "bytes are cut into lines")

for (locale in c("C", "C.UTF-8")) {
  old <- Sys.getlocale("LC_CTYPE")
  if (nzchar(suppressWarnings(Sys.setlocale("LC_CTYPE", locale)))) {
    line <- spooled(function(sdk) sdk$log_event("info", "\u263a\n\u00fc", list("\u00e9" = latin)))$lines[[1]]
    is(parsed(line)$data[c("msg", "ctx")], list("\u263a\n\u00fc", list("\u00e9" = "\u00e9t\u00e9")), paste("texts in the locale", locale))
  }
  Sys.setlocale("LC_CTYPE", old)
}
old <- options(OutDec = ",", scipen = 100, digits = 3)
is(context(1234567.125), "1234567.125", "options about printing have no influence")
options(old)

sdk <- MonitoringSDK$new("x", port = "no port", host = "127.0.0.1", buffer = "many", spool = FALSE, protocol = "loud", context = 5)
ok(grepl("unusable", sdk$get_stats()$last_error), "options of no use are left out and told")
sdk$close(0)
sdk <- MonitoringSDK$new(colour = "red", spool = FALSE, port = 1)
is(sdk$get_stats()$last_error, "unknown option 'colour' ignored", "an unknown option is told")
sdk$close(0)
sdk <- MonitoringSDK$new("a", "b", spool = FALSE)
is(sdk$get_stats()$last_error, "unknown option '' ignored", "... also one without a name")
sdk$log_event("info", "x", no_such = 1)
ok(grepl("unknown arguments", sdk$get_stats()$last_error), "an unknown argument is told")
sdk$close(0)
line <- spooled(function(sdk) sdk$log_event("info", "x"), source = "q/\u00fc\"")$lines[[1]]
is(parsed(line)$src, "q/\u00fc\"", "a source that is no file name")
line <- spooled(function(sdk) sdk$log_event("info", "x"), source = NULL)$lines[[1]]
is(parsed(line)$src, "values.R", "without a source it is the name of the script")

done()
