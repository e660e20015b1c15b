"""Evidence of cases (附件): files examined before they are attached, attached, listed, read again and compared."""

from console.models.cases.evidence.doubts import Doubt, doubts_about
from console.models.cases.evidence.files import (
    KIND_OF,
    SUFFIXES,
    Examined,
    UnfitFile,
    examine,
    fitting_name,
    media_type_of,
    plain_name,
    read_file,
)
from console.models.cases.evidence.overview import CaseEvidence, of_case, of_report
from console.models.cases.evidence.parcel import Parcel, attach_all
from console.models.cases.evidence.pictures import Pixels, Taken, decode, encode_pixels, levels, shrink, taken_of
from console.models.cases.evidence.records import (
    Attachment,
    Rules,
    attach,
    attachments,
    content,
    distance_from_case,
    distance_from_place,
    photos_of_cases,
    picture,
    previews,
    rules,
    withdraw,
)
from console.models.cases.evidence.storage import (
    AlteredEvidence,
    MissingEvidence,
    folder_findings,
    stored_path,
)

__all__ = [
    "KIND_OF",
    "SUFFIXES",
    "AlteredEvidence",
    "Attachment",
    "CaseEvidence",
    "Doubt",
    "Examined",
    "MissingEvidence",
    "Parcel",
    "Pixels",
    "Rules",
    "Taken",
    "UnfitFile",
    "attach",
    "attach_all",
    "attachments",
    "content",
    "decode",
    "distance_from_case",
    "distance_from_place",
    "doubts_about",
    "encode_pixels",
    "examine",
    "fitting_name",
    "folder_findings",
    "levels",
    "media_type_of",
    "of_case",
    "of_report",
    "photos_of_cases",
    "picture",
    "plain_name",
    "previews",
    "read_file",
    "rules",
    "shrink",
    "stored_path",
    "taken_of",
    "withdraw",
]
