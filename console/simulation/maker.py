"""The process that makes the demonstration city, so that the window stays free.

It begins to invent the city before there is a database: on a first start the server is being made meanwhile.
"""

from __future__ import annotations

import multiprocessing
from typing import TYPE_CHECKING

from console.database.connection import connect
from console.errors import QT_TRANSLATE_NOOP, ConsoleError

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection as Pipe

    from console.simulation.generator import Step


class CityMaker:
    """Makes the city of full size once; `end` it in any case."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_make_city, args=(theirs,), name="seed", daemon=True)
        self._process.start()
        theirs.close()

    def fill(self, url: str, report: Callable[[float, str], None]) -> None:
        """Put the city into the database of `url`, which has the schema; waits for it.

        Args:
            url: of the owner of the schema.
            report: told how much of the whole is done, 0 to 1, and what is being made, in the words of `Step`.

        Raises:
            ConsoleError: as `console.simulation.generator.seed`, or the process has ended before the city was complete.
        """
        error: ConsoleError | None = None
        try:
            self._pipe.send(url)
            while True:
                kind, value = self._pipe.recv()
                if kind == "failed":
                    template, values = value
                    error = ConsoleError(template, **values)
                else:
                    report(*value)
        except (EOFError, BrokenPipeError):
            self._process.join()
        if error is not None:
            raise error
        if self._process.exitcode != 0:
            raise ConsoleError(
                QT_TRANSLATE_NOOP("errors", "The demonstration city was not completed. Start the console again.")
            )

    def end(self) -> None:
        """End the process, whatever it is at; a city that is not complete counts as none."""
        if self._process.is_alive():
            self._process.terminate()
        self._process.join()


def _make_city(pipe: Pipe) -> None:
    from console.simulation.generator.seeding import City, ahead, fill  # noqa: PLC0415 - takes long, and only here

    city = City.of()
    parts = ahead(city.parts())
    try:
        url = pipe.recv()
    except EOFError:  # no city is wanted
        return
    engine = connect(url, application="console seeding", statement_timeout_s=0)

    def progress(step: Step, share: float) -> None:
        pipe.send(("progress", (share, step.words)))

    try:
        fill(engine, city, parts, progress)
    except ConsoleError as error:
        # Exceptions with arguments by name do not travel between processes by themselves.
        pipe.send(("failed", (error.template, error.values)))
    finally:
        engine.dispose()
        pipe.close()
