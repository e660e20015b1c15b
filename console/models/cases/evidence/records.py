"""The evidence of a case in the database: attached, listed, read again, withdrawn."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import text

from console.errors import ConsoleError
from console.models.cases.evidence.doubts import Doubt, doubts_about
from console.models.cases.evidence.pictures import PREVIEW_PX, Pixels, decode
from console.models.cases.evidence.storage import fetch, require_unaltered, store

if TYPE_CHECKING:
    import uuid
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from console.models.cases.evidence.files import Examined


@dataclass(frozen=True)
class Rules:
    """The settings of evidence.

    Attributes:
        file_mb, case_mb: a file and a case may have so many MB of 1 048 576 bytes.
        hours: a photo may be so much older than the report before it is doubted.
        metres: it may be taken so far from the case.
        folder: where new evidence goes; None for the database.
    """

    file_mb: float
    case_mb: float
    hours: float
    metres: float
    folder: Path | None


@dataclass(frozen=True)
class Attachment:
    """One piece of evidence, without its bytes.

    Attributes:
        id, case_id: identity.
        kind: code of the type ``city.evidence_kind``.
        stage: code of the type ``city.evidence_stage``; None for none of the stages.
        media_type: what it is by its bytes.
        file_name: as it came.
        size_bytes: its length.
        width, height: of a picture, upright, in pixels.
        taken_at, longitude, latitude: when and where by its camera, degrees, WGS 84; None when that does not say.
        off_m: metres between there and the case.
        uploaded_by, uploaded_by_en, uploaded_by_id: title and id of who attached it.
        uploaded_at: when.
        sha256: checksum of its bytes.
        withdrawn_at, withdrawn_by, withdrawn_by_en, reason: when, by whom and why it was withdrawn; None and empty
            while it counts.
    """

    id: int
    case_id: int
    kind: str
    stage: str | None
    media_type: str
    file_name: str
    size_bytes: int
    width: int | None
    height: int | None
    taken_at: datetime | None
    longitude: float | None
    latitude: float | None
    off_m: float | None
    uploaded_by: str
    uploaded_by_en: str
    uploaded_by_id: int
    uploaded_at: datetime
    sha256: bytes
    withdrawn_at: datetime | None
    withdrawn_by: str
    withdrawn_by_en: str
    reason: str

    @property
    def is_withdrawn(self) -> bool:
        """Whether it counts no more."""
        return self.withdrawn_at is not None

    @property
    def is_picture(self) -> bool:
        """Whether it can be shown still."""
        return self.kind == "photo"

    def doubts(self, reported_at: datetime, rules: Rules) -> tuple[Doubt, ...]:
        """What its camera's time and place disagree about with the case."""
        return doubts_about(
            self.stage, self.taken_at, self.off_m, reported_at, self.uploaded_at, rules.hours, rules.metres
        )


def rules(connection: Connection) -> Rules:
    """The settings in force."""
    row = connection.execute(
        text("""
            SELECT (l.value ->> 'file_mb')::double precision, (l.value ->> 'case_mb')::double precision,
                (d.value ->> 'hours')::double precision, (d.value ->> 'metres')::double precision,
                f.value #>> '{}'
            FROM city.setting AS l, city.setting AS d, city.setting AS f
            WHERE l.name = 'evidence_limit' AND d.name = 'evidence_doubt' AND f.name = 'evidence_folder'
        """)
    ).one()
    file_mb, case_mb, hours, metres, folder = row
    return Rules(file_mb, case_mb, hours, metres, Path(folder) if folder else None)


def attachments(connection: Connection, case_id: int) -> tuple[Attachment, ...]:
    """The evidence of a case in the order in which it is looked at: by stage, then by time; withdrawn pieces last."""
    found = connection.execute(
        text("""
            SELECT a.id, a.case_id, a.kind::text AS kind, a.stage::text AS stage, a.media_type, a.file_name,
                a.size_bytes, a.width, a.height, a.taken_at, a.longitude, a.latitude,
                city.metres_between(f.geom, a.longitude, a.latitude) AS off_m, s.title AS uploaded_by,
                s.title_en AS uploaded_by_en, a.uploaded_by AS uploaded_by_id, a.uploaded_at, a.sha256,
                w.at AS withdrawn_at,
                coalesce(o.title, '') AS withdrawn_by, coalesce(o.title_en, '') AS withdrawn_by_en,
                coalesce(w.reason, '') AS reason
            FROM city.case_attachment AS a
            JOIN city.case_file AS f ON f.id = a.case_id
            JOIN city.staff AS s ON s.id = a.uploaded_by
            LEFT JOIN city.case_attachment_withdrawal AS w ON w.attachment_id = a.id
            LEFT JOIN city.staff AS o ON o.id = w.staff_id
            WHERE a.case_id = :case_id
            ORDER BY w.at IS NOT NULL, a.stage NULLS LAST, a.uploaded_at, a.id
        """),
        {"case_id": case_id},
    )
    return tuple(Attachment(**{**row, "sha256": bytes(row["sha256"])}) for row in found.mappings())


