# SPDX-License-Identifier: Apache-2.0
"""JSON-LD 1.1: prefixes as context, one object for each node in `@graph`."""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from datong.wire.dcat.graphs import PREFIXES, Node, Ref, Text

_encoder = msgspec.json.Encoder()


def to_jsonld(nodes: Iterable[Node]) -> Iterator[str]:
    """Write nodes as JSON-LD, piece by piece; the context is inside, nothing is fetched to read it."""
    yield f'{{"@context":{_json(PREFIXES)},"@graph":['
    between = "\n"
    for node in nodes:
        yield between + _json(_object(node))
        between = ",\n"
    yield "\n]}\n"


def _object(node: Node) -> dict[str, Any]:
    made: dict[str, Any] = {"@id": node.iri, "@type": list(node.kinds)}
    for name, value in node.facts:
        made.setdefault(name, []).append(_value(value))
    return made


def _value(value: Ref | Text) -> dict[str, str]:
    if isinstance(value, Ref):
        return {"@id": value.iri}
    if value.language:
        return {"@value": value.value, "@language": value.language}
    return {"@value": value.value, "@type": value.type} if value.type else {"@value": value.value}


def _json(value: Any) -> str:
    return _encoder.encode(value).decode()
