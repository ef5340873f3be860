# SPDX-License-Identifier: Apache-2.0
"""What a report must say: every fault named at once, nothing of a value in a message."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datong.kernel.corrections import LONGEST, MOST_KEYS, ProofKind, Report, ReportKind, settle, settle_proof
from datong.kernel.errors import Malformed

DATA = Report("data", {"id": "330106199001010010"}, "name", "张三", "章三", "户口簿", "AJ-1")


def faults(report: Report) -> dict[str, str]:
    with pytest.raises(Malformed) as refused:
        settle(report)
    return refused.value.fields


def test_a_complete_report_is_cleaned():
    made = settle(replace(DATA, found="  张三 ", evidence="一\r\n二 "))
    assert (made.found, made.evidence, made.key) == ("张三", "一\n二", {"id": "330106199001010010"})


def test_every_fault_is_named_at_once():
    bad = replace(DATA, item="", found="", expected="", evidence="x" * 3000, proof_kind="passport")
    assert set(faults(bad)) == {"item", "expected", "evidence", "proof_kind", "proof_number"}


@pytest.mark.parametrize("kind", ["catalog", "interface"])
def test_other_errors_say_why(kind):
    assert set(faults(Report(kind))) == {"evidence"}
    assert settle(Report(kind, evidence="摘要与数据不符")).kind == kind


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": "mood"}, "kind"), ({"key": {str(n): "1" for n in range(MOST_KEYS + 1)}}, "key"), ({"key": {"id": ""}}, "key"),
        ({"key": {"id": "a\u202eb"}}, "key"), ({"case": "x" * 101}, "case"), ({"proof_number": "1"}, "proof_kind"),
    ],
)  # fmt: skip
def test_what_does_not_fit(changes, field):
    assert field in faults(replace(DATA, **changes))


def test_proof_is_kind_and_number():
    assert settle_proof("resident_card", " 33 ") == ("resident_card", "33")
    for kind, number in (("", "33"), ("passport", "33"), ("resident_card", " "), ("", ""), ("resident_card", "a\x00")):
        with pytest.raises(Malformed):
            settle_proof(kind, number)


@given(
    st.builds(
        Report,
        kind=st.sampled_from([*ReportKind, "", "x"]),
        key=st.dictionaries(st.text(max_size=70), st.text(max_size=220), max_size=10),
        proof_kind=st.sampled_from([*ProofKind, "", "x"]),
        **{name: st.text(max_size=60) for name in (*LONGEST, "evidence")},
    )
)
def test_any_text_is_taken_or_refused_by_field(report: Report):
    try:
        made = settle(report)
    except Malformed as error:
        assert error.fields
    else:
        assert settle(made) == made, "cleaning twice changes nothing"
