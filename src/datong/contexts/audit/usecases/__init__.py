# SPDX-License-Identifier: Apache-2.0
"""Writes of the spine: record an act, seal what is committed into evidence, follow by cursor, verify, ask about persons."""

from datong.contexts.audit.usecases.evidence import Finding, verify_evidence, verify_receipt
from datong.contexts.audit.usecases.exporting import export_evidence
from datong.contexts.audit.usecases.following import follow
from datong.contexts.audit.usecases.merging import merge_checkpoints
from datong.contexts.audit.usecases.noting import newest_note
from datong.contexts.audit.usecases.persons import Question, who_looked
from datong.contexts.audit.usecases.recording import record, record_all
from datong.contexts.audit.usecases.retention import Pruned, prune, prune_by_night
from datong.contexts.audit.usecases.sealing import seal
from datong.contexts.audit.usecases.stamping import stamp_checkpoint

__all__ = [
    "Finding", "Pruned", "Question", "export_evidence", "follow", "merge_checkpoints", "newest_note", "prune", "prune_by_night",
    "record", "record_all", "seal", "stamp_checkpoint", "verify_evidence", "verify_receipt", "who_looked",
]  # fmt: skip
