# SPDX-License-Identifier: Apache-2.0
"""The node checkpoint: the collector signs over the newest checkpoints of all logs, so that no log can be withheld as a whole."""

from __future__ import annotations

from django.conf import settings

from datong.contexts.audit.queries.proofs import PREPARED
from datong.crypto.keys import load_signer
from datong.ledger import merging
from datong.ledger.recovery import Damaged


def merge_checkpoints() -> int | None:
    """Sign the next node checkpoint when a log has grown.

    Returns:
        Its number; None where nothing had grown.

    Raises:
        Damaged: A log is missing, shrunk or forked against what was signed before. The others are pinned all the same.
        Unavailable: Another process merges.
    """
    place = settings.NODE_FOLDER
    done = merging.merge(place.evidence, settings.NODE.code, load_signer(place.key), most=PREPARED)
    if done.troubles:
        raise Damaged("; ".join(done.troubles.values()), remedy="datong ledger verify")
    return done.made.number if done.made else None
