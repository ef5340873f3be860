# SPDX-License-Identifier: Apache-2.0
"""Who may do what to an entry: each check is one sentence naming the rule, who decides and what to do next.

Kept here: an entry belongs to its department; its head consents and is never the one who compiled it (809 art. 13); the
authority of the same region reviews (809 art. 16). Checks take values, so that a page may ask them as well.
"""

from datong.kernel.actors import Officer, Role
from datong.kernel.checks import answerable
from datong.kernel.errors import Refused

RULE_13 = "政务数据共享条例第十三条"
RULE_16 = "政务数据共享条例第十六条"
RULE_17 = "政务数据共享条例第十七条"
RULE_19 = "政务数据共享条例第十九条"
RULE_27 = "政务数据共享条例第二十七条"


@answerable
def check_may_compile(by: Officer) -> None:
    """Check that an officer compiles for a department.

    Raises:
        Refused: Not a compiler, or of no department.
    """
    if not by.holds(Role.COMPILER) or not by.department:
        raise Refused(
            "目录由数据提供部门的目录编制人编制 (entries are compiled by a department's compiler)",
            remedy="请本部门系统管理员授予“目录编制人”角色 (ask for the role of compiler)",
            rule=RULE_13,
        )


@answerable
def check_may_edit(by: Officer, provider: str) -> None:
    """Check that an officer compiles the entries of this provider.

    Raises:
        Refused: Not a compiler of the provider.
    """
    check_may_compile(by)
    if by.department != provider:
        raise Refused(
            "目录只能由其提供部门编制 (an entry is edited by its own department)",
            remedy="请联系提供部门 (ask the provider)",
            rule=RULE_13,
        )


@answerable
def check_may_consent(by: Officer, provider: str, compiled_by: frozenset[str]) -> None:
    """Check that an officer is the provider's head and compiled nothing of it.

    Raises:
        Refused: Another role or department, or the compiler himself.
    """
    if not by.holds(Role.PROVIDER_HEAD) or by.department != provider:
        raise Refused(
            "目录报送须经提供部门负责人同意 (the provider's head consents)",
            remedy="等待提供部门负责人处理 (wait for the provider's head)",
            rule=RULE_13,
        )
    if by.had_a_hand(compiled_by):
        raise Refused(
            "编制人不能同意自己编制的目录 (nobody consents to an own entry)",
            remedy="请本部门另一位负责人处理 (ask another head of the department)",
            rule=RULE_13,
        )


@answerable
def check_may_review(by: Officer, region: str, handled_by: frozenset[str]) -> None:
    """Check that an officer is the authority of the provider's region and handled the entry in no other role.

    Raises:
        Refused: Another role or region, or a compiler or head of this entry.
    """
    if not by.holds(Role.AUTHORITY) or by.region != region:
        raise Refused(
            f"目录由同级数据共享主管部门审核发布 (the authority of region {region} reviews and publishes)",
            remedy="等待同级主管部门审核 (wait for the authority)",
            rule=RULE_16,
        )
    if by.had_a_hand(handled_by):
        raise Refused(
            "编制或同意过目录的人不能审核同一目录 (nobody reviews an entry handled before)",
            remedy="请主管部门另一位人员审核 (ask another officer of the authority)",
            rule=RULE_16,
        )


@answerable
def check_may_withdraw_published(by: Officer, region: str) -> None:
    """Check that an officer is the authority of the region: a provider does not stop a service on its own.

    Raises:
        Refused: Anyone else.
    """
    if not by.holds(Role.AUTHORITY) or by.region != region:
        raise Refused(
            "已发布的目录由同级主管部门撤销，提供部门不得擅自停止 (the authority withdraws what is published)",
            remedy="请向主管部门说明理由 (tell the authority why)",
            rule=RULE_27,
        )


@answerable
def check_may_extend_classes(by: Officer) -> None:
    """Check that an officer is the authority: 目 and 细目 are left to it (发改高技〔2017〕1272号).

    Raises:
        Refused: Anyone else.
    """
    if not by.holds(Role.AUTHORITY):
        raise Refused(
            "目录分类由数据共享主管部门增设 (the authority adds classes)",
            remedy="请主管部门增设 (ask the authority)",
            rule="发改高技〔2017〕1272号",
        )


