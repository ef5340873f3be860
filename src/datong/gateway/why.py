# SPDX-License-Identifier: Apache-2.0
"""GET …/why: which of the caller's grants would answer by each channel, or what hinders, in words; nothing is looked up.

Kept here: the very rules by which a call is judged, with the headers sent along, so that what is told here is what a call
would meet; limits in use are not among them. Who holds no grant on the resource learns as little as from a call. It counts
against no quota and is evidence of a kind of its own.
"""

from collections.abc import Sequence
from typing import Any, Final

import orjson

from datong.gateway.answers import Answer
from datong.gateway.asking import Ask
from datong.gateway.calls import Call
from datong.gateway.granting import check_purpose, choose
from datong.gateway.lookups import not_landed
from datong.gateway.refusals import unknown
from datong.gateway.snapshot import Standing
from datong.kernel.errors import DatongError
from datong.kernel.sharing import Channel

ASKED: Final = (Channel.CALL, Channel.VERIFY)
"""Channels whose calls bring a purpose and a case, and look into landed rows."""


def answer(call: Call, standings: Sequence[Standing], ask: Ask) -> Answer:
    """Answer one question why.

    Raises:
        Unknown: No grant of the caller's on the resource, or not the one named.
    """
    mine = [one for one in standings if not ask.grant or one.grant.number == ask.grant]
    if not mine:
        raise unknown()
    told = {
        "resource": call.record.resource,
        "channels": [_verdict(mine, channel, ask, call.now) for channel in Channel],
        "grants": [_grant(one) for one in mine],
    }
    return Answer(200, orjson.dumps(told))


def _verdict(mine: Sequence[Standing], channel: Channel, ask: Ask, now: float) -> dict[str, Any]:
    told: dict[str, Any] = {"channel": channel.value, "may": False, "grant": ""}
    try:
        standing = choose(mine, channel.value, ask.grant, now)
        told["grant"] = standing.grant.number
        if channel in ASKED:
            check_purpose(standing.grant, ask)
            _check_there(standing)
    except DatongError as why:
        number = told["grant"] or getattr(why, "grant", "")
        return told | {"grant": number, "code": why.code, "why": why.message, "rule": why.rule or "", "next": why.remedy or ""}
    said = f"授权 {told['grant']} 会答复 (grant {told['grant']} would answer)"
    return told | {"may": True, "code": "ok", "why": said, "rule": "", "next": ""}


def _check_there(standing: Standing) -> None:
    if not standing.resource.index and standing.resource.upstream is None:
        raise not_landed()


def _grant(standing: Standing) -> dict[str, Any]:
    grant = standing.grant
    return {
        "number": grant.number,
        "stage": grant.stage,
        "channels": list(grant.channels),
        "items": [{"field": item.field, "mask": item.mask} for item in grant.items],
        "purpose": grant.purpose,
        "require_purpose": grant.require_purpose,
        "require_case": grant.require_case,
        "quota_per_day": grant.quota_per_day,
        "max_rows": grant.max_rows,
        "not_before": grant.not_before,
        "not_after": grant.not_after,
    }
