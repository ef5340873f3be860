# SPDX-License-Identifier: Apache-2.0
"""Writes of the spine: record an act, seal what is committed into evidence, follow by cursor."""

from datong.contexts.audit.usecases.following import follow
from datong.contexts.audit.usecases.recording import record

__all__ = ["follow", "record"]
