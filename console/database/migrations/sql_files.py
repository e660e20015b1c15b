"""Revisions whose steps are SQL files in a folder of their own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import Connection

_HERE = Path(__file__).resolve().parent


def run_up(bind: Connection, folder: str) -> None:
    """Run the SQL files of ``migrations/<folder>`` in the order of their numbers."""
    _run(bind, sorted((_HERE / folder).glob("*.sql")))


def run_down(bind: Connection, folder: str) -> None:
    """Undo them: run the files of ``migrations/<folder>/down`` against that order. Each undoes the file of its name."""
    _run(bind, sorted((_HERE / folder / "down").glob("*.sql"), reverse=True))


def _run(bind: Connection, files: list[Path]) -> None:
    driver: Any = bind.connection  # past SQLAlchemy, which would take percent signs for parameters
    with driver.cursor() as cursor:
        for path in files:
            cursor.execute(path.read_text(encoding="utf-8"))
