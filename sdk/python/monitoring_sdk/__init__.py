"""Send-only client of a Monitoring Hub, or in direct mode of backends of one's own."""

from typing import TYPE_CHECKING, Any

from ._sdk import VERSION as __version__
from ._sdk import MonitoringSDK
from ._spans import Job, Span
from .config import BackendConfig, Config, ConfigurationError, configure, get_config
from .handler import MonitoringHandler

if TYPE_CHECKING:
    from .direct import BackendRouter, Delivery

__all__ = ["BackendConfig", "BackendRouter", "Config", "ConfigurationError", "Delivery", "Job", "MonitoringHandler", "MonitoringSDK", "Span",
           "__version__", "configure", "get_config"]


def __getattr__(name: str) -> Any:
    if name in ("BackendRouter", "Delivery"):   # loaded by those who use it: HTTP and TLS make up most of the time of an import
        from . import direct
        return getattr(direct, name)
    raise AttributeError("module %r has no attribute %r" % (__name__, name))
