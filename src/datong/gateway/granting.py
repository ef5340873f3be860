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
ENDED: Final[Mapping[Stage, tuple[type[Hindered], str, str]]] = {
    "revoked": (GrantRevoked, "was revoked", "file a new request"),
    "terminated": (GrantRevoked, "was ended by its consumer", "file a new request"),
    "superseded": (GrantRevoked, "is superseded by a newer grant", "call under the newer grant"),
    "disposed": (GrantExpired, "is over and its data were destroyed", "file a new request"),
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
            "several of your grants would answer",
            fields={"datong-grant": f"one of: {numbers}"},
            remedy="name one in the header Datong-Grant",
        )
    return able[0]


def choose_any(standings: Sequence[Standing], wanted: str, now: float) -> Standing:
    """Choose a grant in force whatever it covers: who uses data by any channel may report what is wrong with them.

    Raises:
        Unknown: none is the caller's, or the one named is not.
        GrantSuspended, GrantRevoked, GrantExpired, GrantNotYet: none is in force.
    """
    return in_force(standings, wanted, now)[0]


def in_force(standings: Sequence[Standing], wanted: str, now: float) -> list[Standing]:
    """All grants in force whatever they cover, or the one that is named.

    Raises:
        Unknown: none is the caller's, or the one named is not.
        GrantSuspended, GrantRevoked, GrantExpired, GrantNotYet: none is in force.
    """
    return _able(standings, "", wanted, now)


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
        ask = "ask the provider what to put right"
        return GrantSuspended(f"grant {number} is suspended", grant=number, rule=ARTICLE_27, remedy=ask)
    if grant.stage in ENDED:
        kind, why, remedy = ENDED[grant.stage]
        return kind(f"grant {number} {why}", grant=number, rule=ARTICLE_27, remedy=remedy)
    if grant.stage == "expired" or now >= standing.closes:
        return GrantExpired(f"grant {number} has expired", grant=number, remedy="file a new request")
    if now < standing.opens:
        return GrantNotYet(f"grant {number} begins at {grant.not_before}", grant=number, remedy="call from then on")
    if channel and channel not in grant.channels:
        said = f"grant {number} covers {', '.join(grant.channels)}, not {channel}"
        return ChannelNotGranted(said, grant=number, remedy="request this channel")
    return None


def check_purpose(grant: Grant, ask: Ask) -> None:
    """Check purpose and case number where the grant wants them (809 art. 25).

    Raises:
        PurposeRequired, PurposeMismatch, CaseRequired: naming the header.
    """
    if grant.require_purpose:
        if not ask.purpose:
            raise PurposeRequired(
                f"grant {grant.number} wants its purpose named",
                fields={"datong-purpose": "missing"},
                rule=ARTICLE_25,
                remedy="send the header Datong-Purpose, percent-encoded UTF-8",
            )
        if ask.purpose != grant.purpose:
            raise PurposeMismatch(
                f"grant {grant.number} was given for {grant.purpose}",
                fields={"datong-purpose": "another purpose"},
                rule=ARTICLE_25,
                remedy="name the granted purpose, or request data for yours",
            )
    if not ask.case and grant.by_case:
        raise CaseRequired(
            f"grant {grant.number} wants a case number",
            fields={"datong-case": "missing"},
            rule=ARTICLE_25,
            remedy="send the header Datong-Case with the number of the case at hand",
        )
