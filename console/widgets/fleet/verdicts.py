"""What the check of a permit says, in words: one line a rule, with its level and the place where it is so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QListWidget, QListWidgetItem

from console.errors import QT_TRANSLATE_NOOP
from console.map.features import Features, GeometryKind
from console.models.haulage.checks import Level, Verdict
from console.widgets.shared import figures
from console.widgets.shared.style import Look

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QKeyEvent

    from console.map.canvas import MapCanvas

SYMBOL = {Level.OK: "✓", Level.NOTE: "●", Level.FAULT: "◆"}
COLOUR = {Level.OK: "secondary", Level.NOTE: "medium_text", Level.FAULT: "high_text"}
LINES, MARKS = "finding_line", "finding_mark"
"""Live layers of the map that show where something is wrong."""
WORDS = {
    "no_route": QT_TRANSLATE_NOOP("verdicts", "There is no route yet: propose or draw one"),
    "joined": QT_TRANSLATE_NOOP("verdicts", "The route is one piece without gaps"),
    "gaps": QT_TRANSLATE_NOOP("verdicts", "{n} gaps in the route, {metres} in all"),
    "start_unknown": QT_TRANSLATE_NOOP("verdicts", "No work site is chosen"),
    "start_at_site": QT_TRANSLATE_NOOP("verdicts", "Begins at the work site"),
    "start_away": QT_TRANSLATE_NOOP("verdicts", "Begins {metres} from the work site"),
    "turned_round": QT_TRANSLATE_NOOP("verdicts", "Leads from the dump to the work site: turn it round"),
    "end_unknown": QT_TRANSLATE_NOOP("verdicts", "No dump site is chosen"),
    "end_at_site": QT_TRANSLATE_NOOP("verdicts", "Ends at the dump site"),
    "end_away": QT_TRANSLATE_NOOP("verdicts", "Ends {metres} from the dump site"),
    "on_streets": QT_TRANSLATE_NOOP("verdicts", "Follows the streets; access to the sites {access}"),
    "off_street": QT_TRANSLATE_NOOP("verdicts", "{metres} off the streets"),
    "no_zone": QT_TRANSLATE_NOOP("verdicts", "Passes no traffic area in its hours"),
    "forbidden": QT_TRANSLATE_NOOP("verdicts", "No entry: {metres} through “{name}”"),
    "slow": QT_TRANSLATE_NOOP("verdicts", "At most {speed} km/h: {metres} through “{name}”"),
    "hours_unknown": QT_TRANSLATE_NOOP("verdicts", "The hours are not complete"),
    "hours_short": QT_TRANSLATE_NOOP("verdicts", "Only {minutes} minutes a day: nobody can haul in that"),
    "hours_long": QT_TRANSLATE_NOOP("verdicts", "{hours} hours a day: is that meant?"),
    "hours_fit": QT_TRANSLATE_NOOP("verdicts", "The hours are plausible"),
    "revoked": QT_TRANSLATE_NOOP("verdicts", "Revoked: it allows nothing any more"),
    "days_unknown": QT_TRANSLATE_NOOP("verdicts", "The days are not complete"),
    "expired": QT_TRANSLATE_NOOP("verdicts", "Expired {days} days ago"),
    "not_yet": QT_TRANSLATE_NOOP("verdicts", "In force only in {days} days"),
    "ends_soon": QT_TRANSLATE_NOOP("verdicts", "In force for {days} more days only"),
    "in_force": QT_TRANSLATE_NOOP("verdicts", "In force for {days} more days"),
    "alone": QT_TRANSLATE_NOOP("verdicts", "No other permit of the truck for the same time"),
    "overlaps": QT_TRANSLATE_NOOP("verdicts", "Another permit of the truck for the same time: {numbers}"),
    "truck_gone": QT_TRANSLATE_NOOP("verdicts", "The truck has left the fleet"),
}
VERDICT = Qt.ItemDataRole.UserRole


def words(verdict: Verdict) -> str:
    """What a verdict says."""
    said = dict(verdict.values)
    for name in ("metres", "access"):
        if name in said:
            said[name] = figures.distance(said[name])
    for name in ("speed", "hours"):
        if name in said:
            said[name] = f"{said[name]:g}"
    return QCoreApplication.translate("verdicts", WORDS[verdict.code]).format(**said)


class VerdictList(QListWidget):
    """The verdicts on one permit; a click, or Enter, goes where one is so."""

    pointed = Signal(object)
    """The shape that a verdict is about, EPSG:4546."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(self.tr("Check of the permit"))
        self.setWordWrap(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.itemClicked.connect(self._point)

    def show_verdicts(self, verdicts: Sequence[Verdict]) -> None:
        """Show them, the worst first; the row that was chosen stays."""
        order = list(Level)
        chosen = self.currentRow()
        self.clear()
        for verdict in sorted(verdicts, key=lambda one: -order.index(one.level)):
            item = QListWidgetItem(f"{SYMBOL[verdict.level]}  {words(verdict)}")
            item.setData(VERDICT, verdict)
            item.setForeground(QColor(getattr(Look.current(), COLOUR[verdict.level])))
            if verdict.where is not None:
                item.setToolTip(self.tr("Show it on the map"))
            self.addItem(item)
        self.setCurrentRow(min(chosen, self.count() - 1))
        self.fit()

    def fit(self) -> None:
        """As high as its lines."""
        height = sum(max(self.sizeHintForRow(row), 1) for row in range(self.count()))
        self.setFixedHeight(height + 2 * self.frameWidth() + 4)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter goes there."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self.currentItem() is not None:
            self._point(self.currentItem())
        else:
            super().keyPressEvent(event)

    def _point(self, item: QListWidgetItem) -> None:
        verdict: Verdict = item.data(VERDICT)
        if verdict.where is not None:
            self.pointed.emit(verdict.where)


def show_findings(canvas: MapCanvas, verdicts: Sequence[Verdict]) -> None:
    """Show on the map what is wrong where it is so; nothing when all is well."""
    wrong = [one for one in verdicts if one.where is not None and one.level is not Level.OK]
    lines = [one for one in wrong if shapely.get_dimensions(one.where) == 1]
    canvas.set_live(
        LINES,
        Features.from_shapely(
            range(len(lines)),
            [one.where for one in lines],
            {"level": np.array([one.level.value for one in lines], dtype="U8")},
            GeometryKind.LINE,
        ),
    )
    marks = [shapely.point_on_surface(one.where) for one in wrong]
    canvas.set_live(
        MARKS,
        Features.from_shapely(
            range(len(wrong)),
            marks,
            {
                "level": np.array([one.level.value for one in wrong], dtype="U8"),
                "label": np.array([words(one) for one in wrong], dtype=np.str_),
            },
            GeometryKind.POINT,
        ),
    )
