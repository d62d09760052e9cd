"""Configuration of a program's monitoring: from code, environment, a file, and defaults."""

from .settings import BackendConfig, Config
from .sources import configure, get_config, load, present
from .values import ConfigurationError

__all__ = ["BackendConfig", "Config", "ConfigurationError", "configure", "get_config", "load", "present"]
