# SPDX-License-Identifier: Apache-2.0
"""The inventory behind the catalogue: duties (权责), information systems, data elements.

Kept here: duty, then system, then resource; what has no entry is a gap that the report names.
"""

from dataclasses import dataclass

from datong.kernel.labels import Labelled


class SystemOrigin(Labelled):
    """Who built an information system."""

    OWN = "own", "自建"
    NATIONAL = "national", "国家统建"
    PROVINCIAL = "provincial", "省级统建"
    MUNICIPAL = "municipal", "市级统建"
    COUNTY = "county", "县级统建"


@dataclass(frozen=True, slots=True)
class SystemDraft:
    """An information system as handed in.

    Attributes:
        duties: Primary keys of the duties it serves.
        resources: Codes of the resources it feeds.
    """

    name: str = ""
    origin: str = SystemOrigin.OWN.value
    description: str = ""
    duties: tuple[int, ...] = ()
    resources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DutyDraft:
    """A duty as handed in: what the department has to do, and by which law."""

    name: str = ""
    basis: str = ""
    resources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Gap:
    """A duty or a system without a published entry.

    Attributes:
        kind: duty or system.
        why: What is missing, in both languages.
    """

    kind: str
    key: int
    name: str
    department: str
    department_name: str
    why: str


@dataclass(frozen=True, slots=True)
class Completeness:
    """How much of the inventory of a department has an entry."""

    systems: int
    duties: int
    gaps: tuple[Gap, ...]

    @property
    def covered(self) -> int:
        """Duties and systems with an entry."""
        return self.systems + self.duties - len(self.gaps)

    @property
    def percent(self) -> int:
        """Share that has an entry, in whole percent, rounded down; 100 where there is nothing to cover."""
        total = self.systems + self.duties
        return 100 * self.covered // total if total else 100
