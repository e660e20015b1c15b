"""One sensor with its sources and refused readings, or a device that asks; and connecting a device with a sensor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from console.models.devices import SL651, WAYS
from console.widgets.configuration.leaving import ErrandLine
from console.widgets.intake.pieces import AskingButton, Choice, row_of
from console.widgets.intake.words import ELEMENT, SENSOR_KIND, WAY, doubt_words
from console.widgets.shared import figures
from console.widgets.shared.panel import Facts, label, line, margins, scrolled
from console.widgets.shared.table import Column, RecordModel, RecordTable
from console.widgets.shared.words import READING, word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from console.models.devices import RefusedReading, SensorRow, Source, UnknownDevice
    from console.widgets.shared.desk import Desk

REFUSED_PX, SAMPLE_PX = 190, 92


class SensorPanel(QWidget):
    """What is known, what was refused, and the form that connects.

    What is typed stays while the same sensor or device is shown, whatever is read anew.
    """

    connected = Signal(dict)
    """A value of a device is to be connected with a sensor: arguments of `connect_device`."""
    disconnected = Signal(object)
    """A `Source` is not to be heard any more."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._shown = ""
        self._sensors: tuple[SensorRow, ...] = ()
        self._sensor: SensorRow | None = None
        self.nothing = label(self.tr("Choose a sensor or device in the table."), "secondary", wraps=True)
        self.facts = Facts(104)
        self.sample = QPlainTextEdit(readOnly=True)
        self.sample.setAccessibleName(self.tr("Its latest message"))
        self.sample.setFixedHeight(SAMPLE_PX)
        self.sources = QVBoxLayout()
        margins(self.sources, 0, 0, 0, 0, 4)
        self._drawn: tuple[Source, ...] | None = None
        columns: list[Column[RefusedReading]] = [
            Column(self.tr("Measured"), lambda r: figures.short_moment(r.at, desk.now()), lambda r: -r.at.timestamp(),
                   width_px=96),
            Column(self.tr("Value"), lambda r: figures.number(r.value, 1), lambda r: r.value, width_px=70),
            Column(self.tr("Why"), _why),
        ]  # fmt: skip
        self.model: RecordModel[RefusedReading] = RecordModel(columns, lambda r: f"{r.at} {r.received_at}", self)
        self.refused = RecordTable(self.model)
        self.refused.setAccessibleName(self.tr("Refused and suspect readings"))
        self.refused.setFixedHeight(REFUSED_PX)
        self.refused_title = label("", "title")
        self.way = QComboBox()
        self.way.setAccessibleName(self.tr("How the device speaks"))
        for way in WAYS:
            self.way.addItem(WAY[str(way)], way)
        self.address = ErrandLine(self.tr("Address"), "")
        self.field = Choice(self.tr("Value"), "")
        self.sensor = Choice(self.tr("Sensor"), self.tr("Code or place of the sensor"))
        self.factor = ErrandLine(self.tr("Factor"), self.tr("Factor; empty where the unit is known"))
        self.shift = ErrandLine(self.tr("Shift"), self.tr("Shift in the unit of the sensor; 0 if empty"))
        self.password = ErrandLine(self.tr("Password"), self.tr("Password of the station, such as 03E8; any if empty"))
        self.hint = label("", "secondary", wraps=True)
        self.problem = label("", "critical", wraps=True)
        self.button = QPushButton(self.tr("Connect and let it in"))
        self.button.setDefault(True)
        self.way.currentIndexChanged.connect(lambda _at: self._on_way())
        self.field.editTextChanged.connect(lambda _text: self._say_field())
        self.button.clicked.connect(lambda *_: self.ask())
        for edit in (self.address, self.factor, self.shift, self.password):
            edit.returnPressed.connect(self.ask)
        self._lay_out()
        self._on_way()
        self.show_row(None, None)

    def _lay_out(self) -> None:
        self.form = QWidget()
        box = QVBoxLayout(self.form)
        margins(box, 0, 0, 0, 0, 6)
        box.addWidget(line())
        box.addWidget(label(self.tr("Connect a device"), "title"))
        two = QHBoxLayout()
        margins(two, 0, 0, 0, 0, 6)
        two.addWidget(self.way)
        two.addWidget(self.address, 1)
        box.addLayout(two)
        for widget in (self.field, self.hint, self.sensor, self.factor, self.shift, self.password, self.problem):
            box.addWidget(widget)
        box.addLayout(row_of(self.button))
        inside = QWidget()
        whole = QVBoxLayout(inside)
        margins(whole, 14, 12, 14, 16, 10)
        for part in (self.nothing, self.facts, self.sample):
            whole.addWidget(part)
        whole.addLayout(self.sources)
        whole.addWidget(self.refused_title)
        whole.addWidget(self.refused)
        whole.addWidget(self.form)
        whole.addStretch(1)
        outer = QVBoxLayout(self)
        margins(outer, 0, 0, 0, 0)
        outer.addWidget(scrolled(inside, sideways=True))

    def show_sensors(self, sensors: tuple[SensorRow, ...]) -> None:
        """The sensors that can be chosen."""
        self._sensors = sensors
        self.sensor.offer([_called(one) for one in sensors])

    def show_row(self, sensor: SensorRow | None, unknown: UnknownDevice | None) -> None:
        """Show a sensor, a device that asks, or neither."""
        key = f"s{sensor.id}" if sensor is not None else f"{unknown.way}{unknown.address}" if unknown else ""
        is_new = key != self._shown
        self._shown, self._sensor = key, sensor
        if is_new:
            self.forget()
            if unknown is not None:
                self._begin_with(unknown)
            elif sensor is not None:
                self.sensor.setEditText(_called(sensor))
        self.nothing.setVisible(sensor is None and unknown is None)
        self.facts.setVisible(bool(key))
        self.sample.setVisible(unknown is not None)
        for widget in (self.refused, self.refused_title):
            widget.setVisible(sensor is not None)
        self._draw_sources(() if sensor is None else sensor.sources)
        if sensor is not None:
            self.facts.show_facts(self._sensor_facts(sensor))
            if is_new:
                self.show_refused(sensor.id, [])
        elif unknown is not None:
            self.facts.show_facts(self._device_facts(unknown))
            self.sample.setPlainText(_readable(unknown))

    def show_refused(self, sensor_id: int, found: Sequence[RefusedReading]) -> None:
        """Show the readings of a sensor that were marked or refused."""
        if self._sensor is None or self._sensor.id != sensor_id:
            return
        self.model.show(found)
        words = self.tr("Refused and suspect: {n}") if found else self.tr("No reading was refused")
        self.refused_title.setText(words.format(n=len(found)))
        self.refused.setVisible(bool(found))

    def forget(self) -> None:
        """Forget what was typed."""
        self.address.clear()
        self.field.offer([])
        self.field.setEditText("")
        self.sensor.setEditText("" if self._sensor is None else _called(self._sensor))
        for edit in (self.factor, self.shift, self.password):
            edit.clear()
        self._say("")

    def ask(self) -> None:
        """Ask that the value be connected as it is described."""
        chosen = next((one for one in self._sensors if _called(one) == self.sensor.currentText().strip()), None)
        if chosen is None:
            self._say(self.tr("Choose a sensor of the list."))
            self.sensor.setFocus()
            return
        factor, shift = _number(self.factor), _number(self.shift)
        if isinstance(factor, str) or isinstance(shift, str) or (factor is not None and not 0 < factor <= 1e6):
            self._say(self.tr("Factor and shift are numbers; the factor is more than 0."))
            return
        self._say("")
        way = self.way.currentData()
        self.connected.emit(
            {
                "way": way,
                "address": self.address.text().strip(),
                "field": self.field.currentText().partition(" ")[0].strip(),
                "sensor_id": chosen.id,
                "factor": factor,
                "shift": shift or 0.0,
                "password": self.password.text().strip() or None if way == SL651 else None,
            }
        )

    def _begin_with(self, unknown: UnknownDevice) -> None:
        self.way.setCurrentIndex(self.way.findData(unknown.way))
        self.address.setText(unknown.address)
        self.field.offer([self._field(unknown.way, field) for field in unknown.fields])
        likely = ("39", "26", "22", "level_cm", "rain_mm")
        best = next((one for one in likely if one in unknown.fields), unknown.fields[0] if unknown.fields else "")
        self.field.setEditText(self._field(unknown.way, best))

    def _field(self, way: int, field: str) -> str:
        words = word(ELEMENT, field) if way == SL651 and field in ELEMENT else ""
        return f"{field} {words}".strip()

    def _on_way(self) -> None:
        way = self.way.currentData()
        hints = {
            SL651: (self.tr("Station code of ten digits"), self.tr("Element, such as 39")),
            3: (self.tr("Topic"), self.tr("Member of the message, such as level_cm")),
            4: (self.tr("Id in the message"), self.tr("Member of the message, such as level_cm")),
        }[way]
        self.address.setPlaceholderText(hints[0])
        edit = self.field.lineEdit()
        if isinstance(edit, QLineEdit):
            edit.setPlaceholderText(hints[1])
        self.password.setVisible(way == SL651)
        self._say_field()

    def _say_field(self) -> None:
        way, field = self.way.currentData(), self.field.currentText().partition(" ")[0].strip()
        words = ""
        if way != SL651 and field and not field.endswith(("_mm", "_cm", "_m")):
            words = self.tr("The unit does not follow from this name: a factor is needed.")
        self.hint.setText(words)
        self.hint.setVisible(bool(words))

    def _say(self, words: str) -> None:
        self.problem.setText(words)
        self.problem.setVisible(bool(words))

    def _draw_sources(self, sources: tuple[Source, ...]) -> None:
        """Each source with a button that ends it; drawn anew only when they have changed."""
        if sources == self._drawn:
            return
        self._drawn = sources
        while (item := self.sources.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for source in sources:
            self.sources.addWidget(self._source_row(source))

    def _source_row(self, source: Source) -> QWidget:
        made = QWidget()
        row = QHBoxLayout(made)
        margins(row, 0, 0, 0, 0, 8)
        words = f"{WAY[str(source.way)]} · {source.address} · {self._field(source.way, source.field)}"
        if source.factor != 1 or source.shift:
            words += f" · × {source.factor:g}" + (f" {source.shift:+g}" if source.shift else "")
        row.addWidget(label(words, wraps=True, selectable=True), 1)
        end = AskingButton(self.tr("Disconnect"), self.tr("Press again"))
        end.confirmed.connect(lambda: self.disconnected.emit(source))
        row.addWidget(end)
        return made

    def _sensor_facts(self, sensor: SensorRow) -> list[tuple[str, str, str]]:
        quality = word(READING, str(sensor.quality)) if sensor.quality else ""
        bad = 2
        return [
            (self.tr("Sensor"), f"{sensor.code} {sensor.name}", ""),
            (self.tr("Flood point"), sensor.place or figures.NONE, ""),
            (self.tr("Measures"), f"{word(SENSOR_KIND, sensor.kind)}, {sensor.unit}", ""),
            (self.tr("Every"), self.tr("{n} s").format(n=sensor.interval_s), ""),
            (self.tr("Latest"), figures.number(sensor.value, 1, sensor.unit), ""),
            (
                self.tr("Quality"),
                quality or (figures.NONE if sensor.quality is None else self.tr("good")),
                "medium" if sensor.quality in {1, bad} else "",
            ),
            (self.tr("Measured at"), figures.moment(sensor.at), "disabled" if sensor.silent else ""),
        ]

    def _device_facts(self, device: UnknownDevice) -> list[tuple[str, str, str]]:
        return [
            (self.tr("Speaks"), WAY[str(device.way)], ""),
            (self.tr("Address"), device.address, ""),
            (self.tr("Came from"), device.peer or figures.NONE, ""),
            (self.tr("Messages"), figures.count(device.attempts), ""),
            (self.tr("First seen"), figures.moment(device.first_seen), ""),
            (self.tr("Last seen"), figures.moment(device.last_seen), ""),
            (self.tr("Brings"), ", ".join(self._field(device.way, f) for f in device.fields) or figures.NONE, ""),
        ]


def _called(sensor: SensorRow) -> str:
    return f"{sensor.code} {sensor.place or sensor.name}"


def _why(reading: RefusedReading) -> str:
    return doubt_words(reading.doubt) if reading.doubt else word(READING, str(reading.quality))


def _readable(device: UnknownDevice) -> str:
    """Its latest message: JSON as it is, frames in hexadecimal digits."""
    if device.way == SL651:
        return device.sample.hex(" ").upper()
    return device.sample.decode("utf-8", errors="backslashreplace")


def _number(edit: QLineEdit) -> float | str | None:
    """What was typed as a number; None for nothing, the text where it is none."""
    typed = edit.text().strip()
    try:
        return float(typed) if typed else None
    except ValueError:
        return typed
