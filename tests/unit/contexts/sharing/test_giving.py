# SPDX-License-Identifier: Apache-2.0
"""Ways of giving an item: those made for its type, each with what it leaves of a made-up value."""

from types import SimpleNamespace

import pytest

from datong.contexts.sharing.pages import giving
from datong.kernel.masks import Mask
from datong.kernel.sharing import ItemType


def offered(kind, chosen="none", name="项"):
    return dict(giving._previews(SimpleNamespace(name=name, type=kind), chosen))


@pytest.mark.parametrize("kind", list(ItemType))
def test_bands_are_offered_for_numbers_alone_and_the_rest_for_all(kind):
    found = offered(kind)
    assert {mask for mask in found if mask.startswith("band:")} == (set(giving.BANDS) if Mask.parse("band:10").suits(kind) else set())
    assert set(giving.MASKS) <= found.keys()


def test_what_a_way_leaves_is_shown():
    assert offered("Y")["band:1000"] == "[12000,13000)"
    assert offered("F")["band:10"] == "[12340,12350)"
    assert offered("C")["null"] == "—"
    assert offered("F")["partial:3:4"] == "***"


def test_what_was_chosen_by_other_ways_stays_chosen():
    assert offered("C", "partial:2:2")["partial:2:2"]
    assert offered("N", "band:7")["band:7"] == "[12341,12348)"
    assert offered("N", "blur")["blur"] == ""
