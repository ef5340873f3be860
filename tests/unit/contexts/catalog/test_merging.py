# SPDX-License-Identifier: Apache-2.0
"""Concurrent edits: nothing of the second person is lost, and one side's change does not undo the other's."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from datong.contexts.catalog.domain import EntryDraft, ItemDraft
from datong.contexts.catalog.domain.merging import Side, differences, fingerprint, merge

WORDS = st.sampled_from(["", "甲", "乙", "丙"])
ITEM = st.builds(ItemDraft, field=st.sampled_from("abcd"), name=WORDS, type=st.just("C"), personal=st.booleans())
ITEMS = st.lists(ITEM, max_size=4, unique_by=lambda one: one.field).map(tuple)
DRAFT = st.builds(EntryDraft, name=WORDS, abstract=WORDS, sharing_use=st.sampled_from([(), ("reference",)]), items=ITEMS)


def parts(draft):
    return replace(draft, items=tuple(sorted(draft.items, key=lambda one: one.field)))


@given(DRAFT, DRAFT, DRAFT)
def test_all_of_one_side_is_that_side(base, mine, theirs):
    found = differences(fingerprint(base), mine, theirs)
    for side, wanted in ((Side.MINE, mine), (Side.THEIRS, theirs)):
        assert parts(merge(mine, theirs, found, {one.path: side.value for one in found})) == parts(wanted)


@given(DRAFT, DRAFT)
def test_who_changed_nothing_takes_the_other_side(base, changed):
    found = differences(fingerprint(base), base, changed)
    assert all(one.changed_by is Side.THEIRS for one in found)
    assert parts(merge(base, changed, found, {})) == parts(changed)
    found = differences(fingerprint(base), changed, base)
    assert all(one.changed_by is Side.MINE for one in found)
    assert parts(merge(changed, base, found, {})) == parts(changed)


@given(DRAFT, DRAFT)
def test_equal_drafts_do_not_differ(base, draft):
    assert differences(fingerprint(base), draft, draft) == []


@given(DRAFT, DRAFT, st.text(max_size=40))
def test_an_unreadable_beginning_leaves_everything_to_the_person(mine, theirs, base):
    for one in differences(base if not base.strip().startswith("{") else "", mine, theirs):
        assert one.changed_by is None
        assert one.preferred is Side.MINE


def test_changes_of_different_fields_come_together():
    base = EntryDraft(name="名", abstract="旧", items=(ItemDraft("a", "甲", "C"), ItemDraft("b", "乙", "C")))
    mine = replace(base, abstract="新", items=(ItemDraft("a", "甲甲", "C"), ItemDraft("b", "乙", "C")))
    theirs = replace(base, contact="张三", items=(ItemDraft("a", "甲", "C"), ItemDraft("b", "乙", "D"), ItemDraft("c", "丙", "C")))
    found = differences(fingerprint(base), mine, theirs)
    assert [(one.path, one.word, one.changed_by) for one in found] == [
        ("abstract", "信息资源摘要", "mine"), ("contact", "联系人", "theirs"), ("items.a", "甲甲（a）", "mine"), ("items.b", "乙（b）", "theirs"),
        ("items.c", "丙（c）", "theirs"),
    ]  # fmt: skip
    merged = merge(mine, theirs, found, {})
    assert (merged.abstract, merged.contact, [(one.name, one.type) for one in merged.items]) == (
        "新", "张三", [("甲甲", "C"), ("乙", "D"), ("丙", "C")],
    )  # fmt: skip


def test_what_both_changed_is_the_persons_choice():
    base = EntryDraft(name="名", abstract="旧")
    mine, theirs = replace(base, abstract="甲"), replace(base, abstract="乙")
    found = differences(fingerprint(base), mine, theirs)
    assert [(one.changed_by, one.preferred) for one in found] == [(None, Side.MINE)]
    assert merge(mine, theirs, found, {"abstract": "theirs"}).abstract == "乙"
    assert merge(mine, theirs, found, {"abstract": "nonsense"}).abstract == "甲"


def test_a_removed_item_stays_removed_when_its_remover_is_chosen():
    base = EntryDraft(name="名", items=(ItemDraft("a", "甲", "C"), ItemDraft("b", "乙", "C")))
    mine, theirs = replace(base, items=base.items[:1]), replace(base, contact="x")
    found = differences(fingerprint(base), mine, theirs)
    assert merge(mine, theirs, found, {}).items == base.items[:1]
    assert merge(mine, theirs, found, {"items.b": "theirs"}).items == base.items
