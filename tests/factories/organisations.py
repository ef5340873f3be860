# SPDX-License-Identifier: Apache-2.0
"""People and places for tests, made by the use cases that people would use."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count

from datong.contexts.organisations import queries, usecases
from datong.contexts.organisations.domain import ROOT, DepartmentView, Level
from datong.contexts.organisations.models import Account, Appointment, Department, Region
from datong.kernel.actors import SYSTEM, Officer, Role
from datong.kernel.identifiers import uscc_check_digit

PASSWORD = "correct-Horse-7-battery"
_numbers = count(1)
_DIVISIONS = (
    ROOT.code, "330000", "330100", "330102", "330105", "330200", "110000", "420000", "420100",
)  # fmt: skip


def a_uscc(number: int | None = None, region: str = "330000") -> str:
    """A credit code of a government body that checks."""
    first = f"11{region}{next(_numbers) if number is None else number:09d}"
    return first + uscc_check_digit(first)


def some_regions() -> None:
    """The few divisions tests stand on; `seed_regions` loads all of them."""
    if Region.objects.filter(code=ROOT.code).exists():
        return
    Region.objects.bulk_create([Region(code=code, name=_name(code), parent_id=_above(code), level=_level(code)) for code in _DIVISIONS])


def a_department(name: str | None = None, *, region: str = "330000", parent: str = "", kind: str = "department") -> DepartmentView:
    """A department; the same name gives the same department again."""
    some_regions()
    name = name or f"测试部门{next(_numbers)}"
    known = Department.objects.filter(name=name).values_list("pk", flat=True).first()
    if known:
        return queries.department(known)
    return usecases.create_department(a_uscc(region=region), name, by=SYSTEM, region=region, parent=parent, kind=kind)


def an_account(
    username: str | None = None, *, roles: Iterable[Role | str] = (), department: DepartmentView | str | None = None, password: str = PASSWORD
) -> Account:
    """An account that has changed its first password; `password` signs in."""
    username = username or f"officer{next(_numbers)}"
    uscc = department.uscc if isinstance(department, DepartmentView) else department or ""
    made = usecases.create_account(username, f"测试{username}", by=SYSTEM, department=uscc)
    for role in roles:
        usecases.appoint(username, role, by=SYSTEM)
    return usecases.change_password(made.password, password, by=queries.officer_of(made.account.pk))


def an_officer(
    username: str | None = None, *, roles: Iterable[Role | str] = (), department: DepartmentView | str | None = None
) -> Officer:
    """An officer with an account; a role that acts for a department gets one when none is named."""
    held = [Role(role) for role in roles]
    if department is None and any(role not in (Role.SYSADMIN, Role.SECURITY, Role.AUDITOR) for role in held):
        department = a_department()
    return queries.officer_of(an_account(username, roles=held, department=department).pk)


def staffed(officer: Officer) -> Officer:
    """An officer whose post is held by an active account of that name; no act is recorded and nobody can sign in."""
    account, _ = Account.objects.get_or_create(
        username=officer.account, defaults={"name": officer.name, "department_id": officer.department or None, "password": "!"}
    )
    for role in officer.roles:
        Appointment.objects.get_or_create(account=account, role=role.value, defaults={"appointed_by": SYSTEM.account})
    return officer


def an_application(*, by: Officer | None = None, name: str | None = None, public_key: str = "") -> usecases.Registered:
    """An application with a fresh key pair, of `by`'s department; its private key is in the answer."""
    by = by or an_officer(roles=[Role.APPLICANT])
    name = name or f"测试应用{next(_numbers)}"
    return usecases.register_application(name, by=by, responsible=by.name, address="10.0.0.1", public_key=public_key)


def _name(code: str) -> str:
    names = {"330000": "浙江省", "330100": "杭州市", "110000": "北京市", "420000": "湖北省", "420100": "武汉市", "330200": "宁波市"}
    return ROOT.name if code == ROOT.code else names.get(code, f"区划{code}")


def _above(code: str) -> str | None:
    if code == ROOT.code:
        return None
    if code.endswith("0000"):
        return ROOT.code
    return f"{code[:2]}0000" if code.endswith("00") else f"{code[:4]}00"


def _level(code: str) -> str:
    if code == ROOT.code:
        return Level.NATIONAL
    return Level.PROVINCE if code.endswith("0000") else Level.CITY if code.endswith("00") else Level.COUNTY
