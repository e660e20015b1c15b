"""Photos of the demonstration city's cases: of all in hand, and of the latest that have ended."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np

from console.database.bulk import Coded, Points
from console.database.tuning import TIME_ZONE
from console.simulation.generator.cases.fates import SOURCES
from console.simulation.generator.cases.steps import MOVES, STATES
from console.simulation.photos import degrees, photos_of, scene_of, shots, take

if TYPE_CHECKING:
    from console.models.catalogue import Catalogue
    from console.simulation.generator.tables import Table
    from console.simulation.photos import PhotoShot

DOUBTFUL = 0.03  # share of the photos that were taken long before, and as many far away
BLURRED = 0.02  # share of the reports with a photo more, which was withdrawn
SCATTER_M = 15.0  # between the place of a case and where the camera stood
FAR_AWAY_M = 900.0
REASON = "照片模糊，重新上传"
_CITY = ZoneInfo(TIME_ZONE)
_NAMES = {"far": "远景", "near": "近景", "reference": "参照物", "before": "处置前", "after": "处置后"}
_CLOSED = STATES.index("closed")


def make_evidence(
    rng: np.random.Generator, cases: dict[str, Table], catalogue: Catalogue, clerk: int, most: int, end: datetime
) -> dict[str, Table]:
    """The rows of ``city.case_attachment`` and its withdrawals.

    Args:
        rng: decides.
        cases: columns of ``case_file`` and ``case_event``.
        catalogue: names the classes.
        clerk: who attaches what nobody of the city reported.
        most: so many of the newest cases in hand have photos, and a quarter as many of those closed and assessed.
        end: end of the history.
    """
    file, event = cases["case_file"], cases["case_event"]
    chosen = _chosen(file, most)
    x, y = file["geom"].x[chosen], file["geom"].y[chosen]
    steps = _disposals(event, file["id"][chosen])
    classes = [(c.kind, c.code) for c in catalogue.classes]
    rows: list[dict[str, Any]] = []
    withdrawn: list[tuple[int, datetime, int]] = []
    for place, case in enumerate(chosen.tolist()):
        kind = classes[int(file["class_id"][case]) - 1]
        variant = int(rng.integers(2))
        reporter = file["reporter_id"][case]
        author = clerk if reporter is np.ma.masked else int(reporter)
        reported = _moment(file["reported_at"][case])
        spot = x[place], y[place]
        for shot in photos_of(SOURCES[file["source"].codes[case]], *kind, variant=variant):
            rows.append(_row(rng, int(file["id"][case]), 1, shot, reported, author, spot, end))
            if shot.stage == "near" and rng.random() < BLURRED:
                again = shots(shot.scene, variant + 1, ("near",))[0]
                rows.append(_row(rng, int(file["id"][case]), 1, again, reported, author, spot, end))
                withdrawn.append((len(rows), rows[-1]["uploaded_at"], author))
        for seq, at, handler in steps.get(int(file["id"][case]), ())[-1:]:
            rows.extend(
                _row(rng, int(file["id"][case]), seq, shot, at, handler, spot, end)
                for shot in shots(scene_of(*kind), variant, ("before", "after"))
            )
    return {"case_attachment": _columns(rows), "case_attachment_withdrawal": _withdrawals(withdrawn)}


def _chosen(file: Table, most: int) -> np.ndarray[Any, np.dtype[np.intp]]:
    """Places in the table: the newest cases in hand, and the latest of those that were closed or assessed."""
    state = file["state"].codes
    ended = [np.flatnonzero(state == STATES.index(name))[-(most // 4) :] for name in ("closed", "assessed")]
    return np.sort(np.concatenate((np.flatnonzero(state < _CLOSED)[-most:], *ended)))


def _disposals(event: Table, ids: np.ndarray[Any, Any]) -> dict[int, list[tuple[int, datetime, int]]]:
    """Number, moment and author of each disposal of these cases."""
    found: dict[int, list[tuple[int, datetime, int]]] = {}
    mine = np.flatnonzero((event["move"].codes == MOVES.index("dispose")) & np.isin(event["case_id"], ids))
    for at in mine.tolist():
        row = int(event["seq"][at]), _moment(event["at"][at]), int(event["staff_id"][at])
        found.setdefault(int(event["case_id"][at]), []).append(row)
    return found


def _moment(value: np.datetime64) -> datetime:
    return datetime.fromtimestamp(value.astype("M8[s]").astype(int), UTC).astimezone(_CITY)


def _row(
    rng: np.random.Generator,
    case_id: int,
    seq: int,
    shot: PhotoShot,
    at: datetime,
    author: int,
    spot: tuple[float, float],
    end: datetime,
) -> dict[str, Any]:
    """One photo, taken some minutes before the event and attached with it."""
    luck = rng.random(2)
    early = timedelta(days=3) if luck[0] < DOUBTFUL else timedelta(0)
    off = FAR_AWAY_M if luck[1] < DOUBTFUL else 0.0
    minutes = rng.uniform(20, 60) if shot.stage == "before" else rng.uniform(1, 8)
    taken = (at - early - timedelta(minutes=float(minutes))).replace(microsecond=0)
    x, y = (value + off + rng.uniform(-SCATTER_M, SCATTER_M) for value in spot)
    return {
        "case_id": case_id,
        "event_seq": seq,
        "stage": shot.stage,
        "shot": shot,
        "taken_at": taken,
        "x": x,
        "y": y,
        "uploaded_by": author,
        "uploaded_at": min(at + timedelta(seconds=int(rng.integers(1, 40))), end),
    }


def _columns(rows: list[dict[str, Any]]) -> Table:
    """The photos themselves, taken one by one."""
    places = [degrees(row["x"], row["y"]) for row in rows]
    taken = [take(row["shot"], row["taken_at"], *place) for row, place in zip(rows, places, strict=True)]
    stages = tuple(_NAMES)
    codes = np.array([stages.index(row["stage"]) for row in rows], np.int8)
    return {
        "id": np.arange(1, len(rows) + 1),
        "case_id": np.array([row["case_id"] for row in rows], np.int64),
        "event_seq": np.array([row["event_seq"] for row in rows], np.int16),
        "stage": Coded(codes, stages),
        "media_type": Coded(np.zeros(len(rows), np.int8), ("image/jpeg",)),
        "file_name": _objects([f"{_NAMES[row['stage']]}_{row['taken_at']:%H%M%S}.jpg" for row in rows]),
        "sha256": _objects([hashlib.sha256(content).digest() for content, _ in taken]),
        "size_bytes": np.array([len(content) for content, _ in taken], np.int32),
        "content": _objects([content for content, _ in taken]),
        "width": np.full(len(rows), 640),
        "height": np.full(len(rows), 480),
        "preview": _objects([small for _, small in taken]),
        "taken_at": _moments([row["taken_at"] for row in rows]),
        "longitude": np.array([place[0] for place in places], float),
        "latitude": np.array([place[1] for place in places], float),
        "geom": Points(np.array([row["x"] for row in rows], float), np.array([row["y"] for row in rows], float)),
        "uploaded_by": np.array([row["uploaded_by"] for row in rows], np.int32),
        "uploaded_at": _moments([row["uploaded_at"] for row in rows]),
    }


def _withdrawals(rows: list[tuple[int, datetime, int]]) -> Table:
    return {
        "attachment_id": np.array([row[0] for row in rows], np.int64),
        "at": _moments([row[1] for row in rows]),
        "staff_id": np.array([row[2] for row in rows], np.int32),
        "reason": Coded(np.zeros(len(rows), np.int8), (REASON,)),
    }


def _moments(values: list[datetime]) -> np.ndarray[Any, np.dtype[np.datetime64]]:
    return np.array([value.astimezone(UTC).replace(tzinfo=None) for value in values], "M8[us]")


def _objects(values: list[Any]) -> np.ndarray[Any, np.dtype[np.object_]]:
    column = np.empty(len(values), object)
    column[:] = values
    return column
