# What the application notices: nothing.
source(if (file.exists("lib/helper.R")) "lib/helper.R" else "tests/lib/helper.R")
library(parallel)

# The conformance suite has 100,000 of them.
fresh()
sdk <- new_sdk()
for (n in 1:20000) sdk$log_event("info", n, list(n = n))
is(sdk$get_stats()[c("messages", "dropped", "spooled")], list(20000, 0, 19000), "20,000 calls without a hub: all kept")
hub_up()
settled(sdk, function() sdk$get_stats()$acked == 20000)
sdk$close(60)
is(hub_events(), as.character(1:20000), "... and sent in order when it comes")
is(files(), character(), "... without a file left")

fresh()
hub_up()
ignored <- ask("freeze")
sdk <- new_sdk(protocol = "acked")
for (n in 1:3000) sdk$log_event("info", n, list(filling = strrep("x", 2000)))
sdk$close(0.1)
is(sdk$get_stats()[c("dropped", "left_in_spool")], list(0, 3000), "a hub that accepts and takes nothing: all in the spool")
ignored <- ask("thaw")
hub_up()
invisible(finished())
is(sort(hub_events()), sort(c(as.character(1:3000), "last")), "... and sent once")

# --- fork ---

fresh()
hub_up()
sdk <- new_sdk()
invisible(mccollect(mcparallel({
  while (sum(proc.time()[1:2]) < 0.1) NULL      # of the child's own processor time
  sdk$log_resource()
  sdk$close()
})))
cpu <- Filter(function(m) m$type == "resource", ask("messages"))[[1]]$data$cpu
ok(cpu > 0 && cpu <= 101, "processor time of a child counts since it began", cpu)
sdk$close()

fresh()
hub_up(ack = 0)
sdk <- new_sdk()
span <- sdk$start_span("parent", "trace-f")
log_numbers(sdk, paste("parent", 1:3))
settled(sdk, function() ask("count") == 4)       # not confirmed: still the parent's
invisible(mccollect(list(mcparallel({
  sdk$log_event("info", "child")
  sdk$end_span(sdk$start_span("in child"))
}), mcparallel(NULL))))
is(length(files()), 1L, "a child of mcparallel ends without a word, and leaves its messages")
hub_up()
sdk$end_span(span)
wait_until("the child's end", function() {
  sdk$flush(60)
  length(files()) == 0
})
sdk$close(60)
is(sort(hub_events()), c("child", paste("parent", 1:3)), "... which its parent sends, and its own, each once")
inner <- Filter(function(m) identical(m$data$name, "in child"), ask("messages"))[[1]]
is(inner[c("pid", "tid")], list(span, "trace-f"), "the child's spans hang under its parent's")
is(length(unique(vapply(ask("hellos"), function(h) h$data$client, ""))), 2L, "the child is a client of its own")

fresh()
hub_up()
sdk <- new_sdk()
log_numbers(sdk, "before")
result <- mclapply(1:8, function(i) {
  for (n in 1:20) sdk$log_event("info", paste(i, n))
  if (i %% 2 == 0) sdk$flush(60)
  if (i == 4) sdk$close()
  i
}, mc.cores = 3, mc.preschedule = FALSE)
is(unlist(result), 1:8, "mclapply gives its results")
log_numbers(sdk, "after")
sdk$close(60)
invisible(finished())       # a child may have been about to end, and still had its lock
is(sort(hub_events()), sort(c("before", outer(1:8, 1:20, paste), "after", "last")), "... and all messages of its children arrive, each once")
is(files(), character(), "... without a file left")

fresh()
sdk <- new_sdk(buffer = 5)
log_numbers(sdk, paste0("p", 1:20))
invisible(mccollect(mcparallel(log_numbers(sdk, paste0("c", 1:20)))))
log_numbers(sdk, paste0("p", 21:30))
hub_up()
settled(sdk)
sdk$close(60)
is(sort(hub_events()), sort(c(paste0("p", 1:30), paste0("c", 1:20))), "fork while spooling: each once")
is(grep("^p", hub_events(), value = TRUE), paste0("p", 1:30), "... in order")

