# Every option, call and counter is in the README and in the manual, options with their default.
source(if (file.exists("lib/helper.R")) "lib/helper.R" else "tests/lib/helper.R")

path <- file.path(repository, "sdk/r/README.md")
if (!file.exists(path)) skip_all("set MONITORING_REPOSITORY to where sdk/r/README.md is")
readme <- readLines(path)
manual <- paste(unlist(lapply(file.path(dirname(path), "man", list.files(file.path(dirname(path), "man"))), readLines)), collapse = "\n")
cells <- lapply(strsplit(grep("^\\|.*\\|$", readme, value = TRUE), "|", fixed = TRUE), function(row) trimws(row[-1]))
rows <- list()
for (row in Filter(function(row) length(row) == 4L, cells)) {
  names <- gsub("`", "", strsplit(row[1], ", ")[[1]])
  values <- gsub("`", "", strsplit(row[3], ", ")[[1]])
  for (i in seq_along(names)) rows[[names[i]]] <- list(gsub("`", "", row[2]), values[min(i, length(values))])
}
defaults <- monitoringsdk:::DEFAULTS
environment_names <- monitoringsdk:::FROM_ENV
for (name in monitoringsdk:::KNOWN) {
  is(rows[[name]][[1]], if (is.na(environment_names[name])) "" else environment_names[[name]], paste("environment of", name))
  if (!is.null(defaults[[name]])) is(rows[[name]][[2]], format(defaults[[name]], scientific = FALSE), paste("default of", name))
  ok(grepl(paste0("\\b", name, "\\b"), manual), paste("the manual has", name))
}
sdk <- MonitoringSDK$new("d", port = 1, spool = FALSE)
calls <- setdiff(names(MonitoringSDK$public_methods), "initialize")
stats <- names(c(sdk$get_stats(), last_error = ""))
sdk$close(0)
for (name in unique(c(calls, stats))) {
  ok(any(grepl(paste0("`", name, "\\b"), readme)), paste("the README has", name))
  ok(name == "print" || grepl(paste0("\\code{", name), manual, fixed = TRUE), paste("the manual has", name))
}

done()
