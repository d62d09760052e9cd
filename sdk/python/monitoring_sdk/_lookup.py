"""Host names to addresses."""

import codecs
import socket
import threading
from typing import Any, List, Tuple

# Python loads these where they are first used: in a thread of ours. Were the process forked at that moment, the module would stay locked in the
# child for ever, and the child's first lookup would wait for it.
for _codec in ("idna", "utf-16-le"):
    codecs.lookup(_codec)


class Lookup:
    """Finds addresses in a thread of its own: a name server may take its time, and the sender must go on spooling."""

    def __init__(self, host: str, port: int) -> None:
        self.found: List[Tuple[Any, ...]] = []
        self.error = ""
        self.thread = threading.Thread(target=self._run, args=(host, port), name="monitoring-sdk-lookup", daemon=True)
        self.thread.start()

    def _run(self, host: str, port: int) -> None:
        try:
            self.found = [(a[0], a[4]) for a in socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM)]
        except (OSError, UnicodeError) as e:
            self.error = str(e)
