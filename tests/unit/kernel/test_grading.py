# SPDX-License-Identifier: Apache-2.0
"""GB/T 43697-2024: whom data would harm and how badly decides its level (rule 41 of the law table)."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datong.kernel.grading import MATRIX, Grade, Harm, HarmedObject, grade, level, level_of
from datong.kernel.sharing import Level, highest

CELLS = {
    "national_security": "core core important",
    "economy": "core important general",
    "social_order": "core important general",
    "public_interest": "core important general",
    "organisation": "general general general",
    "individual": "general general general",
}


@pytest.mark.parametrize(("harmed", "harm"), list(product(HarmedObject, Harm)), ids=str)
def test_rule_41_each_cell_of_the_matrix(harmed, harm):
    assert grade(harmed, harm) == CELLS[harmed].split()[list(Harm).index(harm)]


@pytest.mark.parametrize(
    ("harmed", "harm", "wanted"),
    [
        (HarmedObject.NATIONAL_SECURITY, Harm.COMMON, Level.IMPORTANT),
        (HarmedObject.ECONOMY, Harm.EXTREME, Level.CORE),
        (HarmedObject.PUBLIC_INTEREST, Harm.COMMON, Level.GENERAL_4),
        (HarmedObject.INDIVIDUAL, Harm.EXTREME, Level.GENERAL_4),
        (HarmedObject.INDIVIDUAL, Harm.SERIOUS, Level.GENERAL_3),
        (HarmedObject.ORGANISATION, Harm.COMMON, Level.GENERAL_2),
    ],
)
def test_general_data_is_graded_further(harmed, harm, wanted):
    assert level(harmed, harm) == wanted


def test_every_object_has_a_row():
    assert set(MATRIX) == set(HarmedObject)


@given(st.tuples(st.sampled_from(HarmedObject), st.sampled_from(Harm)))
def test_the_step_stays_within_the_cell(cell):
    assert level(*cell).value.split("_")[0] == grade(*cell).value


@given(st.sampled_from(HarmedObject))
def test_worse_harm_is_never_graded_lower(harmed):
    levels = [level(harmed, harm) for harm in Harm]
    assert [highest(levels[place:]) for place in range(3)] == levels


@given(st.lists(st.tuples(st.sampled_from(HarmedObject), st.sampled_from(Harm))))
def test_the_highest_of_all_harms_holds(harms):
    found = level_of(harms)
    assert found == highest([Level.GENERAL_1, *(level(*one) for one in harms)])
    assert level_of([*harms, (HarmedObject.NATIONAL_SECURITY, Harm.EXTREME)]) == Level.CORE


def test_nothing_feared_is_the_lowest_level():
    assert level_of([]) == Level.GENERAL_1
    assert Grade.GENERAL.label == "一般数据"
