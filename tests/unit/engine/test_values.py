# SPDX-License-Identifier: Apache-2.0
"""Stored forms: one exact form per value."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datong.engine.plans import values
from datong.engine.plans.values import as_stored, decimal_text, instant_text
from datong.kernel.errors import Malformed
from datong.kernel.sharing import ItemType as T


def test_every_type_has_a_form():
    assert values._FORMS.keys() == set(T)


@pytest.mark.parametrize(
    ("kind", "value", "stored"),
    [
        (T.C, "00120", "00120"),
        (T.C, " a ", " a "),
        (T.C, 7, "7"),
        (T.I, " +007 ", 7),
        (T.I, "5.00", 5),
        (T.I, -(2**63), -(2**63)),
        (T.N, "0012.500", "12.5"),
        (T.N, "-0.0", "0"),
        (T.N, ".5", "0.5"),
        (T.Y, "100", "100"),
        (T.F, "1e3", 1000.0),
        (T.B, 0.1, 0.1),
        (T.D, "2020/1/5", "2020-01-05"),
        (T.D, "20200105", "2020-01-05"),
        (T.D, "2020-01-05 00:00:00", "2020-01-05"),
        (T.T, "2020-01-05 08:00", "2020-01-05T00:00:00Z"),
        (T.T, "20200105080000", "2020-01-05T00:00:00Z"),
        (T.T, "2020-01-05T08:00:00+0530", "2020-01-05T02:30:00Z"),
        (T.T, "2020-01-05T08:00:00.5Z", "2020-01-05T08:00:00.500000Z"),
        (T.T, "1988-07-01 00:00:00", "1988-06-30T15:00:00Z"),
        (T.L, "是", 1),
        (T.L, "FALSE", 0),
        (T.L, True, 1),
    ],
)
def test_forms(kind, value, stored):
    assert as_stored(kind, "x", value) == stored


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (T.C, "a\0b"), (T.C, "\ud800"), (T.C, None), (T.C, ["a"]), (T.C, "x" * 5000),
        (T.I, "1.5"), (T.I, "9223372036854775808"), (T.I, "9" * 4000), (T.I, "一"), (T.I, "１２"),
        (T.N, "1,000"), (T.N, "1e5"), (T.N, "nan"), (T.N, "."),
        (T.F, "inf"), (T.F, "1e999"), (T.F, "0x1p3"),
        (T.D, "2020-02-30"), (T.D, "0000-01-01"), (T.D, "2020-01/05"), (T.D, "05.01.2020"), (T.D, "2020-01-05 08:00:00"),
        (T.T, "2020-01-05"), (T.T, "2020-01-05 25:00"), (T.T, "2020-01-05 08:00+99"), (T.T, "0001-01-01 00:00+08:00"),
        (T.L, "yes"), (T.L, "2"),
    ],
)  # fmt: skip
def test_what_does_not_fit_names_the_field_and_never_the_value(kind, value):
    with pytest.raises(Malformed) as caught:
        as_stored(kind, "item", value)
    assert caught.value.fields.keys() == {"item"}
    assert str(value) == "." or str(value) not in caught.value.message


@given(st.decimals(allow_nan=False, allow_infinity=False, places=10))
def test_decimals_keep_their_worth_and_have_one_form(number):
    text = decimal_text(number)
    assert Decimal(text) == number
    assert as_stored(T.N, "x", text) == text
    assert not text.endswith((".", "-0"))


@given(st.datetimes(min_value=datetime(1900, 1, 1), timezones=st.just(UTC)))
def test_instants_have_one_form(moment):
    text = instant_text(moment)
    assert as_stored(T.T, "x", text) == text
    assert datetime.fromisoformat(text) == moment


@given(st.sampled_from(list(T)), st.text())
def test_any_text_is_a_value_or_a_clear_error(kind, text):
    try:
        stored = as_stored(kind, "x", text)
    except Malformed as error:
        assert error.fields.keys() == {"x"}
    else:
        assert as_stored(kind, "x", stored if kind is not T.L else bool(stored)) == stored


@given(st.dates())
def test_dates_round_trip(day):
    assert as_stored(T.D, "x", day.isoformat()) == day.isoformat()
