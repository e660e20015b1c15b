"""Video and sound: played where they are looked at, with a slider and one key; other programs take what this cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QIODevice, QRect, Qt, QUrl, Signal
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtMultimedia import QAudioOutput, QMediaPlayer, QVideoSink
from PySide6.QtWidgets import QHBoxLayout, QSlider, QToolButton, QVBoxLayout, QWidget

from console.widgets.shared.panel import label, margins
from console.widgets.shared.style import Look, icon

if TYPE_CHECKING:
    from PySide6.QtGui import QMouseEvent, QPaintEvent
    from PySide6.QtMultimedia import QVideoFrame


class Screen(QWidget):
    """The frame of a video at hand, as large as there is room; a symbol for sound."""

    pressed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.frame: QImage | None = None
        self.setMinimumSize(80, 60)

    def show_frame(self, frame: QImage | None) -> None:
        """Show a frame, or the symbol of sound."""
        self.frame = frame
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click plays and pauses."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.pressed.emit()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The whole frame."""
        look, painter = Look.current(), QPainter(self)
        painter.fillRect(self.rect(), QColor(look.ground))
        if self.frame is None:
            symbol = icon("mdi6.volume-high").pixmap(28, 28)
            painter.drawPixmap(self.rect().center().x() - 14, self.rect().center().y() - 14, symbol)
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        size = self.frame.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        place = QRect(0, 0, size.width(), size.height())
        place.moveCenter(self.rect().center())
        painter.drawImage(place, self.frame)


class Player(QWidget):
    """Plays one file from memory; without a device for sound a video is played silently."""

    pressed = Signal()
    failed = Signal(str)
    """This file cannot be played here, and why."""

    def __init__(self) -> None:
        super().__init__()
        self.screen_ = Screen()
        self.screen_.pressed.connect(self._on_pressed)
        self.play_button = QToolButton()
        self.play_button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.play_button.setToolTip(self.tr("Play, pause  (Space)"))
        self.play_button.clicked.connect(self.toggle)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.slider.setAccessibleName(self.tr("Place in the recording"))
        self.time = label("0:00 / 0:00", "secondary")
        row = QHBoxLayout()
        margins(row, 8, 4, 8, 4, 8)
        row.addWidget(self.play_button)
        row.addWidget(self.slider, 1)
        row.addWidget(self.time)
        box = QVBoxLayout(self)
        margins(box, 0, 0, 0, 0)
        box.addWidget(self.screen_, 1)
        box.addLayout(row)
        self._buffer = QBuffer(self)
        self.media = QMediaPlayer(self)
        self._sound = QAudioOutput(self)
        self._sink = QVideoSink(self)
        self.media.setAudioOutput(self._sound)
        self.media.setVideoSink(self._sink)
        self._sink.videoFrameChanged.connect(self._on_frame)
        self.media.positionChanged.connect(self._on_position)
        self.media.durationChanged.connect(self._on_duration)
        self.media.playbackStateChanged.connect(lambda _state: self._show_state())
        # Only when the engine has done with the file it can be taken from it.
        self.media.errorOccurred.connect(self._on_error, Qt.ConnectionType.QueuedConnection)
        self.slider.sliderMoved.connect(self.media.setPosition)
        self.slider.actionTriggered.connect(lambda _action: self.media.setPosition(self.slider.sliderPosition()))
        self._show_state()

    @property
    def is_playing(self) -> bool:
        """Whether it plays now."""
        return self.media.playbackState() == QMediaPlayer.PlaybackState.PlayingState

    def load(self, content: bytes, name: str) -> None:
        """Take a file, ready to be played; nothing plays by itself."""
        self.unload()
        self._buffer.setData(content)
        self._buffer.open(QIODevice.OpenModeFlag.ReadOnly)
        self.media.setSourceDevice(self._buffer, QUrl(name))
        # The first frame is seen, the first sound is not heard.
        self.media.pause()

    def unload(self) -> None:
        """Let go of the file."""
        self.media.stop()
        self.media.setSource(QUrl())
        self._buffer.close()
        self.screen_.show_frame(None)

    def toggle(self) -> None:
        """Play or pause."""
        if self.is_playing:
            self.media.pause()
        else:
            self.media.play()

    def _on_error(self, _error: QMediaPlayer.Error, words: str) -> None:
        self.unload()
        self.failed.emit(words)

    def _on_pressed(self) -> None:
        self.pressed.emit()
        self.toggle()

    def _on_frame(self, frame: QVideoFrame) -> None:
        if frame.isValid():
            self.screen_.show_frame(frame.toImage())

    def _on_duration(self, length: int) -> None:
        self.slider.setRange(0, length)
        self._on_position(self.media.position())

    def _on_position(self, at: int) -> None:
        if not self.slider.isSliderDown():
            self.slider.setValue(at)
        self.time.setText(f"{_clock(at)} / {_clock(self.media.duration())}")

    def _show_state(self) -> None:
        self.play_button.setIcon(icon("mdi6.pause" if self.is_playing else "mdi6.play", "text"))


def _clock(milliseconds: int) -> str:
    return f"{milliseconds // 60_000}:{milliseconds // 1000 % 60:02d}"
