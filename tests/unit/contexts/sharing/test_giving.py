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
def test_bands_are_offered_for_numbers_and_forms_for_texts_and_the_rest_for_all(kind):
    found = offered(kind)
    assert {mask for mask in giving.BY_KIND if Mask.parse(mask).suits(kind)} | set(giving.MASKS) == found.keys()
    assert ("band:1000" in found, "format:digits" in found) == (kind in "NYBIF", kind in "CMGI")


def test_what_a_way_leaves_is_shown():
    assert offered("Y")["band:1000"] == "[12000,13000)"
    assert offered("F")["band:10"] == "[12340,12350)"
    assert offered("C")["null"] == "—"
    assert offered("F")["partial:3:4"] == "***"


def test_what_was_chosen_by_other_ways_stays_chosen():
    assert offered("C", name="手机号码")["format:digits"].isdigit()
    assert len(offered("C", name="身份证号")["format:resident_id"]) == 18
    assert offered("C", "partial:2:2")["partial:2:2"]
    assert offered("N", "band:7")["band:7"] == "[12341,12348)"
    assert offered("N", "blur")["blur"] == ""
