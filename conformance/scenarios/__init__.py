"""What every SDK has to do, one function for each: its docstring says what, the first line of it is the row of the table, in this order."""

from scenarios import messages, sessions, fencing, spool, disk, servers, values, manners, connections     # noqa: F401
from scenarios.common import ALL

__all__ = ["ALL"]
