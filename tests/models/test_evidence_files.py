"""A file is known by its bytes, is whole or refused with the reason, and tells when and where it was taken."""

from __future__ import annotations

import contextlib
import hashlib
import io
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from console.models.cases import evidence
from console.models.cases.evidence import Doubt, Taken, UnfitFile, doubts_about, examine, plain_name
from console.models.cases.evidence.files import LONGEST_NAME, SUFFIXES
from tests.files import amr, bomb, mp3, mp4, pdf, photo, wav

if TYPE_CHECKING:
    from pathlib import Path

MOST_MB = 10.0
CITY = ZoneInfo("Asia/Shanghai")
REPORTED = datetime(2026, 11, 1, 9, 30, tzinfo=CITY)
SOUND = {
    "image/jpeg": photo(),
    "image/png": photo(form="PNG"),
    "image/webp": photo(form="WEBP"),
    "video/mp4": mp4(),
    "video/3gpp": mp4(b"3gp5"),
    "video/quicktime": mp4(b"qt  "),
    "audio/mp4": mp4(b"M4A "),
    "audio/amr": amr(),
    "audio/mpeg": mp3(),
    "audio/wav": wav(),
    "application/pdf": pdf(),
}


def test_every_type_has_an_example() -> None:
    assert set(SOUND) == set(SUFFIXES)


@pytest.mark.parametrize("media_type", SOUND)
def test_a_sound_file_is_taken_for_what_it_is_whatever_its_name_says(media_type: str) -> None:
    content = SOUND[media_type]
    found = examine("现场 1" + SUFFIXES[media_type][0].upper(), content, MOST_MB)
    assert (found.media_type, found.was_misnamed) == (media_type, False)
    assert found.sha256 == hashlib.sha256(content).digest()
    misnamed = examine("virus.exe", content, MOST_MB)
    assert (misnamed.media_type, misnamed.was_misnamed) == (media_type, True)
    assert misnamed.name == "virus.exe" + SUFFIXES[media_type][0]


# Frames of MP3 stand alone: any piece of it can be played.
@pytest.mark.parametrize("media_type", sorted(set(SOUND) - {"audio/mpeg"}))
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_what_was_cut_off_is_refused(media_type: str, share: float) -> None:
    content = SOUND[media_type]
    with pytest.raises(UnfitFile, match="damaged or was cut off"):
        examine("x", content[: int(len(content) * share)], MOST_MB)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"MZ\x90\x00" + bytes(5000), "cannot be evidence"),
        (b"GIF89a" + bytes(100), "cannot be evidence"),
        (b"<html><script>", "cannot be evidence"),
        (b"\xff\xd8\xff\xe0" + bytes(3000), "damaged"),
        (b"\x89PNG\r\n\x1a\n" + bytes(300), "damaged"),
        (b"RIFF\x00\x00\x00\x00WEBP", "damaged"),
        (b"ID3", "damaged"),
        (b"#!AMR\n", "damaged"),
        (b"\x00\x00\x00\x18ftypheic" + bytes(100), "cannot be evidence"),
        (b"\x00\x00\x00\x18ftypisom" + bytes(100), "damaged"),
        (bomb(), "too many pixels"),
        (photo(form="PNG") + bytes(11 << 20), "at most 10 MB"),
    ],
)
def test_what_cannot_be_evidence_is_refused_with_the_reason(content: bytes, words: str) -> None:
    with pytest.raises(UnfitFile, match=words) as refused:
        examine("photo.jpg", content, MOST_MB)
    assert "photo.jpg" in str(refused.value)
    assert refused.value.text("zh_CN") != str(refused.value)  # said in the user's language


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UnfitFile, match="is no file"):
        evidence.read_file(tmp_path, MOST_MB)
    with pytest.raises(UnfitFile, match="is no file"):
        evidence.read_file(tmp_path / "gone.jpg", MOST_MB)
    large = tmp_path / "large.mp4"
    with large.open("wb") as file:
        file.truncate(3 << 30)  # never read: it would not fit into memory
    with pytest.raises(UnfitFile, match=r"3072\.0 MB"):
        evidence.read_file(large, MOST_MB)


@pytest.mark.parametrize(
    ("given_name", "expected"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\x\\井盖.jpg", "井盖.jpg"),
        ("a\x00b\nc\x1b[31m.jpg", "abc[31m.jpg"),
        ("gnp\u202egpj.exe", "gnpgpj.exe"),
        ("", "—"),
        ("..", "—"),
        ("/", "—"),
        ("长" * 300 + ".jpeg", "长" * (LONGEST_NAME - 5) + ".jpeg"),
    ],
)
def test_names_are_words_never_paths(given_name: str, expected: str) -> None:
    assert plain_name(given_name) == expected


@given(st.text(max_size=300))
def test_any_name_becomes_one_that_a_folder_takes(given_name: str) -> None:
    found = plain_name(given_name)
    assert 1 <= len(found) <= LONGEST_NAME
    assert not set(found) & set("/\\\x00\r\n")
    assert found.strip(".")
    assert plain_name(found) == found


@given(st.binary(max_size=400), st.sampled_from(sorted(SOUND)), st.integers(0, 64))
def test_whatever_the_bytes_only_a_reason_is_raised(noise: bytes, media_type: str, kept: int) -> None:
    with contextlib.suppress(UnfitFile):
        examine("x", SOUND[media_type][:kept] + noise, MOST_MB)


def test_a_small_picture_is_made_upright_and_without_what_the_camera_wrote() -> None:
    found = examine("x.jpg", photo((400, 200), at="2026:11:01 09:00:00", orientation=6), MOST_MB)
    assert (found.width, found.height) == (200, 400)
    assert found.preview is not None
    with Image.open(io.BytesIO(found.preview)) as small:
        assert small.height == 180
        assert small.width < small.height
        assert not dict(small.getexif())


