# SPDX-License-Identifier: Apache-2.0
"""The signed grant: canonical, tamper-evident, convertible to the policy's row; instants it speaks of."""

from __future__ import annotations

import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from datong.crypto.keys import load_verifier
from datong.crypto.signing import BadSignature, Ed25519Signer
from datong.kernel.errors import Malformed
from datong.wire import grants
from datong.wire.instants import instant, text_of

SIGNER = Ed25519Signer(Ed25519PrivateKey.from_private_bytes(b"\x01" * 32))
VERIFIER = load_verifier(SIGNER.public_pem())
DOCUMENT = {
    "number": "SQ-2026-1", "resource": "3330001001/1", "department": "11330000002482109N", "channels": ["call"],
    "items": [{"field": "name", "mask": "partial:1:0"}], "rows": [], "purpose": "社会救助", "basis": "社会救助暂行办法",
    "not_before": "2026-01-01", "not_after": "2026-12-31", "quota_per_day": None, "max_rows": None,
}  # fmt: skip


def test_a_signed_grant_reads_back_in_any_order_of_keys():
    envelope = json.loads(json.dumps(grants.sign(DOCUMENT, SIGNER)))
    envelope["grant"] = dict(reversed(envelope["grant"].items()))
    assert grants.verify(envelope, VERIFIER) == DOCUMENT


@pytest.mark.parametrize("field", sorted(DOCUMENT))
def test_no_field_can_be_changed(field: str):
    envelope = grants.sign(DOCUMENT, SIGNER)
    with pytest.raises(BadSignature):
        grants.verify(envelope | {"grant": DOCUMENT | {field: "changed"}}, VERIFIER)


@pytest.mark.parametrize("field", grants.REQUIRED)
def test_a_required_field_is_missed_by_name(field: str):
    with pytest.raises(Malformed) as refused:
        grants.sign(DOCUMENT | {field: ""}, SIGNER)
    assert refused.value.fields == {field: "missing or empty"}


@pytest.mark.parametrize("part", ["grant", "signature", "key_id"])
def test_half_an_envelope_is_refused(part: str):
    envelope = grants.sign(DOCUMENT, SIGNER)
    del envelope[part]
    with pytest.raises(Malformed):
        grants.verify(envelope, VERIFIER)


def test_the_policys_row_takes_what_is_stated():
    row = grants.for_client(DOCUMENT, client_id="civil-app", stage="active")
    assert (row.number, row.client_id, row.stage, row.quota_per_day, row.max_rows) == ("SQ-2026-1", "civil-app", "active", None, 100)
    assert row.items[0].mask == "partial:1:0"


def test_own_cases_want_each_case_named_whatever_the_document_says():
    rows = [{"field": "name", "op": "case", "values": []}]
    for stated in ({}, {"require_case": False}, {"require_case": True}):
        assert grants.for_client(DOCUMENT | {"rows": rows} | stated, client_id="civil-app", stage="active").require_case
    assert not grants.for_client(DOCUMENT, client_id="civil-app", stage="active").require_case


def test_a_document_of_wrong_types_gives_no_row():
    with pytest.raises(Malformed, match="SQ-2026-1"):
        grants.for_client(DOCUMENT | {"channels": "call"}, client_id="civil-app", stage="active")


@given(st.floats(0, 4e9))
def test_instants_read_back(seconds: float):
    assert abs(instant(text_of(seconds), field="at") - seconds) < 2e-6


def test_a_bare_date_is_a_day_in_china():
    assert text_of(instant("2026-09-22", field="at")) == "2026-09-21T16:00:00.000000Z"
    assert text_of(instant("2026-09-22", field="at", closing=True)) == "2026-09-22T16:00:00.000000Z"
    assert instant("2026-09-22T00:00:00+08:00", field="at") == instant("2026-09-22", field="at")


@pytest.mark.parametrize("text", ["", "now", "2026-02-30", "2026-09-22T00:00:00", "2026-09-22 08", "0001-01-01T00:00:00+99:00"])
def test_what_is_no_instant_is_refused_by_field(text: str):
    with pytest.raises(Malformed) as refused:
        instant(text, field="not_after")
    assert list(refused.value.fields) == ["not_after"]
