"""The SDKs under test, and the program of each that plays calls. A new one is one line in LANGUAGES."""

import json
import os
import queue
import resource
import signal
import subprocess
import threading
from typing import Any, Dict, List, NamedTuple, Optional

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TARGET = os.path.join(ROOT, "target", "conformance")
FAULTS = os.path.join(TARGET, "faults.so")
BUILD_FAULTS = ["cc", "-shared", "-fPIC", "-O2", "-Wall", "-o", FAULTS, "conformance/faults.c"]
PATIENCE = 60.0     # longest wait for one answer, on a busy machine


class Language(NamedTuple):
    name: str
    command: List[str]
    build: List[List[str]]
    lacks: Dict[str, str]       # feature: why there is none


LANGUAGES = [
    Language("perl", ["perl", "sdk/perl/conformance/runner.pl"], [], {
        "threads": "ithreads get no copy of the SDK (CLONE_SKIP)"}),
    Language("python", ["python3", "sdk/python/conformance/runner.py"], [], {}),
    # Where numbers are written in other digits: those on the wire and in names of files must not be.
    Language("java", ["java", "-Xshare:auto", "-XX:TieredStopAtLevel=1", "-Duser.language=ar", "-Duser.country=EG",
                      "-cp", TARGET + os.pathsep + "sdk/java/target/classes", "Runner"],
             [["javac", "-d", TARGET, "-cp", "sdk/java/target/classes", "sdk/java/conformance/Runner.java"]], {
                 "fork": "the JVM can't fork", "chdir": "the JVM can't change its folder", "setuid": "the JVM can't change its user"}),
    Language("c", ["sdk/c/build/conformance-runner"], [["cmake", "-S", "sdk/c", "-B", "sdk/c/build"], ["cmake", "--build", "sdk/c/build"]], {
        "compress": "the SDK does not compress: zlib would be a dependency", "tls": "the SDK has no TLS"}),
    Language("r", ["env", "R_LIBS=" + os.path.join(ROOT, "target", "r", "lib"), "Rscript", "--vanilla", "sdk/r/conformance/runner.R"],
             [["scripts/install-r.sh"]], {
                 "threads": "R has one thread", "setuid": "R can't change its user", "compress": "base R has no compression for sockets", "tls": "base R has no TLS"}),
]


class Failure(Exception):
    """A scenario was not met; the text says what was expected."""


class Runner:
    """One process that plays calls. Used by one thread; reading its answers has one of its own."""

    def __init__(self, language: Language, log: str, more: Dict[str, str], largest_file: int = 0) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("MONITORING_")}
        environment.update(more)
        self.name = language.name
        self.log = open(log, "ab")
        def limit() -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))
            signal.signal(signal.SIGXFSZ, signal.SIG_DFL)   # Python ignores it, and so would what it starts
        self.process = subprocess.Popen(language.command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log,
                                        preexec_fn=limit if largest_file else None)
        self.answers: "queue.Queue[Optional[bytes]]" = queue.Queue()
        threading.Thread(target=self._read, name="runner-" + self.name, daemon=True).start()

    def _read(self) -> None:
        for line in iter(self.process.stdout.readline, b""):
            self.answers.put(line)
        self.answers.put(None)

    def call(self, call: str, **args: Any) -> Any:
        try:
            self.process.stdin.write(json.dumps({"call": call, "args": args}).encode() + b"\n")
            self.process.stdin.flush()
            answer = self.answers.get(timeout=PATIENCE)
        except BrokenPipeError:
            answer = None
        except queue.Empty:
            raise Failure("%s: no answer in %d s" % (call, PATIENCE)) from None
        if answer is None:
            raise Failure("the process ended in %s; see %s" % (call, self.log.name))
        return json.loads(answer)["result"]

    def stats(self) -> Dict[str, Any]:
        return self.call("stats")

    def end(self) -> int:
        """Ends it as a program ends that has nothing more to do."""
        self.process.stdin.close()
        try:
            return self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill()
            raise Failure("the process did not end in %d s" % PATIENCE) from None

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.log.close()
