"""Modules are loaded beside the window a module at a time, and the window goes first."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, cast

from console.widgets.shared.precedence import Precedence, loading_beside

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


class Counting:
    """A `Precedence` that only counts who gives way."""

    def __init__(self) -> None:
        self.threads: list[int] = []

    def give_way(self, _most_s: float) -> None:
        self.threads.append(threading.get_ident())


def test_a_thread_gives_way_before_each_module_that_it_loads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "loaded_first.py").write_text("import loaded_second\n", encoding="utf-8")
    for name in ("loaded_second", "loaded_elsewhere", "loaded_later"):
        (tmp_path / f"{name}.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    counting, before = Counting(), list(sys.meta_path)
    with loading_beside(cast("Precedence", counting)):
        __import__("loaded_first")
        other = threading.Thread(target=__import__, args=("loaded_elsewhere",))
        other.start()
        other.join()
    __import__("loaded_later")
    assert counting.threads == [threading.get_ident()] * 2, "of this thread, within the block, both modules"
    assert sys.meta_path == before
