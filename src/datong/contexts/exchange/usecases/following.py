# SPDX-License-Identifier: Apache-2.0
"""What contexts above exchange hang onto it: parts of the policy, work after a landing, calls that were collected.

Kept here: exchange knows none of them; they name themselves when Django starts. An addition to the policy that fails lets
no policy out, for what is left out might be a restriction; what follows a landing never undoes it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import structlog

from datong.wire import policy as wire

log = structlog.get_logger("datong.exchange")
Addition = Callable[[wire.Policy], wire.Policy]
_additions: list[Addition] = []
_landings: list[Callable[[str], object]] = []
_calls: list[Callable[[Sequence[dict[str, Any]]], object]] = []


def add_to_policy(addition: Addition) -> None:
    """Have something added to each policy before it is signed; called once, at the start."""
    _additions.append(addition)


def after_landing(work: Callable[[str], object]) -> None:
    """Have something done right after each landing, in its process, with the code of the resource."""
    _landings.append(work)


def with_calls(work: Callable[[Sequence[dict[str, Any]]], object]) -> None:
    """Have something done with the records of calls, in the transaction that collects them: once each."""
    _calls.append(work)


def added(policy: wire.Policy) -> wire.Policy:
    """Give a policy with all that is added to it."""
    for addition in _additions:
        policy = addition(policy)
    return policy


def landed(code: str) -> None:
    """Do what follows a landing; what fails is told in the log, and done later by its own beat."""
    for work in _landings:
        try:
            work(code)
        except Exception:  # the landing stands
            log.exception("what follows a landing failed", resource=code)


def collected(records: Sequence[dict[str, Any]]) -> None:
    """Hand records of calls on."""
    for work in _calls:
        work(records)
