# SPDX-License-Identifier: Apache-2.0
"""Under which grant a call is answered, and whether it keeps to it (809 art. 25, 27).

Kept here: pure rules. With several grants on one resource the only active one that covers the channel is taken; else
the caller names it. A refusal names only grants that belong to the caller.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from datong.gateway.asking import Ask
from datong.gateway.refusals import (
    CaseRequired,
    ChannelNotGranted,
    GrantAmbiguous,
    GrantExpired,
    GrantNotYet,
    GrantRevoked,
    GrantSuspended,
    Hindered,
    PurposeMismatch,
    PurposeRequired,
    unknown,
)
from datong.gateway.snapshot import Standing
from datong.wire.policy import Grant, Stage

ARTICLE_25: Final = "政务数据共享条例 art. 25"
ARTICLE_27: Final = "政务数据共享条例 art. 27"
AGAIN: Final = "重新申请 (file a new request)"
ENDED: Final[Mapping[Stage, tuple[type[Hindered], str, str]]] = {
    "revoked": (GrantRevoked, "已被撤销 (was revoked)", AGAIN),
    "terminated": (GrantRevoked, "已由使用部门终止 (was ended by its consumer)", AGAIN),
    "superseded": (GrantRevoked, "已被新的授权取代 (is superseded by a newer grant)", "用新的授权 (call under the newer one)"),
    "disposed": (GrantExpired, "已结束，数据已销毁 (is over and its data were destroyed)", AGAIN),
}
"""Stage of a grant that ended to its refusal, why, and what to do; one that expired is told by its time."""


def choose(standings: Sequence[Standing], channel: str, wanted: str, now: float) -> Standing:
    """Choose the grant that answers.

    Args:
        standings: the caller's grants on the resource.
        channel: call or verify.
        wanted: number the caller named, or empty.
        now: seconds since 1970.

    Raises:
        Unknown: none is the caller's, or the one named is not.
        ChannelNotGranted, GrantSuspended, GrantRevoked, GrantExpired, GrantNotYet: the nearest one does not answer.
        GrantAmbiguous: several would.
    """
    able = _able(standings, channel, wanted, now)
    if len(able) > 1:
        numbers = ", ".join(sorted(one.grant.number for one in able))
        raise GrantAmbiguous(
            "有几份授权都可用 (several of your grants would answer)",
            fields={"datong-grant": f"one of: {numbers}"},
            remedy="用请求头 Datong-Grant 指明一份 (name one in the header Datong-Grant)",
        )
    return able[0]


def in_force(standings: Sequence[Standing], wanted: str, now: float) -> list[Standing]:
    """All grants in force whatever they cover, or the one that is named.

    Raises:
        Unknown: none is the caller's, or the one named is not.
        GrantSuspended, GrantRevoked, GrantExpired, GrantNotYet: none is in force.
    """
    return _able(standings, "", wanted, now)


def is_in_force(standing: Standing, now: float) -> bool:
    """Tell whether a grant is in force, whatever it covers."""
    return _hindrance(standing, "", now) is None


def _able(standings: Sequence[Standing], channel: str, wanted: str, now: float) -> list[Standing]:
    """The caller's grants that answer, at least one; an empty channel is any."""
    mine = [one for one in standings if one.grant.number == wanted] if wanted else standings
    if not mine:
        raise unknown()
    able, hindrances = [], []
    for one in mine:
        why = _hindrance(one, channel, now)
        if why is None:
            able.append(one)
        else:
            hindrances.append(why)
    if not able:
        raise min(hindrances, key=_nearness)
    return able


def _nearness(why: Hindered) -> int:
    order = (ChannelNotGranted, GrantSuspended, GrantNotYet, GrantExpired, GrantRevoked)
    return order.index(type(why))


def _hindrance(standing: Standing, channel: str, now: float) -> Hindered | None:
    grant = standing.grant
    number = grant.number
    if grant.stage == "suspended":
        ask = "问提供部门须整改什么 (ask the provider what to put right)"
        return GrantSuspended(f"授权 {number} 已暂停 (suspended)", grant=number, rule=ARTICLE_27, remedy=ask)
    if grant.stage in ENDED:
        kind, why, remedy = ENDED[grant.stage]
        return kind(f"授权 {number} {why}", grant=number, rule=ARTICLE_27, remedy=remedy)
    if grant.stage == "expired" or now >= standing.closes:
        return GrantExpired(f"授权 {number} 已到期 (expired)", grant=number, remedy=AGAIN)
    if now < standing.opens:
        why = f"授权 {number} 从 {grant.not_before} 起生效 (not yet in force)"
        return GrantNotYet(why, grant=number, remedy="届时再调用 (call from then on)")
    if channel and channel not in grant.channels:
        covered = ", ".join(grant.channels)
        said = f"授权 {number} 不含这种方式 (grant {number} covers {covered}, not {channel})"
        return ChannelNotGranted(said, grant=number, remedy="申请这种方式 (request this channel)")
    return None


def check_purpose(grant: Grant, ask: Ask) -> None:
    """Check purpose and case number where the grant wants them (809 art. 25).

    Raises:
        PurposeRequired, PurposeMismatch, CaseRequired: naming the header.
    """
    if grant.require_purpose:
        if not ask.purpose:
            raise PurposeRequired(
                f"授权 {grant.number} 要求每次写明用途 (the grant wants its purpose named)",
                fields={"datong-purpose": "missing"},
                rule=ARTICLE_25,
                remedy="带请求头 Datong-Purpose，值为百分号编码的 UTF-8 (send it, percent-encoded)",
            )
        if ask.purpose != grant.purpose:
            raise PurposeMismatch(
                f"授权 {grant.number} 的用途是“{grant.purpose}” (the grant was given for another purpose)",
                fields={"datong-purpose": "another purpose"},
                rule=ARTICLE_25,
                remedy="写授权的用途；另有用途须另行申请 (name the granted purpose, or request data for yours)",
            )
    if not ask.case and grant.by_case:
        raise CaseRequired(
            f"授权 {grant.number} 要求每次写明办件编号 (the grant wants a case number)",
            fields={"datong-case": "missing"},
            rule=ARTICLE_25,
            remedy="带请求头 Datong-Case，值为正在办理的办件编号 (send the number of the case at hand)",
        )
