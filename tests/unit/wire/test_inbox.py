# SPDX-License-Identifier: Apache-2.0
"""A letter of the inbox: sealed under its reference, known again by its keyed digest."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datong.crypto import ciphers
from datong.kernel.corrections import Report
from datong.kernel.errors import Malformed
from datong.wire import inbox

KEY = bytes(range(32))
REFERENCE = "0f" * 16
TEXT = st.text(st.characters(codec="utf-8"), max_size=40)


def a_letter(**changes) -> inbox.Letter:
    facts = {
        "reference": REFERENCE, "at": "2026-11-22T01:02:03Z", "client": "civil-app", "department": "11330000002482109N",
        "resource": "307001/1", "version": 1, "grant": "G1", "report": Report("data", {"id": "1"}, "name", "张三", "章三"),
    }  # fmt: skip
    return inbox.Letter(**(facts | changes))


@given(st.builds(Report, kind=TEXT, key=st.dictionaries(TEXT, TEXT), item=TEXT, found=TEXT, evidence=TEXT))
def test_a_letter_comes_back_as_it_was(report: Report):
    letter = a_letter(report=report)
    assert inbox.unseal(inbox.seal(letter, KEY), REFERENCE, KEY) == letter


def test_nothing_of_it_can_be_read_moved_or_changed():
    sealed = inbox.seal(a_letter(), KEY)
    assert "张三".encode() not in sealed
    for other, key in (("0e" * 16, KEY), (REFERENCE, bytes(32))):
        with pytest.raises(ciphers.BadSeal):
            inbox.unseal(sealed, other, key)
    with pytest.raises(ciphers.BadSeal):
        inbox.unseal(sealed[:-1] + bytes([sealed[-1] ^ 1]), REFERENCE, KEY)
    with pytest.raises(Malformed):
        inbox.unseal(ciphers.seal(KEY, b"{}", REFERENCE.encode()), REFERENCE, KEY)


def test_the_same_report_has_the_same_digest_and_no_other():
    one = inbox.digest(a_letter(), KEY)
    assert inbox.digest(a_letter(reference="0e" * 16, at="2027-01-01T00:00:00Z", version=2), KEY) == one
    others = [a_letter(client="x"), a_letter(grant="G2"), a_letter(resource="307001/2"), a_letter(report=Report("interface"))]
    assert len({one, *(inbox.digest(letter, KEY) for letter in others), inbox.digest(a_letter(), bytes(32))}) == 6
    assert msgspec.json.encode(a_letter().report) not in one.encode()
