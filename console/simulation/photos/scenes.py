"""Street scenes drawn with Pillow: a street, and on it what is wrong, or the same place put right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw

if TYPE_CHECKING:
    from collections.abc import Callable

SIZE = (1280, 960)
CENTRE = (640, 660)  # where it is wrong
HORIZON, KERB = 330, 520  # rows where pavement and carriageway begin
Colour = tuple[int, int, int]

SKY: tuple[Colour, ...] = ((176, 196, 214), (196, 202, 206), (158, 186, 214))
WALLS: tuple[Colour, ...] = ((186, 170, 150), (168, 172, 174), (196, 184, 164), (150, 140, 132), (178, 158, 142))
SHOPS: tuple[Colour, ...] = ((150, 52, 48), (46, 96, 70), (44, 78, 124), (170, 120, 40))
ASPHALT: Colour = (104, 104, 106)
PAVING: Colour = (168, 162, 154)
KERBSTONE: Colour = (190, 188, 182)
LEAVES: tuple[Colour, ...] = ((74, 108, 62), (62, 94, 58), (92, 120, 66))
RUBBISH: tuple[Colour, ...] = (
    (222, 222, 216),
    (52, 96, 150),
    (176, 60, 52),
    (226, 190, 70),
    (84, 130, 84),
    (40, 40, 44),
)
IRON: Colour = (66, 64, 62)
_TURNS = np.linspace(0, 2 * np.pi, 22, endpoint=False)
_AROUND = np.stack((np.cos(_TURNS), np.sin(_TURNS)), axis=1)


class Canvas:
    """A picture under the pencil, with the chance that decides its details."""

    def __init__(self, seed: int) -> None:
        self.image = Image.new("RGB", SIZE, ASPHALT)
        self.pencil = ImageDraw.Draw(self.image)
        self.rng = np.random.default_rng(seed)

    def between(self, low: float, high: float) -> float:
        """Any number from `low` to `high`."""
        return float(self.rng.uniform(low, high))

    def shade(self, colour: Colour, by: float = 14) -> Colour:
        """`colour`, a little lighter or darker."""
        step = self.between(-by, by)
        return tuple(int(min(max(part + step, 0), 255)) for part in colour)  # type: ignore[return-value]

    def blob(self, x: float, y: float, width: float, height: float, colour: Colour, ragged: float = 0.25) -> None:
        """A patch with a ragged border."""
        out = 1 + self.rng.uniform(-ragged, ragged, len(_AROUND))
        points = np.stack((x + out * width / 2 * _AROUND[:, 0], y + out * height / 2 * _AROUND[:, 1]), axis=1)
        self.pencil.polygon(points.ravel().tolist(), fill=colour)

    def disc(
        self, x: float, y: float, width: float, height: float, colour: Colour, outline: Colour | None = None
    ) -> None:
        """An ellipse around (x, y)."""
        box = (x - width / 2, y - height / 2, x + width / 2, y + height / 2)
        self.pencil.ellipse(box, fill=colour, outline=outline, width=4)

    def box(
        self, x: float, y: float, width: float, height: float, colour: Colour, outline: Colour | None = None
    ) -> None:
        """A rectangle from its upper left corner."""
        self.pencil.rectangle((x, y, x + width, y + height), fill=colour, outline=outline, width=3)


def render(scene: str, variant: int, *, is_right: bool) -> Image.Image:
    """The whole view; the same arguments give the same picture, and both states show the same place."""
    seed = sum(ord(letter) * 31**place for place, letter in enumerate(scene)) % 2**31 + variant
    canvas = Canvas(seed)
    _street(canvas)
    # What is wrong is drawn by a chance of its own, so that the street stays the same without it.
    canvas.rng = np.random.default_rng(seed + 7919)
    SCENES[scene](canvas, is_right)
    return canvas.image


def _street(canvas: Canvas) -> None:
    """Houses with shops, a pavement with a tree and a sign, the kerb, the carriageway."""
    canvas.box(0, 0, SIZE[0], HORIZON, SKY[int(canvas.rng.integers(len(SKY)))])
    left = -40.0
    while left < SIZE[0]:
        width = canvas.between(210, 330)
        top = canvas.between(20, 140)
        wall = canvas.shade(WALLS[int(canvas.rng.integers(len(WALLS)))])
        canvas.box(left, top, width, HORIZON - top, wall)
        for row in range(int((HORIZON - 130 - top) // 62)):
            for column in range(int(width // 70)):
                glass = canvas.shade((92, 108, 122), 20)
                canvas.box(left + 18 + column * 70, top + 18 + row * 62, 40, 38, glass)
        sign = SHOPS[int(canvas.rng.integers(len(SHOPS)))]
        canvas.box(left + 6, HORIZON - 104, width - 12, 34, sign)
        for letter in range(int(canvas.rng.integers(3, 6))):
            canvas.box(left + 30 + letter * 38, HORIZON - 98, 22, 22, (236, 228, 206))
        canvas.box(left + 14, HORIZON - 66, width - 28, 66, canvas.shade((74, 82, 90), 10))
        left += width
    canvas.box(0, HORIZON, SIZE[0], KERB - HORIZON, PAVING)
    for row in range(1, 5):
        y = HORIZON + (KERB - HORIZON) * (row / 5) ** 1.4
        canvas.pencil.line((0, y, SIZE[0], y), fill=(150, 146, 140), width=2)
    for column in range(-14, 15):
        canvas.pencil.line((640 + column * 70, HORIZON, 640 + column * 120, KERB), fill=(150, 146, 140), width=2)
    canvas.box(0, KERB, SIZE[0], 20, KERBSTONE)
    canvas.box(0, KERB + 20, SIZE[0], 12, (132, 130, 126))
    canvas.box(0, KERB + 32, SIZE[0], SIZE[1] - KERB, ASPHALT)
    for _ in range(90):
        y = canvas.between(KERB + 40, SIZE[1])
        canvas.blob(canvas.between(0, SIZE[0]), y, canvas.between(4, 40), 4, canvas.shade(ASPHALT, 9))
    canvas.pencil.polygon([(0, 900), (1280, 880), (1280, 904), (0, 926)], fill=(206, 204, 196))
    _tree(canvas, canvas.between(120, 240))
    _street_sign(canvas, canvas.between(1000, 1080))


def _tree(canvas: Canvas, x: float) -> None:
    canvas.box(x - 12, 190, 24, 240, (92, 76, 60))
    for _ in range(16):
        leaves = canvas.shade(LEAVES[int(canvas.rng.integers(len(LEAVES)))])
        canvas.blob(x + canvas.between(-90, 90), canvas.between(40, 220), 130, 100, leaves)
    canvas.blob(x, 432, 90, 22, (112, 96, 76))


def _street_sign(canvas: Canvas, x: float) -> None:
    """The blue plate that tells where one is: what a reference photo looks for."""
    canvas.box(x - 5, 150, 10, 300, (128, 132, 136))
    canvas.box(x - 90, 120, 180, 62, (32, 84, 160), (232, 236, 240))
    for letter in range(3):
        canvas.box(x - 62 + letter * 46, 134, 30, 30, (236, 240, 244))


def _cover(canvas: Canvas, is_right: bool) -> None:
    x, y = CENTRE
    canvas.disc(x, y, 290, 150, (126, 124, 122))
    if is_right:
        canvas.disc(x, y, 250, 126, IRON, (40, 40, 40))
        for ring in (190, 120, 50):
            canvas.disc(x, y, ring, ring / 2, canvas.shade(IRON, 12), (44, 44, 44))
        return
    canvas.disc(x, y, 250, 126, (16, 16, 18), (50, 50, 50))
    canvas.disc(x + 6, y + 26, 200, 70, (30, 28, 26))
    canvas.pencil.chord((x - 125, y - 63, x + 125, y + 63), 200, 268, fill=IRON, outline=(40, 40, 40))
    canvas.blob(x + 210, y + 20, 60, 26, (120, 116, 110))


def _pothole(canvas: Canvas, is_right: bool) -> None:
    x, y = CENTRE
    if is_right:
        canvas.box(x - 210, y - 80, 420, 170, (70, 70, 72), (58, 58, 60))
        return
    canvas.blob(x, y, 400, 170, (128, 122, 112))
    canvas.blob(x + 6, y + 8, 330, 126, (74, 68, 62))
    canvas.blob(x + 20, y + 18, 200, 66, (52, 48, 46))
    for _ in range(26):
        canvas.blob(x + canvas.between(-260, 260), y + canvas.between(-110, 110), 24, 14, canvas.shade((140, 134, 126)))


def _litter(canvas: Canvas, is_right: bool) -> None:
    x, y = CENTRE[0], KERB - 20
    canvas.box(x + 190, y - 150, 96, 130, (58, 104, 72), (40, 70, 50))
    canvas.box(x + 182, y - 164, 112, 20, (46, 84, 58))
    if is_right:
        return
    for _ in range(14):
        bag = canvas.shade(RUBBISH[int(canvas.rng.integers(len(RUBBISH)))], 16)
        canvas.blob(x + canvas.between(-170, 170), y + canvas.between(-60, 70), canvas.between(60, 130), 74, bag, 0.18)
    for _ in range(60):
        piece = RUBBISH[int(canvas.rng.integers(len(RUBBISH)))]
        canvas.blob(x + canvas.between(-340, 340), y + canvas.between(-40, 250), canvas.between(10, 34), 14, piece, 0.4)


def _flood(canvas: Canvas, is_right: bool) -> None:
    x, y = CENTRE
    for bar in range(7):
        canvas.box(x - 120 + bar * 36, KERB + 40, 18, 60, (40, 40, 42))
    if is_right:
        canvas.blob(x, y + 60, 380, 60, (92, 92, 94))
        return
    canvas.blob(x, y + 70, 1500, 430, (96, 106, 110), 0.05)
    canvas.blob(x - 30, y + 60, 1240, 330, (116, 130, 136), 0.05)
    for ring in range(7):
        width = 160 + ring * 110
        box = (x - width, y + 40 - width / 6, x + width, y + 40 + width / 6)
        canvas.pencil.arc(box, 190 + ring * 9, 330 - ring * 7, fill=(168, 182, 188), width=4)
    for house in range(5):
        canvas.blob(140 + house * 250, y + 110, 90, 180, (104, 116, 122), 0.12)


def _stall(canvas: Canvas, is_right: bool) -> None:
    x, y = CENTRE[0], KERB + 60
    if is_right:
        return
    canvas.box(x - 190, y - 300, 10, 340, (120, 120, 124))
    canvas.box(x + 200, y - 300, 10, 340, (120, 120, 124))
    stripes = SHOPS[int(canvas.rng.integers(len(SHOPS)))]
    for stripe in range(10):
        left = x - 250 + stripe * 52
        colour = stripes if stripe % 2 else (228, 224, 216)
        canvas.pencil.polygon(
            [(left, y - 250), (left + 30, y - 330), (left + 82, y - 330), (left + 52, y - 250)], fill=colour
        )
    canvas.box(x - 220, y - 70, 460, 110, (140, 108, 74), (96, 72, 48))
    for _ in range(46):
        fruit = ((214, 120, 40), (190, 56, 44), (110, 150, 60), (222, 190, 80))[int(canvas.rng.integers(4))]
        canvas.disc(x + canvas.between(-200, 220), y - 76 + canvas.between(-22, 12), 34, 30, canvas.shade(fruit))
    for wheel in (-150, 170):
        canvas.disc(x + wheel, y + 56, 70, 70, (40, 40, 42), (90, 90, 92))
    canvas.disc(x + 300, y - 200, 56, 62, (196, 160, 132))
    canvas.box(x + 262, y - 168, 78, 130, (70, 86, 120))
    canvas.box(x + 268, y - 40, 66, 110, (52, 54, 60))


def _bicycles(canvas: Canvas, is_right: bool) -> None:
    base = KERB - 16
    for number in range(6):
        # Put right they stand in a row beside the wall, else across the way.
        if is_right:
            x, y, lean = 470.0 + number * 62, HORIZON + 50.0, 0.0
        else:
            x, y, lean = 330 + number * 110, base + canvas.between(-60, 130), canvas.between(-60, 60)
        scale = 0.55 if is_right else 1.0
        frame = SHOPS[number % len(SHOPS)] if number % 3 else (236, 190, 40)
        for wheel in (-1, 1):
            centre = (x + wheel * 74 * scale, y + wheel * lean * 0.3)
            canvas.pencil.ellipse(
                (centre[0] - 52 * scale, centre[1] - 52 * scale, centre[0] + 52 * scale, centre[1] + 52 * scale),
                outline=(38, 38, 40), width=max(int(9 * scale), 3),
            )  # fmt: skip
        top = (x + 20 * scale, y - 74 * scale)
        ends = ((x - 74 * scale, y - lean * 0.3), (x, y), (x + 74 * scale, y + lean * 0.3))
        for one, other in ((ends[0], top), (ends[0], ends[1]), (ends[1], top), (top, ends[2])):
            canvas.pencil.line((*one, *other), fill=frame, width=max(int(11 * scale), 4))
        canvas.box(top[0] - 60 * scale, top[1] - 18 * scale, 44 * scale, 10 * scale, (30, 30, 32))


def _stickers(canvas: Canvas, is_right: bool) -> None:
    x, y = CENTRE[0] - 240, 250
    canvas.box(x, y, 480, 330, (196, 192, 184), (150, 146, 140))
    if is_right:
        canvas.blob(x + 240, y + 170, 300, 150, (204, 200, 192), 0.1)
        return
    for _ in range(13):
        left, top = x + canvas.between(10, 360), y + canvas.between(10, 230)
        paper = ((232, 210, 90), (226, 226, 220), (214, 120, 110), (150, 190, 214))[int(canvas.rng.integers(4))]
        canvas.box(left, top, 100, 76, canvas.shade(paper))
        for row in range(3):
            canvas.box(left + 10, top + 12 + row * 20, canvas.between(40, 80), 9, (60, 56, 60))


def _pile(canvas: Canvas, is_right: bool) -> None:
    x, y = CENTRE[0], KERB + 10
    if is_right:
        return
    canvas.pencil.polygon(
        [
            (x - 330, y + 90),
            (x - 200, y - 70),
            (x - 60, y - 150),
            (x + 90, y - 120),
            (x + 240, y - 20),
            (x + 340, y + 96),
        ],
        fill=(140, 118, 92),
    )
    for _ in range(120):
        low = canvas.between(-110, 90)
        reach = 300 * (low + 160) / 250
        canvas.blob(x + canvas.between(-reach, reach), y + low, 40, 22, canvas.shade((148, 126, 100), 34))
    for plank in range(4):
        canvas.pencil.line((x - 220 + plank * 60, y + 80, x - 60 + plank * 90, y - 110), fill=(176, 140, 92), width=16)


def _lamp(canvas: Canvas, is_right: bool) -> None:
    x = CENTRE[0]
    if is_right:
        canvas.box(x - 9, 60, 18, 470, (116, 122, 128))
        canvas.box(x - 9, 60, 170, 14, (116, 122, 128))
        canvas.disc(x + 150, 82, 90, 36, (248, 238, 190), (150, 150, 150))
    else:
        canvas.box(x - 9, 300, 18, 230, (116, 122, 128))
        canvas.pencil.line((x, 304, x + 250, 470), fill=(104, 110, 116), width=18)
        canvas.pencil.line((x + 250, 470, x + 330, 560), fill=(104, 110, 116), width=14)
        canvas.blob(x + 350, 590, 90, 40, (188, 190, 186))
        for wire in range(3):
            canvas.pencil.line((x, 300, x + 30 + wire * 30, 380 + wire * 24), fill=(30, 30, 34), width=4)
    canvas.box(x - 26, 500, 52, 34, (96, 100, 106))


def _green(canvas: Canvas, is_right: bool) -> None:
    x, y = CENTRE[0], KERB - 40
    for _ in range(70):
        leaves = LEAVES[int(canvas.rng.integers(len(LEAVES)))]
        colour = canvas.shade(leaves if is_right else (132, 116, 70), 22)
        canvas.blob(x + canvas.between(-380, 380), y + canvas.between(-50, 40), 90, 62, colour, 0.35)
    if is_right:
        return
    for _ in range(16):
        piece = RUBBISH[int(canvas.rng.integers(len(RUBBISH)))]
        canvas.blob(x + canvas.between(-320, 320), y + canvas.between(-40, 70), 44, 24, piece, 0.4)
    for branch in range(7):
        left = x - 260 + branch * 80
        canvas.pencil.line((left, y + 60, left + canvas.between(-60, 120), y - 60), fill=(98, 76, 52), width=10)


SCENES: dict[str, Callable[[Canvas, bool], None]] = {
    "cover": _cover,
    "pothole": _pothole,
    "litter": _litter,
    "flood": _flood,
    "stall": _stall,
    "bicycles": _bicycles,
    "stickers": _stickers,
    "pile": _pile,
    "lamp": _lamp,
    "green": _green,
}
