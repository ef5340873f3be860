# SPDX-License-Identifier: Apache-2.0
"""Grading of data: whom it would harm and how badly decides the level (GB/T 43697-2024).

Kept here: the matrix of the standard, cell by cell; general data is graded further by how badly it harms (Annex H).
Where several objects are harmed the highest level holds (就高从严). The steps within general data are the usual ones;
the standard leaves them to each field of work.
"""

from collections.abc import Iterable, Mapping

from datong.kernel.labels import Labelled
from datong.kernel.sharing import Level, highest


class HarmedObject(Labelled):
    """影响对象: whom a leak, a change or a loss of the data would harm."""

    NATIONAL_SECURITY = "national_security", "国家安全"
    ECONOMY = "economy", "经济运行"
    SOCIAL_ORDER = "social_order", "社会秩序"
    PUBLIC_INTEREST = "public_interest", "公共利益"
    ORGANISATION = "organisation", "组织权益"
    INDIVIDUAL = "individual", "个人权益"


class Harm(Labelled):
    """影响程度, from the worst."""

    EXTREME = "extreme", "特别严重危害"
    SERIOUS = "serious", "严重危害"
    COMMON = "common", "一般危害"


class Grade(Labelled):
    """The three levels of the matrix itself."""

    CORE = "core", "核心数据"
    IMPORTANT = "important", "重要数据"
    GENERAL = "general", "一般数据"


_NATION = (Grade.CORE, Grade.CORE, Grade.IMPORTANT)
_PUBLIC = (Grade.CORE, Grade.IMPORTANT, Grade.GENERAL)
_PRIVATE = (Grade.GENERAL, Grade.GENERAL, Grade.GENERAL)
MATRIX: Mapping[HarmedObject, tuple[Grade, Grade, Grade]] = {
    HarmedObject.NATIONAL_SECURITY: _NATION,
    HarmedObject.ECONOMY: _PUBLIC,
    HarmedObject.SOCIAL_ORDER: _PUBLIC,
    HarmedObject.PUBLIC_INTEREST: _PUBLIC,
    HarmedObject.ORGANISATION: _PRIVATE,
    HarmedObject.INDIVIDUAL: _PRIVATE,
}
"""Object to its grade by harm: extreme, serious, common (GB/T 43697-2024, the table of levels)."""
WITHIN_GENERAL: Mapping[Harm, Level] = {
    Harm.EXTREME: Level.GENERAL_4,
    Harm.SERIOUS: Level.GENERAL_3,
    Harm.COMMON: Level.GENERAL_2,
}
"""General data that harms no one is `GENERAL_1`."""


def grade(harmed: HarmedObject, harm: Harm) -> Grade:
    """Give the cell of the matrix."""
    return MATRIX[harmed][list(Harm).index(harm)]


def level(harmed: HarmedObject, harm: Harm) -> Level:
    """Give the level of data that would do this harm.

    General data that harms the economy, social order or the public gets the highest of its steps: it stands next to
    important data.
    """
    cell = grade(harmed, harm)
    if cell is not Grade.GENERAL:
        return Level(cell.value)
    return WITHIN_GENERAL[harm] if MATRIX[harmed] is _PRIVATE else Level.GENERAL_4


def level_of(harms: Iterable[tuple[HarmedObject, Harm]]) -> Level:
    """Give the highest level of all harms that are to be feared; of none, `GENERAL_1`."""
    return highest([Level.GENERAL_1, *(level(harmed, harm) for harmed, harm in harms)])
