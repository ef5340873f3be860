# SPDX-License-Identifier: Apache-2.0
"""Words of the European authority tables that ours are said in, with labels in both languages.

Kept here: `PUBLIC` means open to everybody; shared among departments, on conditions or without, is `RESTRICTED`;
withheld is `NON_PUBLIC` unless it is opened to the public on conditions, which is `RESTRICTED`. A file type that the
European table lacks (wps, ofd, dm …) keeps a name of ours.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from datong.kernel.sharing import OpeningType, SharingType, UpdateCycle
from datong.wire.dcat.graphs import Node, address, en, plain, zh

AUTHORITY: Final = "http://publications.europa.eu/resource/authority/"


def _word(table: str, code: str, kind: str, chinese: str, english: str) -> Node:
    labels = (("rdfs:label", zh(chinese)), ("rdfs:label", en(english)))
    return Node(f"{AUTHORITY}{table}/{code}", (kind,), labels)


LANGUAGES: Final[Mapping[str, Node]] = {
    "zh": _word("language", "ZHO", "dct:LinguisticSystem", "中文", "Chinese"),
    "en": _word("language", "ENG", "dct:LinguisticSystem", "英文", "English"),
}
"""Language to its word."""

FREQUENCIES: Final[Mapping[UpdateCycle, Node]] = {
    cycle: _word("frequency", code, "dct:Frequency", cycle.label, english)
    for cycle, code, english in (
        (UpdateCycle.REALTIME, "UPDATE_CONT", "continuously updated"),
        (UpdateCycle.DAILY, "DAILY", "daily"),
        (UpdateCycle.WEEKLY, "WEEKLY", "weekly"),
        (UpdateCycle.MONTHLY, "MONTHLY", "monthly"),
        (UpdateCycle.QUARTERLY, "QUARTERLY", "quarterly"),
        (UpdateCycle.HALF_YEARLY, "ANNUAL_2", "semiannual"),
        (UpdateCycle.YEARLY, "ANNUAL", "annual"),
        (UpdateCycle.IRREGULAR, "IRREG", "irregular"),
        (UpdateCycle.NEVER, "NEVER", "never"),
    )
}
"""Update cycle to its word."""

_PUBLIC: Final = _word("access-right", "PUBLIC", "dct:RightsStatement", "公开", "public")
_RESTRICTED: Final = _word("access-right", "RESTRICTED", "dct:RightsStatement", "受限", "restricted")
_NON_PUBLIC: Final = _word("access-right", "NON_PUBLIC", "dct:RightsStatement", "不公开", "non-public")

ACCESS: Final[Mapping[SharingType, Mapping[OpeningType, Node]]] = {
    SharingType.UNCONDITIONAL: {
        OpeningType.OPEN: _PUBLIC, OpeningType.CONDITIONAL: _RESTRICTED, OpeningType.CLOSED: _RESTRICTED,
    },
    SharingType.CONDITIONAL: {
        OpeningType.OPEN: _PUBLIC, OpeningType.CONDITIONAL: _RESTRICTED, OpeningType.CLOSED: _RESTRICTED,
    },
    SharingType.WITHHELD: {
        OpeningType.OPEN: _NON_PUBLIC, OpeningType.CONDITIONAL: _RESTRICTED, OpeningType.CLOSED: _NON_PUBLIC,
    },
}  # fmt: skip
"""Sharing and opening type to the access right; withheld and open at once is never filed, and read as withheld."""

FILE_TYPES: Final[Mapping[str, str]] = {
    "bmp": "BMP", "csv": "CSV", "dbf": "DBF", "doc": "DOC", "docx": "DOCX", "gif": "GIF", "html": "HTML", "jpg": "JPEG",
    "json": "JSON", "mp4": "MPEG4", "pdf": "PDF", "png": "PNG", "ppt": "PPT", "txt": "TXT", "xls": "XLS", "xlsx": "XLSX",
    "xml": "XML",
}  # fmt: skip
"""格式类型 to the code of the European table of file types."""


def access_right(sharing: str, opening: str) -> Node:
    """The access right of an entry; anything unknown is not public."""
    if sharing in list(SharingType) and opening in list(OpeningType):
        return ACCESS[SharingType(sharing)][OpeningType(opening)]
    return _NON_PUBLIC


@lru_cache(maxsize=256)
def file_type(name: str) -> Node:
    """The file type of a 格式类型."""
    code = FILE_TYPES.get(name.lower())
    iri = f"{AUTHORITY}file-type/{code}" if code else f"urn:x-datong:format:{address(name.lower())}"
    return Node(iri, ("dct:MediaTypeOrExtent",), (("rdfs:label", plain(name)),))
