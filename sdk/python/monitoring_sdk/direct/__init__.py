"""Delivery to backends of the program's own, without a hub."""

from .backend import Backend, BatchRefused, Permanent, Transient, WriteResult
from .batch import Batch
from .outcome import Delivery
from .router import BackendRouter

__all__ = ["Backend", "BackendRouter", "Batch", "BatchRefused", "Delivery", "Permanent", "Transient", "WriteResult"]
