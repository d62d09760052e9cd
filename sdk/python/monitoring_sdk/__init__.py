"""Send-only client of a Monitoring Hub."""

from ._sdk import VERSION as __version__
from ._sdk import MonitoringSDK
from ._spans import Job, Span
from .handler import MonitoringHandler

__all__ = ["Job", "MonitoringHandler", "MonitoringSDK", "Span", "__version__"]
