# SPDX-License-Identifier: Apache-2.0
"""Look-ups as values: what a statement may hold, and what never compiles."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datong.engine.errors import FilterNotAllowed, ItemNotGranted
from datong.engine.plans.lookup import Access, LookupRequest, RowRule, compile_lookup, compile_verify
from datong.kernel.errors import Malformed
from datong.kernel.masks import NONE, Mask
from datong.kernel.sharing import ItemType

COLUMNS = {
    "id": "C",
    "name": "C",
    "phone": "C",
    "born": "D",
    "region": "C",
    "alive": "L",
    "amount": "N",
    "score": "F",
    "seen": "T",
}
OPEN = {"name": NONE, "phone": Mask("partial", 3, 4), "alive": NONE, "region": NONE}


def an_access(**changes):
    given_ = {"columns": COLUMNS, "keys": ["id"], "queries": ["region", "phone", "born"], "granted": OPEN} | changes
    return Access(**given_)


def test_all_granted_items_in_catalogue_order_and_nothing_else():
    plan = compile_lookup(LookupRequest(an_access()))
    assert plan.items == ("name", "phone", "region", "alive")
    for ungranted in ("id", "born", "amount", "score"):
        assert f'"{ungranted}"' not in plan.sql


def test_wanted_items_keep_their_order_and_lose_their_doubles():
    assert compile_lookup(LookupRequest(an_access(), items=["region", "name", "region"])).items == ("region", "name")


@pytest.mark.parametrize("items", [["amount"], ["name", "no_such"], [], ["rowid"], ["*"], ['name" --']])
def test_items_outside_the_grant_never_compile(items):
    with pytest.raises(ItemNotGranted) as caught:
        compile_lookup(LookupRequest(an_access(), items=items))
    assert caught.value.remedy
    assert caught.value.code == "item_not_granted"


def test_unknown_and_ungranted_items_read_alike():
    said = []
    for name in ("amount", "nosuch"):
        with pytest.raises(ItemNotGranted) as caught:
            compile_lookup(LookupRequest(an_access(), items=[name]))
        said.append((caught.value.message.replace(name, ""), caught.value.remedy))
    assert said[0] == said[1]


def test_a_grant_of_nothing_gives_nothing():
    with pytest.raises(ItemNotGranted):
        compile_lookup(LookupRequest(an_access(granted={"vanished": NONE})))


def test_a_key_may_be_searched_by_though_it_is_not_granted():
    plan = compile_lookup(LookupRequest(an_access(), {"id": "0012"}))
    assert '"id" = ?' in plan.sql
    assert plan.params == ("0012", 0, 101)


@pytest.mark.parametrize("name", ["name", "phone", "born", "amount", "no_such", "1=1 or name", "rowid"])
def test_other_conditions_never_compile(name):
    """Not a query item, granted masked, not granted, unknown: all refused by one sentence."""
    with pytest.raises(FilterNotAllowed) as caught:
        compile_lookup(LookupRequest(an_access(), {name: "x"}))
    assert caught.value.remedy == "search by: id, region"
    assert caught.value.status == 422


def test_row_rules_stand_in_every_statement():
    access = an_access(rows=[RowRule("region", "prefix", ("33",)), RowRule("alive", "eq", ("是",)), RowRule("born", "in", ())])
    lookup = compile_lookup(LookupRequest(access, {"region": "330106"}))
    verify = compile_verify(access, {"id": "1"}, {"name": "x"})
    rules = 'substr(records."region", 1, length(?)) = ? and records."alive" = ? and 1 = 0'
    assert rules in lookup.sql
    assert rules in verify.sql
    assert lookup.params == ("33", "33", 1, "330106", 0, 101)
    assert verify.params == ("x", "33", "33", 1, "1")


@pytest.mark.parametrize(
    "rule",
    [
        RowRule("no_such", "eq", ("1",)),
        RowRule("amount", "prefix", ("1",)),
        RowRule("born", "eq", ("yesterday",)),
        RowRule("name", "from", ("2026-01-01",)),
        RowRule("born", "until", ("yesterday",)),
        RowRule("seen", "until", ("9999-12-31",)),
        RowRule("seen", "from", ("0001-01-01",)),
        RowRule("born", "case"),
        RowRule("no_such", "case"),
    ],
)
def test_a_row_rule_that_cannot_hold_closes_the_grant(rule):
    with pytest.raises(Malformed):
        an_access(rows=[rule])


@pytest.mark.parametrize(
    ("op", "values"),
    [
        ("like", ("1",)), ("eq", ()), ("eq", ("1", "2")), ("prefix", ()), ("from", ()), ("from", ("2026-01-01", "2026-01-02")), ("until", ()),
        ("case", ("A1",)), ("like", ()),
    ],
)  # fmt: skip
def test_a_row_rule_is_one_of_six(op, values):
    with pytest.raises(Malformed):
        RowRule("region", op, values)


def test_a_rule_of_several_beginnings_lets_any_of_them_through():
    access = an_access(rows=[RowRule("region", "prefix", ("33", "3101")), RowRule("alive", "eq", ("是",))])
    plan = compile_lookup(LookupRequest(access, {"id": "1"}))
    once = 'substr(records."region", 1, length(?)) = ?'
    assert f'where ({once} or {once}) and records."alive" = ?' in plan.sql
    assert plan.params == ("33", "33", "3101", "3101", 1, "1", 0, 101)


def test_days_count_in_shanghai_and_both_ends_are_in():
    rules = [RowRule("born", "from", ("2026-01-01",)), RowRule("born", "until", ("2026-12-31",))]
    rules += [RowRule("seen", "from", ("2026-01-01",)), RowRule("seen", "until", ("2026-12-31",))]
    plan = compile_lookup(LookupRequest(an_access(rows=rules), {"id": "1"}))
    assert 'records."born" >= ? and records."born" <= ? and records."seen" >= ? and records."seen" < ?' in plan.sql
    assert plan.params[:4] == ("2026-01-01", "2026-12-31", "2025-12-31T16:00:00", "2026-12-31T16:00:00")


def test_own_cases_are_bound_to_the_case_of_the_call_and_nothing_compiles_without_one():
    access = an_access(rows=[RowRule("region", "prefix", ("33",)), RowRule("name", "case"), RowRule("alive", "eq", ("是",))])
    for case in ("A-1", "B-2"):
        lookup = compile_lookup(LookupRequest(access, {"id": "1"}, case=case))
        verify = compile_verify(access, {"id": "1"}, {"region": "330106"}, case)
        assert lookup.params == ("33", "33", case, 1, "1", 0, 101)
        assert verify.params == ("330106", "33", "33", case, 1, "1")
        assert case not in lookup.sql
    with pytest.raises(Malformed, match="case at hand"):
        compile_lookup(LookupRequest(access, {"id": "1"}))
    with pytest.raises(Malformed, match="case at hand"):
        compile_verify(access, {"id": "1"}, {"region": "330106"})


@pytest.mark.parametrize("limit", [0, -1, 2**31])
def test_limits_have_bounds(limit):
    with pytest.raises(Malformed) as caught:
        compile_lookup(LookupRequest(an_access(), limit=limit))
    assert "limit" in caught.value.fields


@pytest.mark.parametrize("after", [-1, 2**63])
def test_cursors_have_bounds(after):
    with pytest.raises(Malformed):
        compile_lookup(LookupRequest(an_access(), after=after))


def test_a_page_is_cut_at_its_limit_and_says_where_to_go_on():
    plan = compile_lookup(LookupRequest(an_access(), items=["name", "alive"], limit=2))
    page = plan.page([("甲", 1, 3), ("乙", None, 8), ("丙", 0, 9)])
    assert page.records == [{"name": "甲", "alive": True}, {"name": "乙", "alive": None}]
    assert page.next == 8
    assert plan.page([("甲", 0, 3)]).next is None


def test_one_shape_compiles_once():
    access = an_access()
    first = compile_lookup(LookupRequest(access, {"id": "1"}))
    assert compile_lookup(LookupRequest(access, {"id": "2"})).sql is first.sql


def test_a_hash_mask_without_the_secret_of_the_grant_does_not_compile():
    with pytest.raises(Malformed):
        an_access(granted={"name": Mask("hash")})


@given(st.text(), st.text())
def test_whatever_comes_as_a_value_is_bound_and_whatever_as_a_name_is_refused(value, name):
    access = an_access()
    try:
        plan = compile_lookup(LookupRequest(access, {"region": value}))
    except Malformed as error:
        assert error.fields.keys() == {"region"}
    else:
        assert plan.params[0] == value
        assert plan.sql.count("?") == len(plan.params)
    if name not in COLUMNS:
        with pytest.raises(FilterNotAllowed):
            compile_lookup(LookupRequest(access, {name: value}))


def test_hostile_column_names_are_quoted():
    hostile = 'x" from records; drop table records; --'
    access = Access({hostile: "C"}, [hostile], [], {hostile: NONE})
    sql = compile_lookup(LookupRequest(access, {hostile: "1"})).sql
    assert '"x"" from records; drop table records; --"' in sql


def test_a_verification_selects_comparisons_only():
    plan = compile_verify(an_access(), {"id": "1"}, {"name": " ＡＢ ", "alive": True})
    assert plan.sql.startswith('select coalesce(plain(records."name") = ?, 0), coalesce(records."alive" = ?, 0) from records')
    assert plan.params == ("AB", 1, "1")
    assert plan.answer([]).matches == {"name": False, "alive": False}
    assert plan.answer([(1, 0)]).matches == {"name": True, "alive": False}


@pytest.mark.parametrize("claims", [{"amount": "1"}, {"no_such": "1"}, {"phone": "13800000000"}, {"id": "1"}])
def test_claims_outside_the_grant_or_about_masked_items_never_compile(claims):
    with pytest.raises(ItemNotGranted):
        compile_verify(an_access(), {"id": "1"}, claims)


@pytest.mark.parametrize("key", [{}, {"id": "1", "name": "x"}, {"name": "x"}])
def test_a_verification_takes_the_whole_key_and_nothing_else(key):
    with pytest.raises(FilterNotAllowed):
        compile_verify(an_access(), key, {"name": "x"})


def test_a_resource_without_a_key_cannot_be_verified():
    with pytest.raises(FilterNotAllowed, match="no key"):
        compile_verify(an_access(keys=[]), {}, {"name": "x"})


@pytest.mark.parametrize("claims", [{}, {"name": None}, {"name": ["x"]}, {"alive": "maybe"}])
def test_a_claim_is_one_value_of_its_type(claims):
    with pytest.raises(Malformed):
        compile_verify(an_access(), {"id": "1"}, claims)


def test_every_type_letter_is_accepted_as_text():
    assert compile_lookup(LookupRequest(Access({"t": ItemType.T.value}, [], [], {"t": NONE}))).items == ("t",)
