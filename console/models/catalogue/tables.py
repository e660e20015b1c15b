"""The catalogue as columns of the database's tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from datetime import date

    from numpy.typing import NDArray

    from console.models.catalogue.records import Catalogue

    Columns = dict[str, NDArray[np.generic]]


def catalogue_tables(catalogue: Catalogue, valid_from: date) -> dict[str, dict[str, NDArray[np.generic]]]:
    """Rows of ``city.department``, ``city.case_class`` and ``city.filing_condition``, by table and column.

    A row's id is its place in the catalogue, from 1. Text columns are object arrays in which None is NULL.

    Args:
        catalogue: what to store.
        valid_from: first day on which version 1 of the conditions is in force.
    """
    department_id = {row.code: number for number, row in enumerate(catalogue.departments, 1)}
    class_id = {row.key: number for number, row in enumerate(catalogue.classes, 1)}
    owner = [catalogue.by_key[row.class_key] for row in catalogue.conditions]
    return {
        "department": {
            "id": np.arange(1, len(catalogue.departments) + 1),
            "code": _text([row.code for row in catalogue.departments]),
            "short_name": _text([row.short_name for row in catalogue.departments]),
            "name": _text([row.name for row in catalogue.departments]),
            "name_en": _text([row.name_en for row in catalogue.departments]),
            "kind": _text([row.kind for row in catalogue.departments]),
            "parent_id": np.array([department_id.get(row.parent) for row in catalogue.departments], dtype=object),
        },
        "case_class": {
            "id": np.arange(1, len(catalogue.classes) + 1),
            "code_system": _text([row.code_system for row in catalogue.classes]),
            "kind": _text([row.kind.value for row in catalogue.classes]),
            "code": _text([row.code for row in catalogue.classes]),
            "category": _text([row.major for row in catalogue.classes]),
            "category_en": _text([row.major_en for row in catalogue.classes]),
            "name": _text([row.name for row in catalogue.classes]),
            "name_en": _text([row.name_en for row in catalogue.classes]),
            "in_use": np.array([row.in_use for row in catalogue.classes]),
        },
        "filing_condition": {
            "id": np.arange(1, len(catalogue.conditions) + 1),
            "class_id": np.array([class_id[row.class_key] for row in catalogue.conditions]),
            "code": _text([row.code for row in catalogue.conditions]),
            "version": np.ones(len(catalogue.conditions), dtype=np.int16),
            "description": _text([row.description for row in catalogue.conditions]),
            "description_en": _text([row.description_en for row in catalogue.conditions]),
            "limit_value": np.array([row.limit_value for row in catalogue.conditions]),
            "limit_unit": _text([row.limit_unit.value for row in catalogue.conditions]),
            "closing_condition": _text([row.closing for row in catalogue.conditions]),
            "closing_condition_en": _text([row.closing_en for row in catalogue.conditions]),
            "responsible_id": np.array([department_id[row.responsible] for row in owner]),
            "competent_id": np.array([department_id[row.competent] for row in owner]),
            "valid_from": np.full(len(catalogue.conditions), np.datetime64(valid_from, "D")),
            "confidence": _text([row.confidence.value for row in catalogue.conditions]),
        },
    }


def _text(values: list[str]) -> NDArray[np.generic]:
    return np.array(values, dtype=object)
