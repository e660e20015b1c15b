"""Which photos of a case are compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from console.models.cases.evidence import Attachment, CaseEvidence

AFTER = "after"
BEFORE = ("before", "near", "far", "reference")
"""Stages that a photo of afterwards is compared with, the most telling first."""


def pair_of(found: CaseEvidence, wanted: Attachment | None) -> tuple[Attachment, Attachment] | None:
    """What is compared: the newest photo of afterwards and the most telling one before; None when either is missing.

    A piece that is wanted is one of both; when its stage is none of before and after, nothing is compared.
    """
    photos = [item for item in found.counting if item.kind == "photo"]
    after = [item for item in photos if item.stage == AFTER]
    before = next((some for stage in BEFORE if (some := [item for item in photos if item.stage == stage])), [])
    if not after or not before:
        return None
    if wanted is None:
        return before[-1], after[-1]
    if wanted in after:
        return before[-1], wanted
    return (wanted, after[-1]) if wanted in before and wanted.stage == BEFORE[0] else None
