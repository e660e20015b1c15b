"""The words of the free-text index of cases: pairs of neighbouring characters, as ``city.bigram_codes`` makes them.

A case's text is its address, its description and the name of its class, on lines of their own. So the pairs of a case
are those of its address with the line's end, then those of the rest; both come from short lists.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from console.database.bulk import Coded, Joined

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from console.models.catalogue import Catalogue

NEW_LINE = "\n"


def bigram_codes(texts: list[str]) -> list[NDArray[np.int32]]:
    """The pairs of neighbouring characters of each text, in order, each as one number."""
    characters = np.frombuffer("".join(texts).encode("utf-32-le"), np.uint32).astype(np.int64)
    # The database wraps nothing: it computes in 64 bits and moves the range of 16-bit characters to that of int4.
    pairs = (characters[:-1] * 65_536 + characters[1:] % 65_536 - 2_147_483_648).astype(np.int32)
    ends = np.cumsum([len(text) for text in texts])
    # The last character of a text makes no pair with the first of the next.
    return [pairs[start : max(end - 1, start)] for start, end in pairwise((0, *ends.tolist()))]


def search_column(address: Coded, description: Coded, class_id: NDArray[np.int16], catalogue: Catalogue) -> Joined:
    """The column ``search`` of ``city.case_file``."""
    names = [row.name for row in catalogue.classes]
    pair = description.codes.astype(np.int64) * (len(names) + 1) + class_id
    pairs, code = np.unique(pair, return_inverse=True)
    said = [(description.words[p // (len(names) + 1)], names[p % (len(names) + 1) - 1]) for p in pairs.tolist()]
    without = bigram_codes([f"{words}{NEW_LINE}{name}" for words, name in said])
    after = bigram_codes([f"{NEW_LINE}{words}{NEW_LINE}{name}" for words, name in said])
    before = bigram_codes([f"{words}{NEW_LINE}" for words in address.words])
    code = code.astype(np.int32)
    rest = np.where(address.codes < 0, code, code + len(said))
    return Joined((Coded(address.codes, before), Coded(rest, [*without, *after])))
