# SPDX-License-Identifier: Apache-2.0
"""Who may attach data and who may read of its use.

Kept here: only the provider attaches (谁主管谁提供谁负责); use records are read by both sides of a grant and by
those who supervise (Order 809 art. 29).
"""

from __future__ import annotations

from datong.kernel.actors import Officer, Role
from datong.kernel.checks import answerable
from datong.kernel.errors import Refused

SUPERVISORS = frozenset({Role.AUTHORITY, Role.AUDITOR, Role.SECURITY})
CONSUMERS = frozenset({Role.APPLICANT, Role.CONSUMER_HEAD})
PROVIDERS = frozenset({Role.COMPILER, Role.PROVIDER_HEAD})


@answerable
def check_may_attach(by: Officer, provider: str) -> None:
    """Attaching belongs to the provider's compiler.

    Raises:
        Refused: the officer is no compiler of the providing department.
    """
    if by.department != provider or not by.holds(Role.COMPILER):
        raise Refused(
            "挂接数据由提供部门的目录编制人办理 (attaching data belongs to a compiler of the providing department)",
            rule="谁主管谁提供谁负责，政务数据共享条例第十八条 (Order 809 art. 18)",
            remedy="请提供部门的目录编制人办理 (ask a compiler of the provider)",
        )


@answerable
def check_may_take_profile(by: Officer, consumer: str) -> None:
    """Taking the profile file of a grant belongs to the department it was given to.

    Raises:
        Refused: anyone else.
    """
    if by.department != consumer or not by.holds(*CONSUMERS):
        raise Refused(
            "凭证文件由需求部门领取 (the profile file is for the department the grant was given to)",
            rule="政务数据共享条例第二十五条 (Order 809 art. 25)",
            remedy="请需求部门的申请人办理 (ask an applicant of the consumer)",
        )


@answerable
def check_may_try(by: Officer, consumer: str) -> None:
    """Trying a grant is a call of the consumer's application, so it belongs to the consumer's people.

    Raises:
        Refused: anyone else.
    """
    if by.department != consumer or not by.holds(*CONSUMERS):
        raise Refused(
            "试调用由使用部门办理 (trying a grant belongs to the department it was given to)",
            rule="政务数据共享条例第二十五条 (Order 809 art. 25)",
            remedy="请使用部门的申请人办理 (ask an applicant of the consumer)",
        )


def sees_all_use(by: Officer) -> bool:
    """Whether the officer reads every use record of the node."""
    return by.holds(*SUPERVISORS)


def sees_own_use(by: Officer) -> bool:
    """Whether the officer reads what the own department's applications called."""
    return bool(by.department) and by.holds(*CONSUMERS)


def sees_provided(by: Officer) -> bool:
    """Whether the officer reads batches and calls of the resources that the own department provides."""
    return bool(by.department) and by.holds(*PROVIDERS)


def scope_of_use(by: Officer) -> str:
    """Which use records the officer reads: `node` (all), `both`, `used`, `provided` (by or from the own department), or none."""
    if sees_all_use(by):
        return "node"
    return {(True, True): "both", (True, False): "used", (False, True): "provided"}.get(
        (sees_own_use(by), sees_provided(by)), ""
    )  # fmt: skip


@answerable
def check_may_answer_drift(by: Officer, provider: str) -> None:
    """Saying what will be done about a difference belongs to the provider's compiler or head.

    Raises:
        Refused: anyone else.
    """
    if by.department != provider or not by.holds(Role.COMPILER, Role.PROVIDER_HEAD):
        raise Refused(
            "目录与数据不一致由提供部门核实整改 (the provider answers for the difference between entry and data)",
            rule="政务数据共享条例第十八条 (Order 809 art. 18)",
            remedy="请提供部门的目录编制人或者负责人办理 (ask the provider)",
        )


@answerable
def check_may_dismiss_drift(by: Officer, region: str) -> None:
    """Dismissing a case belongs to the authority of the region.

    Raises:
        Refused: anyone else.
    """
    if not by.holds(Role.AUTHORITY) or by.region != region:
        raise Refused(
            "是否免予整改由同级数据共享主管部门决定 (the authority decides that nothing has to be mended)",
            rule="政务数据共享条例第二十九条 (Order 809 art. 29)",
            remedy="请同级主管部门决定 (ask the authority)",
        )
