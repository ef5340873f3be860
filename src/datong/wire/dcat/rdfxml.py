# SPDX-License-Identifier: Apache-2.0
"""RDF/XML (RDF 1.1): one description for each node."""

from collections.abc import Iterable, Iterator

from datong.wire.dcat.graphs import PREFIXES, Node, Ref, Text, expanded


def to_rdfxml(nodes: Iterable[Node]) -> Iterator[str]:
    """Write nodes as RDF/XML, piece by piece."""
    spaces = "".join(f'\n xmlns:{prefix}="{space}"' for prefix, space in PREFIXES.items())
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n<rdf:RDF{spaces}>\n'
    for node in nodes:
        kinds = [f'<rdf:type rdf:resource="{expanded(kind)}"/>' for kind in node.kinds]
        said = "\n ".join([*kinds, *[_fact(name, value) for name, value in node.facts]])
        yield f'<rdf:Description rdf:about="{_escaped(node.iri)}">\n {said}\n</rdf:Description>\n'
    yield "</rdf:RDF>\n"


def _fact(name: str, value: Ref | Text) -> str:
    if isinstance(value, Ref):
        return f'<{name} rdf:resource="{_escaped(value.iri)}"/>'
    more = f' xml:lang="{value.language}"' if value.language else f' rdf:datatype="{expanded(value.type)}"' if value.type else ""
    return f"<{name}{more}>{_escaped(value.value)}</{name}>"


def _escaped(text: str) -> str:
    """Escape; a bare carriage return would be read as a line feed, written as a reference it stays."""
    return (
        text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;").replace("\r", "&#13;")
    )