fresh()
hub_up()
sdk <- new_sdk()
log_numbers(sdk, "here")
cluster <- makePSOCKcluster(1)
clusterExport(cluster, "sdk")
answer <- clusterEvalQ(cluster, {
  sdk$log_event("info", "worker")
  sdk$flush(60)
  sdk$get_stats()[c("acked", "client")]
})[[1]]
is(answer$acked, 1, "an object that was sent to a worker is a new client there")
ok(answer$client != sdk$get_stats()$client, "... with its own id")
ignored <- clusterEvalQ(cluster, sdk$log_event("info", "at the end"))
stopCluster(cluster)
log_numbers(sdk, "still here")
sdk$flush(60)
wait_until("the worker's end", function() length(hub_events()) + length(files()) >= 4)
sdk$close(60)
is(sort(hub_events()), sort(c("here", "worker", "at the end", "still here")), "... and disturbs nobody")

# --- R itself ---

fresh()
hub_up()
set.seed(42)
expected <- runif(3)
set.seed(42)
noticed <- character()
note <- function(c) noticed <<- c(noticed, class(c)[1])
connections <- nrow(showConnections())
withCallingHandlers({
  sdk <- new_sdk()
  sdk$end_span(sdk$start_span("x"))
  sdk$log_event("info", structure(list(message = "m"), class = c("odd", "condition")))
  sdk$log_metric("n", "no number")
  hub_down()
  sdk$flush(1)
  sdk$close(1)
}, condition = note)
is(noticed, character(), "no condition gets out")
is(runif(3), expected, "the random numbers stay as they were")
is(nrow(showConnections()), connections, "no connection of R is used")

error <- tryCatch(new_sdk()$log_event("info", stop("in an argument")), error = conditionMessage)
is(error, "in an argument", "an error in the application's own argument passes")
warned <- tryCatch(new_sdk()$log_event("info", warning("in an argument")), warning = conditionMessage)
is(warned, "in an argument", "... and so does a warning")
conditionMessage.nested <- function(c) {
  sdk$log_event("info", "inside")
  "outside"
}
fresh()
hub_up()
sdk <- new_sdk()
sdk$log_event("info", structure(list(), class = c("nested", "condition")))
reg.finalizer(new.env(), function(e) sdk$log_event("info", "finalizer"))
invisible(gc())
sdk$close(60)
is(hub_events(), c("inside", "outside", "finalizer"), "code of the application that runs in here may log")

sdk <- new_sdk()
sender <- sdk$.__enclos_env__$private$sender
log_numbers(sdk, "early")
sender$begin()
log_numbers(sdk, "late")
is(sdk$get_stats()$messages, 2, "a call in the middle of another one waits for it")
invisible(sender$end())
sdk$close(60)
is(tail(hub_events(), 2), c("early", "late"), "... and is not lost")

# --- interrupts ---

# SIGINT comes at some moment after wait() has begun; it can act only where the SDK lets it.
interrupted <- function(wait) {
  me <- Sys.getpid()
  path <- file.path(tests$folder, ".waiting")
  interrupter <- mcparallel({
    wait_until("the wait", function() file.exists(path))
    tools::pskill(me, tools::SIGINT)
  })
  outcome <- tryCatch(suspendInterrupts({
    file.create(path)
    wait()
    "not interrupted"
  }), interrupt = function(i) "interrupted")
  unlink(path)
  mccollect(interrupter)
  outcome
}

fresh()
hub_up(ack = 0)
sdk <- new_sdk()
log_numbers(sdk, 1:3)
is(interrupted(function() sdk$flush(600)), "interrupted", "flush can be interrupted")
log_numbers(sdk, 4)
is(interrupted(function() sdk$close(600)), "interrupted", "... and so can close")
is(sdk$get_stats()[c("state", "left_in_spool", "dropped")], list("closed", 4, 0), "... which leaves all in the spool")
hub_up()
invisible(finished())
is(hub_events(), c(as.character(1:4), "last"), "... to be sent later, each once")

# --- life cycle ---

fresh()
sdk <- new_sdk()
log_numbers(sdk, "x")
sdk$flush(600)
ok(!sdk$flush(600), "flush without a hub returns at once")
sdk$close(0)
hub_up()
descriptors <- length(list.files("/proc/self/fd"))
for (n in 1:5) {
  sdk <- new_sdk()
  log_numbers(sdk, n)
  sdk$close(60)
}
is(length(list.files("/proc/self/fd")), descriptors, "close leaves no descriptor open")
local({
  dropped <- new_sdk()
  log_numbers(dropped, c(1:60, "dropped"))      # the last of them are in the inbox
})
invisible(gc())
wait_until("its message", function() "dropped" %in% hub_events())
is(length(list.files("/proc/self/fd")), descriptors, "an SDK that nobody holds any more closes itself")

done()
