# SPDX-License-Identifier: Apache-2.0
"""Actors: who does something, for which department, in which roles.

Kept here: an `Officer` is a value taken when a request begins, so a rule never reads a database to learn who asks.
The three administrators (三员) exclude one another in pairs (GB/T 39477-2020: managing, operating and auditing are
separate): no account is two of system administrator, security officer and auditor. A deputy (授权代办) acts with his own
hands and with those of whom he stands for: whoever of them had a hand in a matter, it was his.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

from datong.kernel.errors import Refused
from datong.kernel.labels import Labelled


class Role(Labelled):
    """What a person may be in this node."""

    COMPILER = "provider_compiler", "目录编制人"
    PROVIDER_HEAD = "provider_head", "提供方负责人"
    APPLICANT = "consumer_applicant", "共享申请人"
    CONSUMER_HEAD = "consumer_head", "需求方负责人"
    AUTHORITY = "authority", "数据共享主管部门"
    AUDITOR = "auditor", "安全审计员"
    SECURITY = "security_officer", "安全保密员"
    SYSADMIN = "system_administrator", "系统管理员"


EXCLUSIVE: frozenset[frozenset[Role]] = frozenset(
    frozenset(pair) for pair in combinations((Role.SYSADMIN, Role.SECURITY, Role.AUDITOR), 2)
)


def check_exclusive(roles: Iterable[Role]) -> None:
    """Check that an account holds at most one of the three administrators.

    Raises:
        Refused: Two of 三员 in one account (GB/T 39477-2020).
    """
    held = frozenset(roles)
    for pair in EXCLUSIVE:
        if pair <= held:
            names = "、".join(sorted(role.label for role in pair))
            raise Refused(
                f"one account cannot hold {' and '.join(sorted(pair))} ({names})",
                fields={"roles": "exclusive roles"},
                remedy="give the roles to different accounts",
                rule="GB/T 39477-2020",
            )


@dataclass(frozen=True, slots=True)
class Officer:
    """A person at work, as every use case receives it in `by`.

    Attributes:
        account: Sign-in name, unique in the node.
        name: Name of the person.
        department: Unified social credit code of the department, "" for none.
        department_name: Name of the department.
        region: Six-digit division code of the department, "" for none.
        roles: Roles held, those of the accounts he acts for among them.
        acting_for: Accounts whose work he does today as their deputy.
    """

    account: str
    name: str
    department: str
    department_name: str
    region: str
    roles: frozenset[Role] = frozenset()
    acting_for: frozenset[str] = frozenset()

    @property
    def hands(self) -> frozenset[str]:
        """The own account and those he acts for."""
        return self.acting_for | {self.account}

    def had_a_hand(self, accounts: Iterable[str]) -> bool:
        """Tell whether he, or one he acts for, is among those who did something before."""
        return not self.hands.isdisjoint(accounts)

    def holds(self, *roles: Role) -> bool:
        """Tell whether at least one of `roles` is held."""
        return not self.roles.isdisjoint(roles)


SYSTEM = Officer(account="system", name="系统", department="", department_name="", region="")
