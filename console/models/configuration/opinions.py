"""Set phrases: what a desk writes as its opinion with one key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from sqlalchemy import Connection

_READ = text("""
    SELECT move::text, words, words_en FROM city.opinion_text
    WHERE in_use AND (role IS NULL OR role::text = :role) ORDER BY move, place, id
""")


@dataclass(frozen=True)
class Phrase:
    """A set phrase: `words` in Chinese, `words_en` in English, empty when it has none."""

    words: str
    words_en: str


def phrases(connection: Connection, role: str) -> dict[str, tuple[Phrase, ...]]:
    """For each move the phrases that `role` is offered, in order: the first nine have the keys 1 to 9."""
    found: dict[str, tuple[Phrase, ...]] = {}
    for move, words, words_en in connection.execute(_READ, {"role": role}):
        found[move] = (*found.get(move, ()), Phrase(words, words_en))
    return found
