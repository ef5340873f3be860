# SPDX-License-Identifier: Apache-2.0
"""Divisions and departments."""

import pytest

from datong.contexts.audit import face as audit
from datong.contexts.organisations import face as organisations
from datong.contexts.organisations import usecases
from datong.kernel.actors import SYSTEM, Role
from datong.kernel.errors import Conflict, Malformed, Refused, Unknown
from factories.organisations import a_department, a_uscc, an_officer, some_regions

pytestmark = pytest.mark.django_db


def test_the_shipped_divisions_are_loaded_once():
    assert usecases.seed_regions() > 3000
    assert usecases.seed_regions() == 0
    tree = {one.code: one for one in organisations.region_tree()}
    assert tree["330102"].parent == "330100"
    assert tree["330100"].parent == "330000"
    assert tree["330000"].parent == "100000"
    assert tree["100000"].parent == ""
    assert all(one.parent in tree for one in tree.values() if one.parent)


def test_a_renamed_division_is_brought_up_to_date():
    some_regions()
    assert usecases.seed_regions() > 3000
    assert organisations.region("330105").name == "拱墅区"
    assert len(audit.acts(tag="organisations.regions.seeded")) == 1


def test_a_department_stands_in_its_division_and_its_line():
    some_regions()
    ministry = a_department("测试部", region="100000")
    admin = an_officer(roles=[Role.SYSADMIN])
    made = usecases.create_department(
        a_uscc(), "  浙江省测试厅 ", by=admin, region="330000", short_name="测试厅", parent=ministry.uscc
    )
    assert (made.name, made.region_name, made.parent) == ("浙江省测试厅", "浙江省", ministry.uscc)
    assert organisations.department(made.uscc) == made
    assert audit.acts(subject=made.uscc)[0].account == admin.account


def test_everything_wrong_is_told_at_once():
    some_regions()
    with pytest.raises(Malformed) as refused:
        usecases.create_department("123", "\u202ex", by=SYSTEM, region="999999", kind="club", parent="nobody")
    assert set(refused.value.fields) == {"uscc", "name", "region", "kind", "parent"}


@pytest.mark.parametrize("name", ["", "一", "x" * 101, "a\x00b", "换\n行", "\ud800\ud800"])
def test_a_name_is_one_clean_line(name):
    some_regions()
    with pytest.raises(Malformed) as refused:
        usecases.create_department(a_uscc(), name, by=SYSTEM, region="330000")
    assert "name" in refused.value.fields


def test_code_and_name_are_taken_once():
    first = a_department("同名厅")
    with pytest.raises(Conflict) as refused:
        usecases.create_department(first.uscc, "同名厅", by=SYSTEM, region="330000")
    assert set(refused.value.fields) == {"uscc", "name"}
    with pytest.raises(Conflict):
        usecases.create_department(a_uscc(), "同名厅", by=SYSTEM, region="330000")


def test_names_are_compared_in_one_normal_form():
    a_department("Cafe\u0301 局")
    with pytest.raises(Conflict):
        usecases.create_department(a_uscc(), "Caf\u00e9 局", by=SYSTEM, region="330000")


def test_only_the_administrator_creates():
    some_regions()
    with pytest.raises(Refused):
        usecases.create_department(a_uscc(), "某厅", by=an_officer(roles=[Role.AUTHORITY]), region="330000")


@pytest.mark.parametrize("uscc", ["", "x", "a\x00", "\ud800"])
def test_an_unknown_department(uscc):
    with pytest.raises(Unknown):
        organisations.department(uscc)
