"""The Chinese catalogue is complete, compiled, and says what the program says."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from console.errors import RESOURCES, translate

ROOT = RESOURCES.parent
CATALOGUE = RESOURCES / "translations" / "console_zh_CN.ts"
TOOLS = Path(sys.executable).parent
FIELD = re.compile(r"(?<!\{)\{(\w+)[^{}]*\}(?!\})")


def messages(path: Path = CATALOGUE) -> dict[tuple[str, str], ET.Element]:
    found: dict[tuple[str, str], ET.Element] = {}
    for context in ET.parse(path).getroot().iter("context"):  # noqa: S314 - a file of our own
        for message in context.iter("message"):
            translation = message.find("translation")
            assert translation is not None
            found[context.findtext("name") or "", message.findtext("source") or ""] = translation
    return found


def test_every_message_is_translated() -> None:
    unfinished = [key for key, element in messages().items() if element.get("type") or not element.text]
    assert unfinished == []


def test_every_message_keeps_its_fields() -> None:
    differing = [
        source
        for (_, source), element in messages().items()
        if set(FIELD.findall(source)) != set(FIELD.findall(element.text or ""))
    ]
    assert differing == []


def test_the_catalogue_has_every_text_of_the_program(tmp_path: Path) -> None:
    copy = tmp_path / CATALOGUE.name
    shutil.copy(CATALOGUE, copy)
    sources = sorted(
        p.relative_to(ROOT).as_posix() for p in (ROOT / "console").rglob("*.py") if p.name != "__init__.py"
    )
    command: list[str | Path] = [TOOLS / "pyside6-lupdate", *sources, "-silent", "-no-obsolete", "-locations", "none"]
    command += ["-source-language", "en", "-target-language", "zh_CN", "-ts", copy]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    now, kept = set(messages(copy)), set(messages())
    assert now - kept == set(), "run script/translate and translate what is new"
    assert kept - now == set(), "run script/translate: the program no longer says this"


def test_the_compiled_catalogue_is_up_to_date(tmp_path: Path) -> None:
    compiled = tmp_path / "console_zh_CN.qm"
    subprocess.run([TOOLS / "pyside6-lrelease", "-silent", CATALOGUE, "-qm", compiled], check=True, capture_output=True)
    assert compiled.read_bytes() == CATALOGUE.with_suffix(".qm").read_bytes(), "run script/translate"


@pytest.mark.parametrize(
    ("language", "expected"), [("zh_CN", "私有数据库未在运行。"), ("en", "The private database was not running.")]
)
def test_a_sentence_without_qt(language: str, expected: str) -> None:
    assert translate("The private database was not running.", language) == expected
