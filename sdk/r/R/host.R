# What this process uses, for log_resource. What the system does not tell is left out. MB are 1,048,576 bytes.

# What is known, and what the next call needs to know. cpu: per cent of one core since the last call, the first time since this R began.
host_usage <- function(last) {
  u <- .Call(C_mon_usage)
  if (is.null(last)) last <- c(0, u[2] - proc.time()[["elapsed"]])
  wall <- u[2] - last[2]
  values <- round(c(cpu = if (wall > 0) 100 * (u[1] - last[1]) / wall else 0, mem = u[3] / 1048576, disk = u[4] / 1048576, net = u[5] / 1048576), 2)
  list(as.list(values[!is.na(values)]), u[1:2])
}

host_counts <- function() {
  counts <- .Call(C_mon_counts)
  names(counts) <- c("threads", "fds", "children", "load1", "load5", "load15")
  as.list(counts[!is.na(counts)])
}
