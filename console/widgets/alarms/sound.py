"""The sound of an alarm that begins to wait: one for each priority, and none at a desk that has muted it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QUrl

from console.errors import RESOURCES
from console.widgets.shared.words import SYMBOL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from PySide6.QtCore import QSettings
    from PySide6.QtMultimedia import QSoundEffect

    from console.widgets.alarms.lines import AlarmLine

MUTED = "alarms/muted"


class Speaker(QObject):
    """Plays the sounds of ``resources/sounds``; a computer without a loudspeaker stays silent."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._effects: dict[str, QSoundEffect] = {}

    def play(self, urgency: str) -> None:
        """Play the sound of a priority, unless it is being played."""
        # Whoever read the alarm has loaded the library (`multimedia.load`): here it would hold the window up.
        from PySide6.QtMultimedia import QSoundEffect  # noqa: PLC0415

        if urgency not in self._effects:
            effect = QSoundEffect(self)
            effect.setSource(QUrl.fromLocalFile(str(RESOURCES / "sounds" / f"{urgency}.wav")))
            self._effects[urgency] = effect
        if not self._effects[urgency].isPlaying():
            self._effects[urgency].play()


class AlarmSound:
    """Tells by ear what begins to wait for somebody; what waited already when the desk was opened is seen, not heard.

    Args:
        memory: keeps whether the desk is muted.
        play: gets the priority whose sound is to be heard.
    """

    def __init__(self, memory: QSettings, play: Callable[[str], object]) -> None:
        self._memory, self.play = memory, play
        self._waiting: frozenset[str] | None = None

    @property
    def is_muted(self) -> bool:
        """Whether this desk hears nothing."""
        return bool(self._memory.value(MUTED, False, type=bool))

    def mute(self, *, muted: bool) -> None:
        """Hear nothing from now on, or hear again; also the next time that somebody signs in here with this login."""
        self._memory.setValue(MUTED, muted)

    def hear(self, lines: Iterable[AlarmLine]) -> None:
        """All that stands now: the most urgent of what has begun to wait since the last time is heard."""
        waiting = {line.key: line.urgency for line in lines if line.is_waiting}
        before, self._waiting = self._waiting, frozenset(waiting)
        new = {urgency for key, urgency in waiting.items() if before is not None and key not in before}
        if new and not self.is_muted:
            self.play(min(new, key=list(SYMBOL).index))
