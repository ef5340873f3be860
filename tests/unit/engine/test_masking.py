# SPDX-License-Identifier: Apache-2.0
"""Masks in SQL, SQLite's and DuckDB's, equal the kernel's reference, value by value."""

import sqlite3
from decimal import Decimal

import duckdb
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from datong.crypto import ff1
from datong.engine.backends.duck.dialect import DuckDialect
from datong.engine.backends.forming import formed
from datong.engine.plans.masking import FORMAT_FUNCTION, HASH_FUNCTION, masked, words
from datong.engine.plans.values import decimal_text
from datong.kernel import masks
from datong.kernel.masks import Mask
from datong.kernel.sharing import ItemType as T

KEY = b"secret of a grant"
HASHED = Mask("hash")
MASKS = st.one_of(
    st.sampled_from([masks.NONE, Mask("redact"), Mask("year"), Mask("null"), HASHED, *masks.PRESETS.values()]),
    st.builds(Mask, st.just("band"), width=st.one_of(st.integers(2, 20), st.integers(2, masks.WIDEST))),
    st.builds(Mask, st.just("format"), form=st.sampled_from(sorted(masks.FORMS))),
    st.builds(Mask, st.just("partial"), st.integers(0, 64), st.integers(0, 64)),
)
TEXTS = st.one_of(
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
    st.dates().map(str),
    st.from_regex("[0-9]{5,18}X?", fullmatch=True),
    st.from_regex(masks.FORMS["uscc"].pattern, fullmatch=True),
    st.from_regex("[0-9]{3,5}-[^\\x00]{0,3}", fullmatch=True),
)


@pytest.fixture(scope="module", params=["sqlite", "duck"])
def run(request):
    if request.param == "duck":
        with duckdb.connect(":memory:") as session:
            session.create_function(FORMAT_FUNCTION, formed, ["VARCHAR", "VARCHAR", "BLOB"], "VARCHAR")
            yield lambda mask, kind, value: session.execute(
                f"select {masked(mask, 'v', kind, words(DuckDialect(), KEY))} from (select ? as v)", [value]
            ).fetchone()[0]
        return
    connection = sqlite3.connect(":memory:")
    connection.create_function(HASH_FUNCTION, 1, lambda text: masks.apply(HASHED, text, key=KEY))
    connection.create_function(FORMAT_FUNCTION, 2, lambda text, form: formed(text, form, KEY))

    def apply(mask, kind, value):
        return connection.execute(f"select {masked(mask, 'v', kind)} from (select ? as v)", (value,)).fetchone()[0]

    yield apply
    connection.close()


def reference(mask, value, kind):
    return masks.apply(mask, value, key=KEY, kind=kind, permute=ff1.encrypt)


@given(MASKS, st.sampled_from([T.C, T.M, T.G, T.D, T.T]), st.one_of(st.none(), TEXTS))
def test_texts(run, mask, kind, value):
    assert run(mask, kind, value) == reference(mask, value, kind)


@given(MASKS, st.one_of(st.decimals(allow_nan=False, allow_infinity=False, places=4), st.integers(-(10**38), 10**38).map(Decimal)),
       st.sampled_from([T.N, T.Y]))  # fmt: skip
@example(Mask("band", width=10), Decimal("-999999999999999999.5"), T.N)
@example(Mask("band", width=10), Decimal("-0.0001"), T.N)
@example(Mask("band", width=3), Decimal(-(2**63)), T.N)
@example(Mask("band", width=3), Decimal(f"{-(2**63)}.5"), T.N)
@example(Mask("band", width=masks.WIDEST), Decimal(2**63 - 1), T.N)
@example(Mask("band", width=masks.WIDEST), Decimal("999999999999999999.9"), T.Y)
def test_decimals(run, mask, value, kind):
    stored = decimal_text(value)
    assert run(mask, kind, stored) == reference(mask, stored, kind)


@given(MASKS, st.integers(-(2**63), 2**63 - 1))
@example(Mask("band", width=3), -(2**63))
@example(Mask("band", width=masks.WIDEST), 2**63 - 1)
@example(Mask("band", width=masks.WIDEST), 1 - masks.LARGEST)
@example(Mask("band", width=2**30), 2**30)
def test_integers(run, mask, value):
    assert run(mask, T.I, value) == reference(mask, value, T.I)


@given(MASKS, st.booleans())
def test_booleans(run, mask, value):
    assert run(mask, T.L, int(value)) == reference(mask, value, T.L)


@given(MASKS, st.one_of(st.floats(allow_nan=False), st.floats(-(2.0**61), 2.0**61)), st.sampled_from([T.F, T.B]))
@example(Mask("band", width=10), 1e18, T.F)
@example(Mask("band", width=10), -1e18, T.F)
@example(Mask("band", width=10), float("-inf"), T.B)
@example(Mask("band", width=10), float("inf"), T.F)
@example(Mask("band", width=10), -1e19, T.F)
@example(Mask("band", width=10), -0.5, T.B)
def test_fractions(run, mask, value, kind):
    assert run(mask, kind, value) == reference(mask, value, kind)


def test_no_number_is_in_no_band():
    with duckdb.connect(":memory:") as session:
        told = masked(Mask("band", width=10), "v", T.F, words(DuckDialect(), KEY))
        assert session.execute(f"select {told} from (select 'nan'::double as v)").fetchone() == (masks.REDACTED,)


def test_every_kind_of_mask_compiles():
    for text in ("none", "partial:1:1", "redact", "hash", "year", "null", "band:10", "format:uscc"):
        assert masked(Mask.parse(text), "v", T.C)
        assert masked(Mask.parse(text), "v", T.N)


def test_a_key_longer_than_a_block_hashes_alike_in_duckdb():
    long = b"k" * 100
    with duckdb.connect(":memory:") as session:
        made = session.execute(f"select {masked(HASHED, 'v', T.C, words(DuckDialect(), long))} from (select '张三' as v)").fetchone()
    assert made == (masks.apply(HASHED, "张三", key=long),)