def test_pictures_with_clear_parts_stand_on_white() -> None:
    buffer = io.BytesIO()
    Image.new("RGBA", (64, 64), (0, 0, 0, 0)).save(buffer, "PNG")
    pixels = evidence.decode("x", buffer.getvalue())
    assert pixels.data[:3] == b"\xff\xff\xff"


def test_large_photos_are_decoded_no_larger_than_asked() -> None:
    pixels = evidence.decode("x", photo((4000, 1000)), 800)
    assert (pixels.width, pixels.height) == (800, 200)
    assert len(pixels.data) == 800 * 200 * 4
    half = evidence.shrink(pixels)
    assert (half.width, half.height) == (400, 100)


def test_a_picture_from_the_clipboard_becomes_a_file() -> None:
    pixels = evidence.decode("x", photo((300, 200)))
    again = evidence.decode("y", evidence.encode_pixels(pixels))
    assert again == pixels


# What the camera wrote


def test_time_with_its_zone_and_without() -> None:
    with_zone = evidence.taken_of(photo(at="2026:11:01 02:00:00", offset="+01:00"))
    assert (with_zone.at, with_zone.has_offset) == (datetime(2026, 11, 1, 1, tzinfo=UTC), True)
    without = evidence.taken_of(photo(at="2026:11:01 09:00:00"))
    assert (without.at, without.has_offset) == (datetime(2026, 11, 1, 9, tzinfo=CITY), False)


@pytest.mark.parametrize(
    ("at", "offset"),
    [("0000:00:00 00:00:00", None), ("2026:13:40 09:00:00", None), ("yesterday", None), ("", None), ("    ", "+08:00")],
)
def test_times_that_are_none(at: str, offset: str | None) -> None:
    assert evidence.taken_of(photo(at=at, offset=offset)).at is None


@pytest.mark.parametrize("offset", ["8", "+99:00", "Z", "+0800", "上午"])
def test_a_zone_that_is_none_counts_as_city_time(offset: str) -> None:
    found = evidence.taken_of(photo(at="2026:11:01 09:00:00", offset=offset))
    assert (found.at, found.has_offset) == (datetime(2026, 11, 1, 9, tzinfo=CITY), False)


@given(st.floats(-180, 180), st.floats(-90, 90))
def test_places_come_back_as_they_were_written(longitude: float, latitude: float) -> None:
    found = evidence.taken_of(photo((8, 8), place=(longitude, latitude)))
    if (round(longitude, 9), round(latitude, 9)) == (0.0, 0.0):
        return
    assert found.longitude == pytest.approx(longitude, abs=1e-6)
    assert found.latitude == pytest.approx(latitude, abs=1e-6)


def test_a_receiver_that_found_nothing_gives_no_place() -> None:
    assert evidence.taken_of(photo(place=(0.0, 0.0))).longitude is None


@given(st.binary(max_size=300))
def test_damaged_notes_of_the_camera_are_no_notes(noise: bytes) -> None:
    plain = photo((8, 8))
    body = b"Exif\x00\x00" + noise
    marked = plain[:2] + b"\xff\xe1" + (len(body) + 2).to_bytes(2, "big") + body + plain[2:]
    found = evidence.taken_of(marked)
    assert isinstance(found, Taken)
    assert examine("x.jpg", marked, MOST_MB).media_type == "image/jpeg"


# Does it fit the case?

MOMENTS = st.integers(1_750_000_000, 1_800_000_000).map(lambda second: datetime.fromtimestamp(second, UTC))


@given(MOMENTS, st.timedeltas(timedelta(0), timedelta(hours=24)), st.timedeltas(timedelta(0), timedelta(days=9)))
def test_a_photo_of_the_day_before_until_now_is_not_doubted(
    reported: datetime, before: timedelta, after: timedelta
) -> None:
    now = reported + after
    assert doubts_about("far", reported - before, 200.0, reported, now, 24, 200) == ()
    assert doubts_about(None, None, None, reported, now, 24, 200) == ()
    assert doubts_about("after", now, 0.0, reported, now, 24, 200) == ()


@given(MOMENTS, st.timedeltas(timedelta(seconds=1), timedelta(days=900)), st.sampled_from(["far", "before", None]))
def test_an_old_photo_is_doubted(reported: datetime, before: timedelta, stage: str | None) -> None:
    day = timedelta(hours=24)
    found = doubts_about(stage, reported - day - before, None, reported, reported, 24, 200)
    assert found == (Doubt("old", day + before),)


@given(MOMENTS, st.timedeltas(timedelta(seconds=1), timedelta(days=900)))
def test_what_shows_the_outcome_must_be_newer_than_the_report(reported: datetime, before: timedelta) -> None:
    now = reported + timedelta(days=1)
    assert doubts_about("after", reported - before, None, reported, now, 24, 200) == (Doubt("afterwards_old", before),)


@given(MOMENTS, st.timedeltas(timedelta(minutes=5, seconds=1), timedelta(days=900)), st.floats(200.01, 2e7))
def test_the_future_and_another_place_are_doubted_together(now: datetime, ahead: timedelta, off_m: float) -> None:
    found = doubts_about("after", now + ahead, off_m, now, now, 24, 200)
    assert found == (Doubt("future", ahead), Doubt("elsewhere", metres=off_m))


def test_the_zone_of_the_camera_does_not_matter() -> None:
    utc = REPORTED.astimezone(timezone(timedelta(hours=-7)))
    assert doubts_about("near", utc, None, REPORTED, REPORTED, 24, 200) == ()
