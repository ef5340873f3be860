# SPDX-License-Identifier: Apache-2.0
"""Whatever item the catalogue takes, the engine can land."""

from hypothesis import given
from hypothesis import strategies as st

from datong.contexts.catalog.domain.entries import EntryDraft, ItemDraft
from datong.contexts.catalog.domain.shapes import FIELD, check_shape
from datong.engine.base import Column, Schema
from datong.kernel.errors import Malformed
from datong.kernel.sharing import ItemType

numbers = st.none() | st.integers(-2, 45)
items = st.builds(
    ItemDraft,
    field=st.from_regex(FIELD, fullmatch=True) | st.sampled_from(["", "_a", "A", "中文", "a b", "a\n"]),
    name=st.just("项"),
    type=st.sampled_from([letter.value for letter in ItemType]),
    length=numbers | st.just(2**31 - 1),
    precision=numbers,
    key=st.booleans(),
    nullable=st.booleans(),
)


def taken(item):
    try:
        check_shape(EntryDraft(name="目录", items=(item,)))
    except Malformed:
        return False
    return True


@given(items)
def test_an_item_the_catalogue_takes_makes_a_column(item):
    if taken(item):
        column = Column(item.field, ItemType(item.type), item.length, item.nullable, item.key, item.precision)
        assert Schema((column,)).fields == (item.field,)
