# SPDX-License-Identifier: Apache-2.0
"""DCAT-AP 2.1.1: the public catalogue as Turtle, JSON-LD and RDF/XML; values in, text out, nothing read or sent."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from datong.wire.dcat.describing import describe_catalogue, describe_entry
from datong.wire.dcat.graphs import Node
from datong.wire.dcat.jsonld import to_jsonld
from datong.wire.dcat.rdfxml import to_rdfxml
from datong.wire.dcat.site import Entry, Page, Site
from datong.wire.dcat.turtle import to_turtle


@dataclass(frozen=True, slots=True)
class Format:
    """One way to write a graph down.

    Attributes:
        suffix: behind the dot of an address.
        media_type: said in Content-Type, asked for in Accept.
        write: nodes to pieces of text, as they come.
    """

    suffix: str
    media_type: str
    write: Callable[[Iterable[Node]], Iterator[str]]


FORMATS: Final[Mapping[str, Format]] = {
    one.suffix: one
    for one in (
        Format("ttl", "text/turtle", to_turtle),
        Format("jsonld", "application/ld+json", to_jsonld),
        Format("rdf", "application/rdf+xml", to_rdfxml),
    )
}
"""Suffix to format."""

__all__ = ["FORMATS", "Entry", "Format", "Node", "Page", "Site", "describe_catalogue", "describe_entry"]
