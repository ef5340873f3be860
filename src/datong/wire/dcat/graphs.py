# SPDX-License-Identifier: Apache-2.0
"""A graph as a flat list of nodes with addresses: what the three writers share.

Kept here: no blank nodes, so that a node has the same name in every format and every page. Texts carry only characters
that XML 1.0 can hold, and addresses only those that every format can write, so that all formats say the same graph.
"""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

PREFIXES: Final[dict[str, str]] = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "hydra": "http://www.w3.org/ns/hydra/core#",
    "datong": "urn:x-datong:terms#",
}
"""Prefix to namespace; `datong` holds what no European vocabulary can say (docs/reference/machine-doors.md)."""
_UNWRITABLE: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_IN_ADDRESSES: Final = "!#$%&'()*+,/:;=?@[]~-._"


@dataclass(frozen=True, slots=True)
class Ref:
    """Another node, by its address."""

    iri: str


@dataclass(frozen=True, slots=True)
class Text:
    """A literal: plain, in a language, or of a type with a prefix ("xsd:date")."""

    value: str
    language: str = ""
    type: str = ""


@dataclass(frozen=True, slots=True)
class Node:
    """What is said of one address.

    Attributes:
        kinds: classes with prefix, such as "dcat:Dataset".
        facts: property with prefix, and value; a property may come more than once.
    """

    iri: str
    kinds: tuple[str, ...]
    facts: tuple[tuple[str, Ref | Text], ...]


def zh(text: str) -> Text:
    """A text in Chinese, without characters that cannot be written."""
    return Text(_UNWRITABLE.sub("", text), "zh")


def en(text: str) -> Text:
    """A text in English, without characters that cannot be written."""
    return Text(_UNWRITABLE.sub("", text), "en")


def plain(text: str) -> Text:
    """A text in no language: a code."""
    return Text(_UNWRITABLE.sub("", text))


def address(text: str) -> str:
    """An address that every format can write: other characters are percent-encoded."""
    return quote(text, safe=_IN_ADDRESSES)


def expanded(name: str) -> str:
    """The full address of a name with prefix."""
    prefix, _, local = name.partition(":")
    return PREFIXES[prefix] + local
