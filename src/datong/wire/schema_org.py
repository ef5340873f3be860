# SPDX-License-Identifier: Apache-2.0
"""schema.org: an openly published entry as search engines of the web read it.

Kept here: only what is open to everybody without conditions is marked up. The text goes between `<script>` and
`</script>`: nothing in it can end the element, and as a data block it is never run (HTML, "prepare the script element").
"""

from typing import Any, Final

import msgspec

from datong.kernel.sharing import OpeningType, SharingType
from datong.wire.dcat import Entry, Site

TYPE: Final = "application/ld+json"
_ESCAPES: Final = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"})


def is_marked_up(sharing_type: str, opening_type: str) -> bool:
    """Whether an entry is open to everybody."""
    return opening_type == OpeningType.OPEN and sharing_type != SharingType.WITHHELD


def dataset(site: Site, entry: Entry) -> dict[str, Any]:
    """Describe an entry as a schema.org Dataset."""
    here = site.entry(entry.code)
    publisher = {"@type": "GovernmentOrganization", "name": entry.provider_name, "identifier": entry.provider}
    times = {"datePublished": entry.issued, "dateModified": entry.modified}
    files = [
        {"@type": "DataDownload", "name": f"{entry.name}（{form}）", "encodingFormat": kind, "contentUrl": f"{here}.{form}"}
        for form, kind in (("jsonld", TYPE), ("ttl", "text/turtle"))
    ]
    return {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "@id": here,
        "url": here,
        "identifier": entry.code,
        "name": entry.name,
        "description": entry.abstract or entry.name,
        "version": str(entry.version),
        "inLanguage": "zh",
        "isAccessibleForFree": True,
        "keywords": [entry.class_name],
        "about": {"@type": "Thing", "name": entry.class_name, "identifier": entry.class_code},
        "publisher": publisher,
        "creator": publisher,
        "includedInDataCatalog": {
            "@type": "DataCatalog", "@id": site.catalogue, "name": f"{site.name}政务数据目录", "url": f"{site.base}/",
        },
        "subjectOf": files,
        **{name: at.isoformat() for name, at in times.items() if at},
    }  # fmt: skip


def script(data: dict[str, Any]) -> str:
    """Write a description so that it may stand inside a script element."""
    return msgspec.json.encode(data).decode().translate(_ESCAPES)
