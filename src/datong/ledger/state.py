# SPDX-License-Identifier: Apache-2.0
"""The `state` file: where the writer stood, so that opening a log need not hash it from the beginning.

Kept here: a cache and nothing more. The log takes it only when it leads to the root of the newest signed checkpoint;
verification never reads it; deleting it costs one slow opening.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from datong.crypto.digests import Digest
from datong.kernel import canonical
from datong.kernel.errors import Malformed
from datong.ledger import files
from datong.ledger.frontier import Frontier

NAME: Final = "state"


@dataclass(frozen=True, slots=True)
class State:
    """A frontier, and the segment and offset at which the next frame goes."""

    frontier: Frontier
    segment: int
    offset: int


def save(directory: Path, state: State) -> None:
    """Keep where the writer stands."""
    nodes = {str(level): node.hex() for level, node in state.frontier.nodes.items()}
    facts = {"nodes": nodes, "offset": state.offset, "segment": state.segment, "size": state.frontier.size}
    files.place(directory / NAME, canonical.dumps(facts), durable=False)


def load(directory: Path, digest: Digest) -> State | None:
    """Give where the writer stood, or None where that is not known or cannot be read."""
    try:
        facts = canonical.loads((directory / NAME).read_bytes())
        nodes = {int(level): bytes.fromhex(node) for level, node in facts["nodes"].items()}
        places = {name: int(facts[name]) for name in ("size", "segment", "offset")}
        if min(places.values()) < 0:
            return None
        return State(Frontier(digest, places["size"], nodes), places["segment"], places["offset"])
    except (OSError, Malformed, KeyError, TypeError, ValueError, AttributeError):
        return None