def previews(connection: Connection, ids: Sequence[int]) -> dict[int, Pixels]:
    """Small pictures of the photos among these attachments; of one that came without, it is made from its bytes.

    A photo whose bytes are missing, altered or damaged has none.
    """
    found = connection.execute(
        text("""
            SELECT id, file_name, preview FROM city.case_attachment
            WHERE id = ANY (CAST(:ids AS bigint[])) AND kind = 'photo'
        """),
        {"ids": list(ids)},
    ).all()
    made: dict[int, Pixels] = {}
    for row in found:
        with contextlib.suppress(ConsoleError):
            if row.preview is not None:
                made[row.id] = decode(row.file_name, bytes(row.preview))
                continue
            made[row.id] = decode(row.file_name, content(connection, row.id), max(PREVIEW_PX))
    return made


def photos_of_cases(connection: Connection, case_ids: Sequence[int]) -> dict[int, Pixels]:
    """Of each of these cases the small picture that tells most of what was reported; none for one without photos."""
    found = connection.execute(
        text("""
            SELECT DISTINCT ON (case_id) case_id, id FROM city.case_attachment AS a
            WHERE case_id = ANY (CAST(:ids AS bigint[])) AND kind = 'photo'
                AND NOT EXISTS (SELECT FROM city.case_attachment_withdrawal AS w WHERE w.attachment_id = a.id)
            ORDER BY case_id, array_position(ARRAY['near', 'before', 'far', 'reference'], stage::text) NULLS LAST, id
        """),
        {"ids": list(case_ids)},
    ).all()
    small = previews(connection, [row.id for row in found])
    return {row.case_id: small[row.id] for row in found if row.id in small}


def content(connection: Connection, attachment_id: int) -> bytes:
    """The bytes of an attachment, from database or folder, proven to be those that were attached.

    Raises:
        MissingEvidence: they are not in the folder any more.
        AlteredEvidence: they were changed.
        LookupError: there is no such attachment, or it is not ours to see.
    """
    row = connection.execute(
        text("SELECT file_name, sha256, content FROM city.case_attachment WHERE id = :id"), {"id": attachment_id}
    ).one_or_none()
    if row is None:
        raise LookupError(attachment_id)
    sha256 = bytes(row.sha256)
    if row.content is None:
        return fetch(rules(connection).folder, sha256, row.file_name)
    found = bytes(row.content)
    require_unaltered(found, sha256, row.file_name)
    return found


def picture(connection: Connection, attachment_id: int, most_px: int) -> tuple[Pixels, bytes]:
    """A photo for the screen, no side longer than `most_px`, and its bytes.

    Raises:
        ConsoleError: as `content`, or it cannot be decoded.
    """
    found = content(connection, attachment_id)
    return decode(str(attachment_id), found, most_px), found


def distance_from_case(connection: Connection, case_id: int, longitude: float, latitude: float) -> float | None:
    """Metres along the earth between a place (degrees, WGS 84) and a case; None when there is no such case."""
    off: float | None = connection.scalar(
        text("SELECT city.metres_between(geom, :longitude, :latitude) FROM city.case_file WHERE id = :id"),
        {"id": case_id, "longitude": longitude, "latitude": latitude},
    )
    return off


def distance_from_place(
    connection: Connection, place: tuple[float, float], longitude: float, latitude: float
) -> float | None:
    """The same for a place in metres, EPSG:4546; None where a camera cannot have been."""
    off: float | None = connection.scalar(
        text("""
            SELECT city.metres_between(public.ST_SetSRID(public.ST_MakePoint(:x, :y), 4546), :longitude, :latitude)
        """),
        {"x": place[0], "y": place[1], "longitude": longitude, "latitude": latitude},
    )
    return off


def attach(connection: Connection, case_id: int, file: Examined, stage: str | None, request_id: uuid.UUID) -> int:
    """Add a file to a case; returns its id, the same when it is asked for again with the same `request_id`.

    Raises:
        Refused: a rule of the city does not allow it.
        ConsoleError: the folder for evidence cannot be written to, or the database is away.
    """
    folder = rules(connection).folder
    if folder is not None:
        store(folder, file.sha256, file.content)
    return int(
        connection.execute(
            text("""
                SELECT id FROM city.attach(
                    case_id => :case_id, file_name => :file_name, content => CAST(:content AS bytea),
                    stage => CAST(:stage AS city.evidence_stage), taken_at => CAST(:taken_at AS timestamptz),
                    longitude => CAST(:longitude AS double precision), latitude => CAST(:latitude AS double precision),
                    width => CAST(:width AS integer), height => CAST(:height AS integer),
                    preview => CAST(:preview AS bytea), request_id => CAST(:request_id AS uuid),
                    sha256 => CAST(:sha256 AS bytea), size_bytes => :size_bytes, media_type => :media_type
                )
            """),
            {
                "case_id": case_id,
                "file_name": file.name,
                "content": file.content if folder is None else None,
                "stage": stage,
                "taken_at": file.taken.at,
                "longitude": file.taken.longitude,
                "latitude": file.taken.latitude,
                "width": file.width,
                "height": file.height,
                "preview": file.preview,
                "request_id": str(request_id),
                "sha256": file.sha256,
                "size_bytes": len(file.content),
                "media_type": file.media_type,
            },
        ).scalar_one()
    )


def withdraw(connection: Connection, attachment_id: int, reason: str) -> None:
    """Mark evidence as withdrawn; it stays to be seen.

    Raises:
        Refused: a rule of the city does not allow it.
    """
    connection.execute(
        text("SELECT city.withdraw_attachment(:id, :reason)"), {"id": attachment_id, "reason": reason}
    ).scalar_one()
