# SPDX-License-Identifier: Apache-2.0
"""The gateway's pure rules: which grant answers, what its day allows, what its record says."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datong.gateway import refusals
from datong.gateway.answers import refused
from datong.gateway.asking import PLACE
from datong.gateway.calls import Call, CallRecord, TokenRecord, encoded
from datong.gateway.granting import choose
from datong.gateway.quotas import DAY, day_of, midnight
from datong.gateway.refusals import GrantAmbiguous
from datong.gateway.snapshot import Standing
from datong.kernel import canonical
from datong.kernel.errors import DatongError, Unknown
from datong.wire.instants import instant
from factories.gateways import a_grant, a_resource

NOW = instant("2026-06-01", field="now")
STAGES = ("active", "suspended", "revoked", "expired")
TIMES = ((0.0, 4e9), (NOW + 1, 4e9), (0.0, NOW))
CHANNELS = (["call"], ["verify"], [])


def standing(number: int, stage: str, times: tuple[float, float], channels: list[str]) -> Standing:
    return Standing(a_grant(f"SQ-{number}", stage=stage, channels=channels), a_resource(), *times)


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("times", TIMES)
@pytest.mark.parametrize("channels", CHANNELS)
def test_only_an_active_grant_in_its_time_for_its_channel_answers(stage: str, times: tuple, channels: list):
    one = standing(1, stage, times, channels)
    lawful = stage == "active" and times == TIMES[0] and "call" in channels
    if lawful:
        assert choose([one], "call", "", NOW) is one
    else:
        with pytest.raises(DatongError) as refusal:
            choose([one], "call", "", NOW)
        assert refusal.value.status == 403
        assert refusal.value.remedy


@given(st.lists(st.sampled_from(list(itertools.product(STAGES, TIMES, CHANNELS))), max_size=4))
def test_never_one_that_may_not_and_never_a_guess(kinds: list):
    standings = [standing(number, *kind) for number, kind in enumerate(kinds)]
    able = [one for one, kind in zip(standings, kinds, strict=True) if kind == ("active", TIMES[0], ["call"])]
    try:
        chosen = choose(standings, "call", "", NOW)
    except GrantAmbiguous:
        assert len(able) > 1
    except DatongError:
        assert not able
    else:
        assert able == [chosen]


def test_a_number_that_is_not_the_callers_is_unknown():
    with pytest.raises(Unknown):
        choose([standing(1, "active", TIMES[0], ["call"])], "call", "SQ-2", NOW)
    with pytest.raises(Unknown):
        choose([], "call", "", NOW)


def test_the_day_turns_at_midnight_in_china():
    day = day_of(NOW)
    assert midnight(day) == NOW
    assert day_of(NOW - 1) == day - 1
    assert day_of(NOW + DAY - 1) == day


@given(st.builds(CallRecord, at=st.text(), request_id=st.text(), purpose=st.text(), rows=st.integers(0, 9), items=st.lists(st.text())))
def test_a_record_is_canonical_json(record: CallRecord):
    assert encoded(record) == canonical.dumps(canonical.loads(encoded(record)))


def test_a_token_record_is_canonical_json():
    record = encoded(TokenRecord(at="2026", request_id="1", client="应用"))
    assert record == canonical.dumps(canonical.loads(record))


def test_a_call_notes_its_resource_only_when_the_path_names_one():
    scope = {"method": "GET", "raw_path": b"/v1/resources/3330001001/1/verify", "query_string": b"a=1", "headers": []}
    call = Call(NOW, scope)
    assert (call.record.resource, call.record.channel) == ("3330001001/1", "verify")
    assert PLACE.fullmatch(b"/v1/resources/1/1/verify") is None
    assert Call(NOW, scope | {"raw_path": b"/v1/resources/x"}).record.resource == ""


def test_codes_are_stable_and_unlike():
    known = [one for one in vars(refusals).values() if isinstance(one, type) and issubclass(one, DatongError)]
    ours = [one for one in known if one.__module__ == refusals.__name__ and one.code != "malformed"]
    assert len({one.code for one in ours}) == len(ours)
    assert all(one.title and 400 <= one.status <= 503 for one in known)


@pytest.mark.parametrize(("status", "header"), [(401, b"www-authenticate"), (503, b"retry-after"), (405, b"allow")])
def test_a_refusal_carries_the_header_of_its_status(status: int, header: bytes):
    error = {401: refusals.not_signed_in("x"), 503: refusals.PolicyStale("x"), 405: refusals.MethodNotAllowed("x")}[status]
    answer = refused(error, "abc")
    assert answer.headers[0][0] == header
    assert b"urn:datong:request:abc" in answer.body
