"""Photos of the demonstration city show what is wrong, say that they are none, and tell time and place."""

from __future__ import annotations

import io
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image, ImageChops
from sqlalchemy import text

from console.models.cases import evidence
from console.models.catalogue import Kind, load_catalogue
from console.simulation.photos import PhotoShot, degrees, photos_of, scene_of, shots, take
from console.simulation.photos.photo import _SCENES
from console.simulation.photos.scenes import SCENES

if TYPE_CHECKING:
    from sqlalchemy import Engine

AT = datetime(2026, 11, 1, 9, 30, 15, tzinfo=timezone(timedelta(hours=8)))
STAGES = ("far", "near", "reference", "before", "after")
LARGEST = 40_000


def picture(shot: PhotoShot) -> Image.Image:
    return Image.open(io.BytesIO(take(shot, AT, 111.0, 35.02)[0]))


@pytest.mark.parametrize("scene", SCENES)
def test_each_scene_is_a_small_photo_with_time_and_place(scene: str) -> None:
    for shot in shots(scene, 0, STAGES):
        content, preview = take(shot, AT, 111.00721, 35.02643)
        found = evidence.examine("x.jpg", content, 1)
        assert len(content) <= LARGEST
        assert len(preview) <= 10_000
        assert (found.width, found.height) == (640, 480)
        assert (found.taken.at, found.taken.has_offset) == (AT, True)
        assert (found.taken.longitude, found.taken.latitude) == pytest.approx((111.00721, 35.02643), abs=1e-6)


@pytest.mark.parametrize("scene", SCENES)
def test_afterwards_the_same_place_is_put_right(scene: str) -> None:
    before, after = (picture(shot) for shot in shots(scene, 1, ("before", "after")))
    changed = np.asarray(ImageChops.difference(before, after).convert("L")) > 40
    assert 0.01 < changed.mean() < 0.6
    assert not changed[:8].all()


def test_the_same_shot_is_the_same_file_and_another_street_another() -> None:
    assert take(PhotoShot("cover", "near", 0), AT, 111.0, 35.0) == take(PhotoShot("cover", "near", 0), AT, 111.0, 35.0)
    assert (
        take(PhotoShot("cover", "near", 0), AT, 111.0, 35.0)[1]
        != take(PhotoShot("cover", "near", 1), AT, 111.0, 35.0)[1]
    )


def test_every_scene_is_of_classes_that_the_city_uses() -> None:
    catalogue = load_catalogue()
    for kind, scenes in _SCENES.items():
        for scene, codes in scenes.items():
            assert scene in SCENES
            for code in codes:
                assert any(row.kind == kind and row.code == code for row in catalogue.classes), (kind, code)
    assert scene_of(Kind.EVENT, "0506") == "flood"
    assert scene_of(Kind.COMPONENT, "0103") == "cover"


def test_who_brings_how_many() -> None:
    assert [s.stage for s in photos_of("inspector", Kind.EVENT, "0113", 5)] == ["far", "near", "reference"]
    assert [s.stage for s in photos_of("video_operator", Kind.EVENT, "0113", 5)] == ["near"]
    assert photos_of("hotline_12345", Kind.EVENT, "0113", 5) == ()


def test_degrees_are_those_of_the_database(database: Engine) -> None:
    with database.connect() as connection:
        row = connection.execute(
            text("""
                SELECT public.ST_X(geom), public.ST_Y(geom), public.ST_X(public.ST_Transform(geom, 4326)),
                    public.ST_Y(public.ST_Transform(geom, 4326))
                FROM city.case_file LIMIT 1
            """)
        ).one()
    assert degrees(row[0], row[1]) == pytest.approx(tuple(row[2:]), abs=1e-7)


def test_cases_in_hand_of_the_demonstration_city_have_evidence(database: Engine) -> None:
    with database.connect() as connection:
        rules = evidence.rules(connection)
        ids = connection.scalars(
            text(
                "SELECT id FROM city.case_file WHERE is_open AND source = 'inspector' ORDER BY reported_at DESC LIMIT 5"
            )
        ).all()
        for case_id in ids:
            found = evidence.attachments(connection, case_id)
            assert {"far", "near", "reference"} <= {a.stage for a in found}
            for attachment in found:
                content = evidence.content(connection, attachment.id)
                examined = evidence.examine(attachment.file_name, content, rules.file_mb)
                assert examined.taken.at == attachment.taken_at
                assert examined.taken.longitude == pytest.approx(attachment.longitude, abs=1e-6)
        doubted = connection.execute(
            text("""
                SELECT count(*) FILTER (WHERE city.metres_between(f.geom, a.longitude, a.latitude) > 200), count(*)
                FROM city.case_attachment AS a JOIN city.case_file AS f ON f.id = a.case_id
            """)
        ).one()
        assert 0 <= doubted[0] < 0.15 * doubted[1]
        closed = connection.scalar(
            text("""
                SELECT count(*) FROM city.case_attachment AS a
                JOIN city.case_event AS e ON (e.case_id, e.seq) = (a.case_id, a.event_seq)
                WHERE a.stage = 'after' AND e.move = 'dispose' AND e.staff_id = a.uploaded_by
            """)
        )
        assert closed == connection.scalar(text("SELECT count(*) FROM city.case_attachment WHERE stage = 'after'"))
        assert closed is not None
        assert closed > 0
