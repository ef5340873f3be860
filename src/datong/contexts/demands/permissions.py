# SPDX-License-Identifier: Apache-2.0
"""Who may demand, consent, assign and answer: each check names the rule, who decides and what to do next.

Kept here: a department's head stands behind a demand (809 art. 20); the authority of the demander's region says who has to
supply; nobody consents to his own demand.
"""

from datong.kernel.actors import Officer, Role
from datong.kernel.checks import answerable
from datong.kernel.errors import Refused

RULE_20 = "政务数据共享条例第二十条"
RULE_DEMAND = "国办发〔2021〕6号供需对接机制"
ANSWERERS = (Role.COMPILER, Role.PROVIDER_HEAD)
DEMANDERS = (Role.APPLICANT, Role.CONSUMER_HEAD)
OVERSEERS = (Role.AUDITOR,)


@answerable
def check_may_demand(by: Officer) -> None:
    """Check that an officer applies for a department.

    Raises:
        Refused: Not an applicant, or of no department.
    """
    if not by.holds(Role.APPLICANT) or not by.department:
        raise Refused(
            "数据需求由本部门的共享申请人提出 (demands are made by a department's applicant)",
            remedy="请本部门系统管理员授予“共享申请人”角色 (ask for the role of applicant)",
            rule=RULE_20,
        )


@answerable
def check_is_demander(by: Officer, department: str) -> None:
    """Check that an officer is applicant of the department that demands.

    Raises:
        Refused: Anyone else.
    """
    check_may_demand(by)
    if by.department != department:
        raise Refused(
            "需求只能由提出部门办理 (a demand is handled by the department that made it)",
            remedy="请联系提出部门 (ask that department)",
            rule=RULE_20,
        )


@answerable
def check_may_withdraw(by: Officer, department: str) -> None:
    """Check that an officer may take back a demand of his department.

    Raises:
        Refused: Neither applicant nor head of it.
    """
    if by.department != department or not by.holds(*DEMANDERS):
        raise Refused(
            "需求只能由提出部门撤回 (only the department that made a demand withdraws it)",
            remedy="请联系提出部门 (ask that department)",
            rule=RULE_20,
        )


@answerable
def check_may_endorse(by: Officer, department: str, made_by: frozenset[str]) -> None:
    """Check that an officer heads the department that demands and did not write the demand.

    Raises:
        Refused: Another role or department, or the applicant himself.
    """
    if not by.holds(Role.CONSUMER_HEAD) or by.department != department:
        raise Refused(
            "需求须经本部门负责人同意 (the consumer's head endorses)",
            remedy="等待本部门负责人处理 (wait for the head)",
            rule=RULE_20,
        )
    if by.had_a_hand(made_by):
        raise Refused(
            "申请人不能同意自己的需求 (nobody endorses an own demand)",
            remedy="请本部门另一位负责人处理 (ask another head of the department)",
            rule=RULE_20,
        )


@answerable
def check_may_review(by: Officer, region: str) -> None:
    """Check that an officer is the authority of the demander's region.

    Raises:
        Refused: Anyone else.
    """
    if not by.holds(Role.AUTHORITY) or by.region != region:
        raise Refused(
            "需求由提出部门同级的数据共享主管部门匹配、分派 (the authority of the region matches and assigns)",
            remedy="等待主管部门处理 (wait for the authority)",
            rule=RULE_DEMAND,
        )


@answerable
def check_may_answer(by: Officer, department: str) -> None:
    """Check that an officer answers for the responsible department.

    Raises:
        Refused: Neither compiler nor head of it.
    """
    if not department or by.department != department or not by.holds(*ANSWERERS):
        raise Refused(
            "需求由责任部门的目录编制人或者负责人答复 (the responsible department's compiler or head answers)",
            remedy="等待责任部门答复 (wait for that department)",
            rule=RULE_DEMAND,
        )


def sees_all(by: Officer) -> bool:
    """Tell whether an officer sees every demand that left its department."""
    return by.holds(*OVERSEERS)
