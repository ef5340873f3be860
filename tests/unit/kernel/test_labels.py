# SPDX-License-Identifier: Apache-2.0
"""Labelled enumerations: English inside, Chinese outside, one label a member."""

import json

import pytest

from datong.kernel.actors import Role
from datong.kernel.codes import Category
from datong.kernel.labels import choices
from datong.kernel.sharing import KINDS, LABELS, SharingType


@pytest.mark.parametrize("kind", [*KINDS, Role, Category])
def test_every_member_has_a_label_of_its_own(kind):
    labels = [member.label for member in kind]
    assert all(labels)
    assert len(set(labels)) == len(labels)
    assert not any(label.isascii() for label in labels)


@pytest.mark.parametrize("kind", KINDS)
def test_every_member_stands_in_the_table(kind):
    assert LABELS[kind] == {member: member.label for member in kind}


def test_a_member_is_its_value():
    assert SharingType("withheld") is SharingType.WITHHELD
    assert SharingType.WITHHELD == "withheld"
    assert json.dumps(SharingType.WITHHELD) == '"withheld"'
    assert f"{SharingType.WITHHELD}" == "withheld"


def test_an_unknown_value_is_refused():
    with pytest.raises(ValueError, match="sometimes"):
        SharingType("sometimes")


def test_choices_are_pairs_in_order():
    assert choices(SharingType) == [
        ("unconditional", "无条件共享"),
        ("conditional", "有条件共享"),
        ("withheld", "不予共享"),
    ]
