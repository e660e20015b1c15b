"""Drafts as text, so that what was typed outlives the window: kept while it is typed, taken up at the next start."""

from __future__ import annotations

import json
from datetime import date, time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from console.models.configuration.draft import Draft

_KINDS = {"date": date.fromisoformat, "time": time.fromisoformat}


def keep(drafts: Mapping[str, Draft]) -> str:
    """All that is typed and not saved in these drafts; empty when there is nothing."""
    states = {name: state for name, draft in drafts.items() if any((state := draft.state()).values())}
    return json.dumps(states, default=_plain, ensure_ascii=False) if states else ""


def take_up(drafts: Mapping[str, Draft], kept: str) -> None:
    """Go on with what `keep` wrote; it meets what is stored then, and what others changed since is theirs to decide.

    What cannot be read is no draft: an older program wrote it.
    """
    try:
        states = json.loads(kept, object_hook=_value) if kept else {}
    except ValueError:
        return
    for name, state in states.items():
        if name in drafts:
            drafts[name].resume(state)


def _plain(value: Any) -> dict[str, str]:
    return {"date" if isinstance(value, date) else "time": value.isoformat()}


def _value(found: dict[str, Any]) -> Any:
    if len(found) == 1:
        ((kind, text),) = found.items()
        if kind in _KINDS and isinstance(text, str):
            return _KINDS[kind](text)
    return found
