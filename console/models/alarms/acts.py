"""What desks do with alarms. The rules lie in the database (``docs/gateway.md``); what they refuse is `Refused`.

Each act names the version of the alarm that was seen; one that was changed since is not acted on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from console.database.faults import Refused
from console.models.cases.reporting import Reported

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from sqlalchemy import Connection

    from console.models.cases.reporting import Report

_TO_CASE = text("""
    SELECT id, case_no FROM city.alarm_to_case(
        :alarm, :version, :description, :x, :y, CAST(:class_id AS smallint), :address, :component_code,
        CAST(:level AS city.case_level), CAST(:request_id AS uuid)
    )
""")


def acknowledge(connection: Connection, alarm_id: int, version: int) -> int:
    """Say for all desks that somebody has seen it and acts; returns its version, unchanged if somebody has already.

    Raises:
        Refused: the post may not, the alarm was changed meanwhile, or it waits for nobody.
    """
    return int(_scalar(connection, "SELECT city.acknowledge_alarm(:id, :version)", id=alarm_id, version=version))


def reset(connection: Connection, alarm_id: int, version: int) -> int:
    """Let a latched alarm go; returns its version.

    Raises:
        Refused: the post may not, the alarm was changed meanwhile, or is not latched.
    """
    return int(_scalar(connection, "SELECT city.reset_alarm(:id, :version)", id=alarm_id, version=version))


def shelve(connection: Connection, alarm_id: int, version: int, reason: str, minutes: int | None = None) -> datetime:
    """Set an alarm aside for some minutes, else as long as the setting ``alarm_shelving`` says; returns until when.

    Raises:
        Refused: the post may not, there is no reason, it is too long, or the alarm was changed meanwhile.
    """
    until: datetime = _scalar(
        connection,
        "SELECT city.shelve_alarm(:id, :version, :reason, CAST(:minutes AS integer))",
        id=alarm_id,
        version=version,
        reason=reason,
        minutes=minutes,
    )
    return until


def unshelve(connection: Connection, alarm_id: int, version: int) -> None:
    """Show a shelved alarm again.

    Raises:
        Refused: the post may not, the alarm was changed meanwhile, or is not shelved.
    """
    _scalar(connection, "SELECT city.unshelve_alarm(:id, :version)", id=alarm_id, version=version)


def take_out_of_service(
    connection: Connection, kind: str, reason: str, *, vehicle_id: int | None = None, sensor_id: int | None = None
) -> None:
    """Announce nothing of that kind of a truck or sensor that is under maintenance, until it is returned to service.

    Raises:
        Refused: the post may not, there is no reason, or nothing could raise such an alarm.
    """
    _scalar(
        connection,
        "SELECT city.take_out_of_service(:kind, CAST(:vehicle AS integer), CAST(:sensor AS integer), :reason)",
        kind=kind,
        vehicle=vehicle_id,
        sensor=sensor_id,
        reason=reason,
    )


def return_to_service(
    connection: Connection, kind: str, *, vehicle_id: int | None = None, sensor_id: int | None = None
) -> None:
    """Announce it again.

    Raises:
        Refused: the post may not.
    """
    _scalar(
        connection,
        "SELECT city.return_to_service(:kind, CAST(:vehicle AS integer), CAST(:sensor AS integer))",
        kind=kind,
        vehicle=vehicle_id,
        sensor=sensor_id,
    )


def to_case(connection: Connection, alarm_id: int, version: int, report: Report) -> Reported:
    """Make a case of an alarm, which counts as acknowledged; the same again for the same report.

    Of the report, source, time and caller do not count: the alarm itself is the source, and it is of now.

    Raises:
        Refused: the post may not, the alarm was changed meanwhile or is a case already, or a report cannot be so.
    """
    row = connection.execute(
        _TO_CASE, vars(report) | {"request_id": str(report.request_id), "alarm": alarm_id, "version": version}
    ).one()
    return Reported(row.id, row.case_no)


def each(connection: Connection, acts: Iterable[Callable[[Connection], object]]) -> list[Refused]:
    """Do several acts, each by itself: what is refused undoes none of the others. Returns the refusals."""
    refused = []
    for act in acts:
        try:
            with connection.begin_nested():
                act(connection)
        except Refused as error:
            refused.append(error)
    return refused


def keep(connection: Connection) -> int:
    """Bring back shelved alarms whose time is over; returns how many. To be called once a minute."""
    return int(_scalar(connection, "SELECT city.keep_alarms()"))


def _scalar(connection: Connection, query: str, **values: object) -> Any:
    return connection.execute(text(query), values).scalar_one()
