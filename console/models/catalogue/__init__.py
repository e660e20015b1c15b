"""The standard for filing, disposal and closing (立案、处置和结案标准) and the departments that it names.

The catalogue is data, kept as CSV files in ``resources/``: Yuncheng's table of 92 component and 98 event classes in the
numbering of GB/T 30428.2-2013 with local additions, and the classes of other numberings that old data may bring. The
Chinese and English wording of the conditions is the console's own; codes, limits and units are those of the standard.
"""

from console.models.catalogue.loader import load_catalogue
from console.models.catalogue.records import CaseClass, Catalogue, Confidence, Department, FilingCondition, Kind
from console.models.catalogue.tables import catalogue_tables

__all__ = [
    "CaseClass",
    "Catalogue",
    "Confidence",
    "Department",
    "FilingCondition",
    "Kind",
    "catalogue_tables",
    "load_catalogue",
]
