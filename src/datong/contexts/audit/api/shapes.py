# SPDX-License-Identifier: Apache-2.0
"""Proofs as the API gives them."""

from __future__ import annotations

import base64
from typing import Any

from datong.contexts.audit.queries import StampState
from datong.kernel import canonical
from datong.kernel.errors import Malformed, Unknown
from datong.ledger import exports
from datong.ledger.checkpoints import Checkpoint
from datong.ledger.merged import Merged
from datong.ledger.prover import Consistency
from datong.ledger.receipts import Receipt

PLAIN = "text/plain; charset=utf-8"
NOTE = {"responses": {200: {"description": "The note", "content": {PLAIN: {"schema": {"type": "string"}}}}}}


def state(mark: Checkpoint) -> dict[str, Any]:
    """A signed state, as it stands in the log's file."""
    found: dict[str, Any] = canonical.loads(mark.line())
    return found


def node_state(made: Merged | None) -> dict[str, Any]:
    """A node checkpoint, as it stands in the file.

    Raises:
        Unknown: There is none yet.
    """
    if made is None:
        raise Unknown("还没有节点检查点 (there is no node checkpoint yet)", remedy="一分钟后再试 (try again in a minute)")
    found: dict[str, Any] = canonical.loads(made.line())
    return found


def stamped(found: StampState | None) -> dict[str, Any]:
    """A stamped node checkpoint, as it stands in the file.

    Raises:
        Unknown: There is none.
    """
    if found is None:
        raise Unknown("还没有时间戳 (there is no time stamp yet)", remedy="由系统管理员设置 timestamp_url (see settings)")
    line: dict[str, Any] = canonical.loads(found.stamped.line())
    return line


def proof(receipt: Receipt) -> dict[str, Any]:
    """A record and its path."""
    record = receipt.record or b""
    return {
        "index": receipt.index,
        "record": base64.b64encode(record).decode(),
        "facts": facts(record),
        "leaf": receipt.leaf.hex(),
        "path": [step.hex() for step in receipt.path],
        "checkpoint": state(receipt.checkpoint),
        "receipt": receipt.encode(),
    }


def growth(proved: Consistency) -> dict[str, Any]:
    """Two signed states and the proof between them."""
    return exports.pair(proved)


def facts(record: bytes) -> dict[str, Any] | None:
    """A record as JSON, where it is."""
    try:
        value = canonical.loads(record)
    except Malformed:
        return None
    return value if isinstance(value, dict) else None
