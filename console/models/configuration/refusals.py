"""What the database refuses when the configuration is saved: in a sentence, with the entry and field it concerns."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import IntegrityError

from console.database.faults import Refused
from console.errors import QT_TRANSLATE_NOOP, ConsoleError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from console.models.configuration.draft import Change
    from console.models.configuration.subjects import Subject

_DETAIL = re.compile(r"\((?P<columns>.*?)\)=\((?P<values>.*)\)")
_FIELD_OF = {
    "CT014": "opens",
    "CT017": "valid_from",
    "CT040": "value",
    "CT044": "parent_id",
    "CT045": "active",
    "CT046": "opens",
}
"""For rules of the database the field that they look at; the others look at the whole entry."""


class RefusedEntryError(ConsoleError):
    """A rule of the database does not take an entry; nothing was saved.

    Attributes:
        cause: what the rule says.
        key: of the entry in the draft.
        field: what it concerns, empty when it is the entry as a whole.
    """

    def __init__(self, cause: ConsoleError, key: str, field: str) -> None:
        super().__init__("{words}", words=str(cause))
        self.cause, self.key, self.field = cause, key, field

    def text(self, language: str) -> str:
        """The sentence of the rule."""
        return self.cause.text(language)


@contextmanager
def blame(subject: Subject, change: Change) -> Iterator[None]:
    """Whatever is refused in here, `change` is the one that it concerns.

    Raises:
        RefusedEntryError: something was refused.
    """
    try:
        yield
    except IntegrityError as fault:
        raise RefusedEntryError(_violation(fault), change.key, _field(subject, fault)) from fault
    except Refused as fault:
        raise RefusedEntryError(fault, change.key, _known_field(subject, fault)) from fault


@contextmanager
def blame_any(subject: Subject, changes: Sequence[Change]) -> Iterator[None]:
    """The same for rules that look at all changes together, once they are made.

    Raises:
        RefusedEntryError: something was refused.
    """
    try:
        yield
    except IntegrityError as fault:
        raise RefusedEntryError(_violation(fault), changes[0].key, _field(subject, fault)) from fault
    except Refused as fault:
        day, hours = str(fault.values.get("day")), str(fault.values.get("hours", ""))
        guilty = [change for change in changes if _is_of(change, day, hours)] or list(changes)
        raise RefusedEntryError(fault, guilty[0].key, _known_field(subject, fault)) from fault


def _is_of(change: Change, day: str, hours: str) -> bool:
    values = {**change.base, **change.values}
    opens = values.get("opens")
    is_then = opens is None or hours.startswith(f"{opens:%H:%M}")
    return day in (str(values.get("day")), str(values.get("valid_from"))) and is_then


def _known_field(subject: Subject, fault: Refused) -> str:
    field = _FIELD_OF.get(fault.code, "")
    return field if field in subject.by_name else ""


def _field(subject: Subject, fault: IntegrityError) -> str:
    diag: Any = getattr(fault.orig, "diag", None)
    detail = _DETAIL.search(getattr(diag, "message_detail", None) or "")
    columns = [getattr(diag, "column_name", None) or ""]
    if detail is not None and getattr(diag, "table_name", None) == subject.table:
        columns += [name.strip() for name in detail["columns"].split(",")]
    return next((name for name in reversed(columns) if name in subject.by_name), "")


def _violation(fault: IntegrityError) -> ConsoleError:
    """The sentence for a constraint that was violated."""
    diag = getattr(fault.orig, "diag", None)
    code = getattr(fault.orig, "pgcode", "") or ""
    detail = _DETAIL.search(getattr(diag, "message_detail", None) or "")
    if code == "23505" and detail is not None:
        return ConsoleError(
            QT_TRANSLATE_NOOP("errors", "“{value}” is there already; it can be given only once. Nothing was saved."),
            value=detail["values"],
        )
    if code == "23503":
        return Refused(
            QT_TRANSLATE_NOOP(
                "errors",
                "Something still refers to it ({table}), so it cannot be removed; take it out of use instead. Nothing "
                "was saved.",
            ),
            code=code,
            table=getattr(diag, "table_name", None) or "—",
        )
    return ConsoleError(
        QT_TRANSLATE_NOOP("errors", "The database does not take this value ({rule}). Nothing was saved."),
        rule=getattr(diag, "constraint_name", None) or getattr(diag, "column_name", None) or code,
    )
