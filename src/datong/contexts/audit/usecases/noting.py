# SPDX-License-Identifier: Apache-2.0
"""Notes: a log's newest state signed for the tools of others (C2SP), when somebody asks and at most once a second.

Kept here: like a checkpoint it names no record and is for everybody signed in; it is no act, for each act makes the log grow.
"""

from __future__ import annotations

from django.conf import settings

from datong.contexts.audit.queries.proofs import AT_ONCE, folder_of
from datong.crypto.keys import load_signer
from datong.ledger import noting
from datong.ledger.notes import Note


def newest_note(log: str) -> Note:
    """Give the newest note of a log.

    Raises:
        Unknown: No such log, none with a record, or none of a suite C2SP has a form for.
        Unavailable: The log is damaged, or does not go on from what was signed before.
    """
    return noting.renewed(folder_of(log), load_signer(settings.NODE_FOLDER.key), most=AT_ONCE)
