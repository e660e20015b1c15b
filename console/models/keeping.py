"""What time itself does to the city. Whoever is there, console, gateway or player, calls `keep` once a minute.

Each duty is a function of the database by which of many callers one does it, and nobody waits.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from sqlalchemy import text

from console.database.faults import DatabaseAway
from console.errors import ConsoleError
from console.models import alarms, audit
from console.models.cases import moves

if TYPE_CHECKING:
    from sqlalchemy import Connection

KEEP_S = 60
_log = logging.getLogger(__name__)


def trim_changes(connection: Connection) -> int:
    """Take rows off the outbox that are older than the setting ``change_log_days``; returns how many."""
    return int(connection.execute(text("SELECT city.trim_change_log()")).scalar_one())


# The sealing comes last: it takes along what the others wrote.
DUTIES = (moves.keep, alarms.keep, trim_changes, audit.seal)


def keep(connection: Connection) -> None:
    """Do every duty, in the transaction of `connection`; one that fails is logged and keeps no other from being done.

    Raises:
        DatabaseAway: the line broke.
    """
    for duty in DUTIES:
        try:
            with connection.begin_nested():
                duty(connection)
        except DatabaseAway:
            raise
        except ConsoleError as fault:
            _log.warning("%s.%s was not done: %s", duty.__module__, duty.__name__, fault)
