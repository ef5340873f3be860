# SPDX-License-Identifier: Apache-2.0
"""Reads of the spine: acts, and the state of the evidence logs."""

from datong.contexts.audit.queries.acts import acts, head, latest, newest_of, since, view, visible
from datong.contexts.audit.queries.evidence import LogState, logs, node_verifier, public_key

__all__ = [
    "LogState", "acts", "head", "latest", "logs", "newest_of", "node_verifier", "public_key", "since", "view", "visible",
]  # fmt: skip