@answerable
def check_may_keep_synonyms(by: Officer) -> None:
    """Check that an officer is the authority: what people search by is the platform's, no department's.

    Raises:
        Refused: Anyone else.
    """
    if not by.holds(Role.AUTHORITY):
        raise Refused(
            "检索同义词由数据共享主管部门维护 (the authority keeps the synonyms)",
            remedy="请主管部门增加 (ask the authority)",
            rule=RULE_16,
        )


@answerable
def check_not_secret(secrecy: str) -> None:
    """Check that an entry is no secret: secrets are no government data of this platform.

    Raises:
        Refused: State secret or work secret.
    """
    if secrecy in ("state_secret", "work_secret"):
        raise Refused(
            "国家秘密、工作秘密不得编入政务数据目录 (state and work secrets cannot be entered)",
            fields={"secrecy": "涉密 (secret)"},
            remedy="按保密规定另行管理，不要在本平台录入 (keep it outside this platform)",
            rule="政务数据共享条例第三条",
        )


@answerable
def check_may_ask_removal(by: Officer, provider: str) -> None:
    """Check that an officer heads the provider: its head asks to take a published resource off the catalogue.

    Raises:
        Refused: Anyone else.
    """
    if not by.holds(Role.PROVIDER_HEAD) or by.department != provider:
        raise Refused(
            "撤销或取代已发布的目录由提供部门负责人申请 (the provider's head asks to remove what is published)",
            remedy="请提供部门负责人申请 (ask the provider's head)",
            rule=RULE_27,
        )


@answerable
def check_may_answer_ticket(by: Officer, department: str) -> None:
    """Check that an officer compiles for or heads the department that has to update.

    Raises:
        Refused: Anyone else.
    """
    if not by.holds(Role.COMPILER, Role.PROVIDER_HEAD) or by.department != department:
        raise Refused(
            "目录更新由本部门的目录编制人或者负责人办理 (the department's compiler or head updates the catalogue)",
            remedy="请该部门办理 (ask the department)",
            rule=RULE_17,
        )


@answerable
def check_may_oversee_update(by: Officer, region: str) -> None:
    """Check that an officer is the authority of the region: it extends and excuses.

    Raises:
        Refused: Anyone else.
    """
    if not by.holds(Role.AUTHORITY) or by.region != region:
        raise Refused(
            "延长或免除更新由同级数据共享主管部门决定 (the authority extends and excuses)",
            remedy="请同级主管部门决定 (ask the authority)",
            rule=RULE_17,
        )


@answerable
def check_may_open_ticket(by: Officer, department: str, region: str) -> None:
    """Check that an officer is of the department that has to update, or the authority of its region.

    Raises:
        Refused: Anyone else.
    """
    if not check_may_oversee_update.allowed(by, region):
        check_may_answer_ticket(by, department)


@answerable
def check_may_keep_inventory(by: Officer, department: str) -> None:
    """Check that an officer keeps the inventory of this department: its compilers and heads do.

    Raises:
        Refused: Anyone else.
    """
    if not by.holds(Role.COMPILER, Role.PROVIDER_HEAD) or not department or by.department != department:
        raise Refused(
            "职责和信息系统清单由本部门的目录编制人或者负责人维护 (a department keeps its own inventory)",
            remedy="请该部门办理 (ask the department)",
            rule=RULE_13,
        )


@answerable
def check_may_list_laws(by: Officer) -> None:
    """Check that an officer is the authority: it keeps the list of laws a withholding may rest on.

    Raises:
        Refused: Anyone else.
    """
    if not by.holds(Role.AUTHORITY):
        raise Refused(
            "不予共享依据清单由数据共享主管部门维护 (the authority keeps the list of laws)",
            remedy="请主管部门增补 (ask the authority)",
            rule="政务数据共享条例第十四条",
        )


@answerable
def check_may_name_source(by: Officer) -> None:
    """Check that an officer is the authority: it names the source department of a data element.

    Raises:
        Refused: Anyone else.
    """
    if not by.holds(Role.AUTHORITY):
        raise Refused(
            "数源部门由数据共享主管部门确定 (the authority names the source department)",
            remedy="请主管部门确定 (ask the authority)",
            rule=RULE_19,
        )
