# SPDX-License-Identifier: Apache-2.0
"""Reads of the spine: acts, and the state of the evidence logs."""

from datong.contexts.audit.queries.acts import acts, head, latest, newest_of, since, view, visible
from datong.contexts.audit.queries.evidence import LogState, logs, node_checkpoint, node_verifier, public_key
from datong.contexts.audit.queries.persons import Look, Looks, looks, tag_of
from datong.contexts.audit.queries.proofs import checkpoints, consistency, log_names, prepare_proofs, prove, records
from datong.contexts.audit.queries.stamps import StampState, newest_stamp, stamp_due, stamp_late, stamp_of

__all__ = [
    "LogState", "Look", "Looks", "StampState", "acts", "checkpoints", "consistency", "head", "latest", "log_names", "logs",
    "looks", "newest_of", "newest_stamp", "node_checkpoint", "node_verifier", "prepare_proofs", "prove", "public_key", "records",
    "since", "stamp_due", "stamp_late", "stamp_of", "tag_of", "view", "visible",
]  # fmt: skip
