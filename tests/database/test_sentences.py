"""What the database refuses is told in the reader's language, with words for codes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import console.database
from console.database.faults import Refused
from console.database.sentences import SENTENCES
from console.errors import translate

MIGRATIONS = Path(console.database.__file__).parent / "migrations"
SAID = re.compile(r"(?:MESSAGE = |refus(?:e|al)\(\s*'CT\d\d\d',\s*)'((?:[^']|'')*)'")


def test_every_sentence_of_the_database_is_translated() -> None:
    said = {
        sentence.replace("''", "'")
        for path in MIGRATIONS.glob("*/[0-9]*.sql")
        for sentence in SAID.findall(path.read_text(encoding="utf-8"))
    }
    assert set(SENTENCES) <= said
    assert {sentence for sentence in said if translate(sentence, "zh_CN") == sentence} == set()


@pytest.mark.parametrize(
    ("language", "told"),
    [
        (
            "en",
            "The case was changed meanwhile: Acceptor 01, “Accept”, noon. Look at it again; nothing of yours was done.",
        ),
        ("zh_CN", "案件已被改动：受理员 01 于 noon 执行了“受理”。请重新查看；您的操作未执行。"),
    ],
)
def test_codes_are_told_as_words(language: str, told: str) -> None:
    template = next(sentence for sentence in SENTENCES if "{who}" in sentence)
    values = {"who": "受理员 01", "who_en": "Acceptor 01", "move": "accept", "at": "noon", "version": 3}
    refused = Refused(template, code="CT010", **values)
    assert refused.text(language) == told
    assert refused.values["move"] == "accept"
    if language == "en":
        assert str(refused) == told
