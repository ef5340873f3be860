# SPDX-License-Identifier: Apache-2.0
"""Who may change what in organisations, and who sees more than the own department; everything else is refused."""

from __future__ import annotations

from datong.kernel.actors import SYSTEM, Officer, Role
from datong.kernel.errors import Refused

WATCHES = frozenset({Role.SYSADMIN, Role.SECURITY, Role.AUDITOR})
RESPONSIBLE = frozenset({Role.APPLICANT, Role.CONSUMER_HEAD})


def sees_all_accounts(by: Officer) -> bool:
    """Tell whether an officer sees the accounts of every department (the node's own command line does too)."""
    return by == SYSTEM or by.holds(*WATCHES)


def sees_all_applications(by: Officer) -> bool:
    """Tell whether an officer sees the applications of every department."""
    return by.holds(*WATCHES, Role.AUTHORITY)


def check_administers(by: Officer) -> None:
    """Check that departments, accounts and roles are this officer's to manage (the node's own command line's too).

    Raises:
        Refused: Not a system administrator.
    """
    if by != SYSTEM and not by.holds(Role.SYSADMIN):
        raise Refused(
            "departments, accounts and roles are managed by the system administrator",
            remedy=f"ask the {Role.SYSADMIN.label}",
        )


def check_appoints(by: Officer, account: str) -> None:
    """Check that an officer may give or take a role of an account.

    Raises:
        Refused: Not a system administrator, or the own account.
    """
    check_administers(by)
    if by.had_a_hand({account}):
        raise Refused("nobody changes the roles of the own account", remedy="ask another system administrator")


def check_suspends_accounts(by: Officer, account: str) -> None:
    """Check that an officer may suspend or restore an account.

    Raises:
        Refused: Neither system administrator nor security officer, or the own account.
    """
    if not by.holds(Role.SECURITY):
        check_administers(by)
    if by.had_a_hand({account}):
        raise Refused("nobody suspends or restores the own account")


def check_keeps_applications(by: Officer, department: str) -> None:
    """Check that the applications of a department are this officer's to keep.

    Raises:
        Refused: Not an applicant or head of that department.
    """
    if not by.department or by.department != department or not by.holds(*RESPONSIBLE):
        names = "、".join(sorted(role.label for role in RESPONSIBLE))
        raise Refused(f"applications are kept by {names} of their department", remedy=f"ask one of {names}")


def check_suspends_application(by: Officer, department: str) -> None:
    """Check that an officer may stop an application: those who keep it, and the security officer at any time.

    Raises:
        Refused: Neither.
    """
    if not by.holds(Role.SECURITY):
        check_keeps_applications(by, department)


def check_restores_application(by: Officer) -> None:
    """Check that an officer may let a stopped application work again.

    Raises:
        Refused: Not the security officer.
    """
    if not by.holds(Role.SECURITY):
        raise Refused("a suspended application is restored by the security officer", remedy=f"ask the {Role.SECURITY.label}")


def check_keeps_calendar(by: Officer) -> None:
    """Check that the working calendar is this officer's to change.

    Raises:
        Refused: Neither authority nor system administrator.
    """
    if not by.holds(Role.AUTHORITY):
        try:
            check_administers(by)
        except Refused:
            raise Refused(
                "the working calendar is kept by the authority or the system administrator",
                remedy=f"ask the {Role.AUTHORITY.label}",
            ) from None


def check_delegates(own: frozenset[Role], roles: frozenset[Role]) -> None:
    """Check that an officer may let another do his work in some roles.

    Args:
        own: Roles he was appointed to; what is lent to him he cannot lend on.
        roles: Roles he would lend.

    Raises:
        Refused: A role of 三员 (GB/T 39477-2020), or one he does not hold himself.
    """
    never = roles & WATCHES
    if never:
        names = "、".join(sorted(role.label for role in never))
        raise Refused(
            f"{names}不得授权他人代办 (the three administrators have no deputies)",
            fields={"roles": "三员不得代办 (never of 三员)"},
            remedy="请系统管理员另行任命 (have another account appointed)",
            rule="GB/T 39477-2020",
        )
    if not roles <= own:
        names = "、".join(sorted(role.label for role in roles - own))
        raise Refused(
            f"只能授权自己担任的角色，您不担任：{names} (only roles you were appointed to can be delegated)",
            fields={"roles": "自己担任的角色 (a role you hold)"},
            remedy="代他人办理的角色不能再转授 (what is lent cannot be lent on)",
        )


def check_ends_delegation(by: Officer, principal: str) -> None:
    """Check that an officer may end a delegation: the one whose work it is, and the security officer.

    Raises:
        Refused: Anyone else.
    """
    if by.account != principal and not by.holds(Role.SECURITY):
        raise Refused(
            "代办由授权人本人或者安全保密员结束 (a delegation is ended by the one who gave it or the security officer)",
            remedy="请授权人办理 (ask the one who gave it)",
        )
