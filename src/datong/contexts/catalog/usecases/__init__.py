# SPDX-License-Identifier: Apache-2.0
"""Writes of the catalogue: one function per verb, each in one transaction with its act."""

from datong.contexts.catalog.usecases.classes import add_class, seed_classes
from datong.contexts.catalog.usecases.compiling import compile_entry, new_version, revise_entry
from datong.contexts.catalog.usecases.reviewing import (
    consent_entry,
    file_entry,
    publish_entry,
    return_entry,
    withdraw_entry,
)

__all__ = [
    "add_class",
    "compile_entry",
    "consent_entry",
    "file_entry",
    "new_version",
    "publish_entry",
    "return_entry",
    "revise_entry",
    "seed_classes",
    "withdraw_entry",
]
