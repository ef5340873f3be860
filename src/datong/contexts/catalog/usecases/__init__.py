# SPDX-License-Identifier: Apache-2.0
"""Writes of the catalogue: one function per verb, each in one transaction with its act."""

from datong.contexts.catalog.usecases.classes import add_class, seed_classes
from datong.contexts.catalog.usecases.compiling import compile_entry, new_version, revise_entry
from datong.contexts.catalog.usecases.holding import Offer, drop, offer_address, offer_connection, offer_file, seal, unseal
from datong.contexts.catalog.usecases.importing import IMPORTS, cancel_import, queue_import, run_import
from datong.contexts.catalog.usecases.indexing import (
    Proof,
    Rebuilt,
    follow_search,
    keep_search_true,
    prove_search,
    rebuild_search,
    request_rebuild,
)
from datong.contexts.catalog.usecases.proposing import MOST_TABLES, compile_proposed, list_tables, propose_entries
from datong.contexts.catalog.usecases.reviewing import (
    consent_entry,
    file_entry,
    publish_entry,
    return_entry,
    withdraw_entry,
)
from datong.contexts.catalog.usecases.synonyms import add_synonym, drop_synonym, seed_synonyms
from datong.contexts.catalog.usecases.workbooks import write_entries, write_template

__all__ = [
    "IMPORTS",
    "MOST_TABLES",
    "Offer",
    "Proof",
    "Rebuilt",
    "add_class",
    "add_synonym",
    "cancel_import",
    "compile_entry",
    "compile_proposed",
    "consent_entry",
    "drop",
    "drop_synonym",
    "file_entry",
    "follow_search",
    "keep_search_true",
    "list_tables",
    "new_version",
    "offer_address",
    "offer_connection",
    "offer_file",
    "propose_entries",
    "prove_search",
    "publish_entry",
    "queue_import",
    "rebuild_search",
    "request_rebuild",
    "return_entry",
    "revise_entry",
    "run_import",
    "seal",
    "seed_classes",
    "seed_synonyms",
    "unseal",
    "withdraw_entry",
    "write_entries",
    "write_template",
]
