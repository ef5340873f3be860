# SPDX-License-Identifier: Apache-2.0
"""What an entry must say: 809 arts. 13 to 15, 1272, field by field and all at once."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datong.contexts.catalog.domain import ItemDraft
from datong.contexts.catalog.domain.entries import check_complete, missing
from datong.contexts.catalog.domain.shapes import check_shape, clean
from datong.kernel.errors import Malformed
from factories.catalog import DRAFT, ITEMS, a_draft, an_open_draft

EMPTY = {"items": (), "sharing_methods": (), "sharing_use": ()}
NINE = ("name", "items", "format_class", "update_cycle", "sharing_type", "sharing_methods", "use_conditions", "level")


def faults(draft):
    with pytest.raises(Malformed) as refused:
        check_shape(clean(draft))
    return refused.value.fields


def test_a_complete_entry_passes():
    check_shape(clean(DRAFT))
    check_complete(DRAFT)
    check_complete(an_open_draft())


@pytest.mark.parametrize("field", NINE)
def test_809_13_each_mandatory_field_is_named_when_it_is_missing(field):
    with pytest.raises(Malformed) as refused:
        check_complete(replace(DRAFT, **{field: EMPTY.get(field, "")}))
    assert field in refused.value.fields
    assert refused.value.rule == "政务数据共享条例第十三条"


def test_809_13_everything_missing_is_told_at_once():
    bare = replace(DRAFT, **{field: EMPTY.get(field, "") for field in NINE})
    assert set(NINE) <= missing(bare).keys()


@pytest.mark.parametrize("field", ["secrecy_assessment", "personal_assessment"])
def test_809_13_both_assessments_come_before_filing(field):
    assert field in missing(a_draft(**{field: ""}))


@pytest.mark.parametrize("field", ["sharing_scope", "sharing_use"])
def test_809_15_conditional_sharing_lists_scope_and_use(field):
    assert field in missing(a_draft(**{field: EMPTY.get(field, "")}))
    assert field not in missing(an_open_draft(**{field: EMPTY.get(field, "")}))


@pytest.mark.parametrize("field", ["withheld_basis_rank", "withheld_basis", "withheld_reason"])
def test_809_14_withholding_needs_a_basis_even_for_one_item(field):
    assert field in missing(a_draft(sharing_type="withheld", **{field: ""}))
    assert field in missing(a_draft(**{field: ""})), "one item of the draft is withheld"
    shared = tuple(item for item in ITEMS if item.sharing_type != "withheld")
    assert field not in missing(a_draft(items=shared, **{field: ""}))


def test_809_14_a_department_rule_withholds_nothing():
    assert "withheld_basis_rank" in faults(a_draft(withheld_basis_rank="部门规定"))


def test_withheld_data_needs_no_sharing_method():
    assert "sharing_methods" not in missing(a_draft(sharing_type="withheld", sharing_methods=()))


def test_opening_with_a_condition_names_it():
    assert "opening_condition" in missing(a_draft(opening_type="conditional"))


def test_personal_and_withheld_data_are_never_open():
    assert "opening_type" in missing(a_draft(opening_type="open"))
    assert "opening_type" in missing(an_open_draft(sharing_type="withheld", opening_type="open"))
    assert "opening_type" not in missing(an_open_draft(opening_type="open"))


def test_a_format_without_listed_types_needs_none():
    assert "format_type" not in missing(a_draft(format_class="self_describing", format_type=""))
    assert "format_type" in missing(a_draft(format_type=""))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""), ("name", "名" * 201), ("name", "a\x00b"), ("name", "a\u202eb"), ("name", "\ud800"),
        ("abstract", "字" * 1001), ("format_class", "tape"), ("format_type", "paper"), ("sharing_type", "maybe"),
        ("opening_type", "ajar"), ("update_cycle", "sometimes"), ("level", "top"), ("secrecy", "secretish"),
        ("sharing_use", ("fun",)), ("sharing_methods", ("pigeon",)), ("contact", "one\ntwo"),
    ],
)  # fmt: skip
def test_what_does_not_read_is_named(field, value):
    assert field in faults(a_draft(**{field: value}))


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"field": "Name"}, "field"), ({"field": "1st"}, "field"), ({"field": "a" * 64}, "field"), ({"field": "姓名"}, "field"),
        ({"field": "resident_id"}, "field"), ({"name": ""}, "name"), ({"name": "公民身份号码"}, "name"), ({"type": ""}, "type"),
        ({"type": "X"}, "type"), ({"length": 0}, "length"), ({"length": 2**31}, "length"), ({"precision": -1}, "precision"),
        ({"key": True}, "nullable"), ({"sharing_type": "x"}, "sharing_type"), ({"level": "x"}, "level"),
        ({"description": "字" * 501}, "description"),
    ],
)  # fmt: skip
def test_what_does_not_read_in_an_item_is_named_by_its_place(changes, place):
    items = (ITEMS[0], replace(ITEMS[1], **changes))
    assert f"items.1.{place}" in faults(a_draft(items=items))


def test_too_many_items_are_refused_without_reading_them():
    assert faults(a_draft(items=(ITEMS[0],) * 2001)).keys() == {"items"}


def test_related_codes_are_codes():
    assert "related.1" in faults(a_draft(related=("3070010/1", "人口库")))


def test_the_level_is_the_highest_of_all():
    assert clean(a_draft(level="general_1")).level == "general_4"
    assert clean(a_draft(level="core")).level == "core"
    assert clean(a_draft(level="", items=())).level == ""


def test_spaces_and_case_are_mended_and_doubles_dropped():
    tidy = clean(a_draft(name="  人口 ", format_type="PostgreSQL", sharing_methods=("call", "call ")))
    assert (tidy.name, tidy.format_type, tidy.sharing_methods) == ("人口", "postgresql", ("call",))


@given(st.text(max_size=80), st.text(max_size=70))
def test_any_text_either_reads_or_is_named(name, field):
    draft = clean(a_draft(name=name, items=(ItemDraft(field=field, name="项", type="C"),)))
    try:
        check_shape(draft)
    except Malformed as refused:
        assert refused.fields.keys() <= {"name", "items.0.field"}
        assert refused.fields


@given(st.builds(ItemDraft, field=st.text(), name=st.text(), type=st.text(), length=st.none() | st.integers(), level=st.text()))
def test_no_item_whatsoever_breaks_the_check(item):
    try:
        check_shape(clean(a_draft(items=(item,))))
    except Malformed as refused:
        assert all(name.startswith("items.0.") or name == "level" for name in refused.fields)
