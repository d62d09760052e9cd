# Which machines will fail? Fits a model, has new measurements prepared by a step in Python and scored by a worker in C, and judges the scores.
#   Rscript analysis.R WORK-FOLDER FEATURES-SCRIPT WORKER
library(monitoringsdk)

arguments <- commandArgs(TRUE)
stopifnot(length(arguments) == 3)
path <- function(name) file.path(arguments[1], name)
columns <- c("temperature", "vibration", "load")

# Measurements of so many machines, and which of them failed; some are missing or wrong, as they are.
measure <- function(count) {
  d <- data.frame(machine = sprintf("m%04d", seq_len(count)), temperature = rnorm(count, 65, 8), vibration = rexp(count, 0.5), load = runif(count))
  d$failed <- as.integer(runif(count) < plogis(-3 + 0.12 * (d$temperature - 65) + 0.7 * (d$vibration - 2) + 2 * d$load))
  d$vibration[sample(count, count %/% 50)] <- NA
  d$temperature[sample(count, 3)] <- 999
  d
}

fit <- function(d) {
  known <- d[stats::complete.cases(d) & d$temperature < 200, ]
  center <- colMeans(known[columns])
  spread <- apply(known[columns], 2, stats::sd)
  standard <- as.data.frame(scale(known[columns], center, spread))
  model <- stats::glm(known$failed ~ ., data = standard, family = stats::binomial)
  list(model = model, center = center, spread = spread, table = data.frame(c("intercept", columns), c(0, center), c(1, spread), stats::coef(model)))
}

# The share of pairs of a failed and a sound machine in which the failed one has the higher score.
area_under_curve <- function(failed, probability) {
  ranks <- rank(probability)[failed == 1]
  (sum(ranks) - length(ranks) * (length(ranks) + 1) / 2) / (length(ranks) * sum(failed == 0))
}

analyse <- function(sdk) {
  set.seed(20261122)
  past <- sdk$with_span("measure", measure(3000))
  present <- sdk$with_span("measure", measure(2000))
  utils::write.csv(present[c("machine", columns)], path("measurements.csv"), row.names = FALSE, quote = FALSE)

  fitted <- sdk$with_span("fit model", fit(past))
  table <- format(fitted$table, digits = 17, trim = TRUE)
  utils::write.table(table, path("model.txt"), row.names = FALSE, col.names = FALSE, quote = FALSE)
  sdk$log_metric("model.aic", stats::AIC(fitted$model))
  sdk$log_progress("machine-failures", 50, "model is fitted")

  sdk$with_span("have them scored", {
    environment <- sdk$child_env()
    status <- system2("python3", shQuote(c(arguments[2], path("measurements.csv"), path("model.txt"), arguments[3], path("scores.csv"))),
                      env = paste0(names(environment), "=", environment))
    if (status != 0) stop("the step in Python ended with ", status)
  })

  sdk$with_span("judge the scores", {
    scores <- merge(utils::read.csv(path("scores.csv")), present)
    standard <- as.data.frame(scale(scores[columns], fitted$center, fitted$spread))
    own <- stats::predict(fitted$model, standard, type = "response")
    list(rows = nrow(scores), left_out = nrow(present) - nrow(scores), auc = area_under_curve(scores$failed, scores$probability),
         difference = max(abs(own - scores$probability), na.rm = TRUE))
  })
}

sdk <- MonitoringSDK$new(source = "analysis")       # hub and trace come from the environment
sdk$start_job_analysis("machine-failures", "machine failures")
trace <- sdk$trace_id()
status <- "error"
judged <- NULL
judged <- tryCatch({
  judged <- analyse(sdk)
  if (judged$difference > 1e-9) stop("the worker computes something else than R: ", judged$difference)
  sdk$log_metric("model.auc", judged$auc)
  status <- "ok"
  judged
}, error = function(e) {
  sdk$log_event("error", "analysis failed", list(reason = conditionMessage(e)))
  message("analysis: ", conditionMessage(e))
  NULL
}, finally = {
  sdk$log_resource()
  sdk$end_job_analysis("machine-failures", status, judged)
  sdk$close()
})
if (!is.null(judged)) {
  cat(sprintf("scored: %d machines, left out: %d\n", judged$rows, judged$left_out))
  cat(sprintf("failed machines score higher than sound ones in %.1f %% of pairs\n", 100 * judged$auc))
}
cat("trace: ", trace, "\n", sep = "")
quit(status = if (is.null(judged)) 1 else 0)
