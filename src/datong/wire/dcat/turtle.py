# SPDX-License-Identifier: Apache-2.0
"""Turtle (RDF 1.1): one block for each node."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from datong.wire.dcat.graphs import PREFIXES, Node, Ref, Text

_TO_ESCAPE: Final = re.compile('["\\\\\\x00-\\x1f\\x7f]')
_SHORT: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def to_turtle(nodes: Iterable[Node]) -> Iterator[str]:
    """Write nodes as Turtle, piece by piece."""
    yield "".join(f"@prefix {prefix}: <{space}> .\n" for prefix, space in PREFIXES.items())
    for node in nodes:
        said = [f"a {', '.join(node.kinds)}", *[f"{name} {_value(value)}" for name, value in node.facts]]
        yield f"\n<{node.iri}> " + " ;\n    ".join(said) + " .\n"


def _value(value: Ref | Text) -> str:
    if isinstance(value, Ref):
        return f"<{value.iri}>"
    text = f'"{_TO_ESCAPE.sub(_escaped, value.value)}"'
    if value.language:
        return f"{text}@{value.language}"
    return f"{text}^^{value.type}" if value.type else text


def _escaped(found: re.Match[str]) -> str:
    return _SHORT.get(found[0]) or f"\\u{ord(found[0]):04X}"
