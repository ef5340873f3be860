# SPDX-License-Identifier: Apache-2.0
"""The difference of two versions: complete, empty only for equals, mirrored when turned round."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from datong.contexts.catalog.domain import EntryDraft, ItemDraft
from datong.contexts.catalog.domain.diffs import ChangeKind, diff
from factories.catalog import a_draft

ITEM = st.builds(
    ItemDraft, field=st.sampled_from("abcdef"), name=st.sampled_from(["姓名", "号码"]), length=st.sampled_from([None, 18]),
)  # fmt: skip
ITEMS = st.lists(ITEM, unique_by=lambda item: item.field, max_size=6).map(tuple)
ENTRIES = st.builds(EntryDraft, name=st.sampled_from(["甲", "乙"]), sharing_use=st.sampled_from([(), ("reference",)]), items=ITEMS)


@given(ENTRIES)
def test_equals_do_not_differ(entry):
    assert diff(entry, entry).empty


@given(ENTRIES, ENTRIES)
def test_only_equals_do_not_differ(old, new):
    assert diff(old, new).empty == (old == new)


@given(ENTRIES, ENTRIES)
def test_turned_round_added_is_removed(old, new):
    there, back = diff(old, new), diff(new, old)
    kinds = {ChangeKind.ADDED: ChangeKind.REMOVED, ChangeKind.REMOVED: ChangeKind.ADDED}
    assert {(kinds.get(one.kind, one.kind), one.field) for one in there.items} == {(one.kind, one.field) for one in back.items}
    assert [(one.field, one.after, one.before) for one in there.fields] == [(one.field, one.before, one.after) for one in back.fields]


def test_each_change_is_told():
    old = a_draft()
    first, second, third, *rest = old.items
    new = replace(old, update_cycle="weekly", items=(replace(first, length=20), replace(third), *rest, ItemDraft("phone", "电话", "C")))
    found = diff(old, new)
    assert [(one.field, one.before, one.after) for one in found.fields] == [("update_cycle", "daily", "weekly")]
    kinds = {one.field: one.kind for one in found.items}
    assert (kinds["resident_id"], kinds[second.field], kinds["phone"]) == (ChangeKind.CHANGED, ChangeKind.REMOVED, ChangeKind.ADDED)
    assert [(one.field, one.before, one.after) for one in found.items[1].changes] == [("length", 18, 20)]


def test_an_item_that_only_stands_elsewhere_is_moved():
    old = a_draft()
    new = replace(old, items=(old.items[1], old.items[0], *old.items[2:]))
    assert {(one.kind, one.field) for one in diff(old, new).items} == {(ChangeKind.MOVED, "name"), (ChangeKind.MOVED, "resident_id")}
