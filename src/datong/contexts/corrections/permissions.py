# SPDX-License-Identifier: Apache-2.0
"""Who may report, answer, rate, recall and give a receipt: each check names the rule, who decides and the next step.

Kept here: whoever finds an error reports it, only the provider answers (809 art. 26); what a report says of a person is
read by reporter and provider alone, those who supervise see that it was said.
"""

from datong.kernel.actors import Officer, Role
from datong.kernel.checks import answerable
from datong.kernel.corrections import RULE_26
from datong.kernel.errors import Refused

ANSWERERS = (Role.COMPILER, Role.PROVIDER_HEAD)
CONSUMERS = (Role.APPLICANT, Role.CONSUMER_HEAD)
OVERSEERS = (Role.AUTHORITY, Role.AUDITOR, Role.SECURITY)
RECALL_RULE = "GB/T 39477-2020 6.1.4.4"


@answerable
def check_may_report(by: Officer, provider: str) -> None:
    """Check that an officer may report an error in a provider's resource.

    Raises:
        Refused: Of no department, or of the provider itself.
    """
    if not by.department:
        raise Refused(
            "校核由使用数据的部门提出 (errors are reported by departments)",
            remedy="用部门账号登录后提出 (sign in with an account of a department)",
            rule=RULE_26,
        )
    if by.department == provider:
        raise Refused(
            "本部门提供的数据直接更正，不必提出校核 (the provider corrects its own data at once)",
            remedy="挂接更正后的数据，或者起草目录新版本 (attach the corrected data, or write a new version of the entry)",
            rule=RULE_26,
        )


@answerable
def check_may_answer(by: Officer, provider: str) -> None:
    """Check that an officer verifies reports for the provider.

    Raises:
        Refused: Neither compiler nor head of it.
    """
    if by.department != provider or not by.holds(*ANSWERERS):
        raise Refused(
            "校核由数据提供部门核实、更正并反馈 (the provider verifies and corrects)",
            remedy="等待提供部门在10个工作日内答复 (wait for the provider: 10 working days)",
            rule=RULE_26,
        )


@answerable
def check_is_reporter(by: Officer, department: str) -> None:
    """Check that an officer is of the department that reported.

    Raises:
        Refused: Of another one.
    """
    if not by.department or by.department != department:
        raise Refused(
            "只有提出校核的部门可以办理 (only the department that reported may do this)",
            remedy="请联系提出部门 (ask that department)",
            rule=RULE_26,
        )


@answerable
def check_may_recall(by: Officer, provider: str) -> None:
    """Check that an officer may recall data his department delivered.

    Raises:
        Refused: Not the provider's head.
    """
    if by.department != provider or not by.holds(Role.PROVIDER_HEAD):
        raise Refused(
            "数据召回由提供部门负责人决定 (the provider's head recalls data)",
            remedy="请提供部门负责人办理 (ask the provider's head)",
            rule=RECALL_RULE,
        )


@answerable
def check_may_acknowledge(by: Officer, department: str) -> None:
    """Check that an officer may say what became of recalled data at his department.

    Raises:
        Refused: Of another department, or in no role of a consumer.
    """
    if by.department != department or not by.holds(*CONSUMERS):
        raise Refused(
            "召回回执由收到数据的部门的申请人或者负责人出具 (the receipt is given by the applicant or head of that department)",
            remedy="请该部门办理 (ask that department)",
            rule=RECALL_RULE,
        )


def sees_all(by: Officer) -> bool:
    """Tell whether an officer sees every report and recall of the node."""
    return by.holds(*OVERSEERS)


def sees_values(by: Officer, reporter: str, provider: str) -> bool:
    """Tell whether an officer reads the values a report names: those of its two sides."""
    return bool(by.department) and (by.department == reporter or (by.department == provider and by.holds(*ANSWERERS)))
