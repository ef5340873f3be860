# SPDX-License-Identifier: Apache-2.0
"""The front door of audit: record an act, follow the acts, read them, seal them, see the evidence."""

from datong.contexts.audit.domain import CHANNEL, ActView, Deed
from datong.contexts.audit.queries import LogState, acts, head, latest, logs, newest_of, prepare_proofs, since
from datong.contexts.audit.usecases import (
    Finding,
    Pruned,
    Question,
    follow,
    merge_checkpoints,
    prune,
    record,
    record_all,
    seal,
    verify_evidence,
    verify_receipt,
    who_looked,
)

__all__ = [
    "CHANNEL",
    "ActView",
    "Deed",
    "Finding",
    "LogState",
    "Pruned",
    "Question",
    "acts",
    "follow",
    "head",
    "latest",
    "logs",
    "merge_checkpoints",
    "newest_of",
    "prepare_proofs",
    "prune",
    "record",
    "record_all",
    "seal",
    "since",
    "verify_evidence",
    "verify_receipt",
    "who_looked",
]
