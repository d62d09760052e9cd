"""What a MonitoringSDK in direct mode has in the place of the sender to a hub. Thread-safe."""

from types import SimpleNamespace
from typing import Any, Callable, Dict

from ..config import Config
from .lanes import Settings
from .reload import Reloader
from .router import BackendRouter


class DirectSender:
    def __init__(self, options: Any, config: Config, started: Callable[[], None]) -> None:
        settings = Settings(**{name: getattr(options, name) for name in Settings._fields})
        self.router = BackendRouter(config.backends, delivery=config.delivery, settings=settings, reloader=Reloader(config), started=started)
        self.has_said_goodbye = False
        self.session = SimpleNamespace(mode="direct", client=self.router.client)

    def add(self, line: bytes) -> None:
        self.router._add([line])

    def flush(self, timeout: float) -> bool:
        return self.router.flush(timeout)

    def close(self, timeout: float, goodbye: bytes) -> None:
        if self.router.messages() and not self.has_said_goodbye:
            self.has_said_goodbye = True
            self.router.send(goodbye)
        self.router.close(timeout)

    def forget(self) -> None:
        self.router.forget()

    def messages(self) -> int:
        return self.router.messages()

    def buffered(self) -> int:
        return self.router.waiting()

    @property
    def dropped(self) -> int:
        return self.router.lost + sum(lane.dropped for lane in self.router.lanes)

    def state(self) -> str:
        if any(lane.is_full() for lane in self.router.lanes):
            return "overflow"
        states = {d.state for lane in self.router.lanes for d in lane.target.destinations}
        return "connected" if "ok" in states else "disconnected"

    @property
    def stats(self) -> Dict[str, Any]:
        results = self.router.results()
        delivered = [sum(d.delivered for d in lane.target.destinations) for lane in self.router.lanes]
        reloader = self.router.reloader
        told = [reloader.error if reloader else None, self.router.last_error] + ["%s: %s" % (name, r["last_error"]) for name, r in results.items() if r["last_error"]]
        return {"sent": self.router.messages(), "acked": min(delivered or [0]), "refused": sum(r["rejected"] for r in results.values()),
                "spooled": sum(lane.spooled for lane in self.router.lanes), "last_error": next((t for t in told if t), None), "backends": results}
