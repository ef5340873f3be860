# SPDX-License-Identifier: Apache-2.0
"""Who may do what to a request or a grant: each check names the rule, who decides and what to do next.

Kept here: the consumer's head stands behind a request (809 art. 20), the provider's head decides it (art. 21), nobody
decides a request he had a hand in, and misuse is stopped by provider, authority or security officer (art. 27).
"""

from datong.kernel.actors import Officer, Role
from datong.kernel.checks import answerable
from datong.kernel.errors import Refused
from datong.kernel.sharing import BasisRank, SharingType

RULE_14 = "政务数据共享条例第十四条"
RULE_20 = "政务数据共享条例第二十条"
RULE_21 = "政务数据共享条例第二十一条"
RULE_27 = "政务数据共享条例第二十七条"


@answerable
def check_may_apply(by: Officer) -> None:
    """Check that an officer applies for a department.

    Raises:
        Refused: Not an applicant, or of no department.
    """
    if not by.holds(Role.APPLICANT) or not by.department:
        raise Refused(
            "共享申请由数据需求部门的共享申请人提出 (requests are made by a department's applicant)",
            remedy="请本部门系统管理员授予“共享申请人”角色 (ask for the role of applicant)",
            rule=RULE_20,
        )


@answerable
def check_may_edit(by: Officer, consumer: str) -> None:
    """Check that an officer applies for the department that asks.

    Raises:
        Refused: Not an applicant of it.
    """
    check_may_apply(by)
    if by.department != consumer:
        raise Refused(
            "申请只能由提出部门办理 (a request is handled by the department that made it)",
            remedy="请联系申请部门 (ask that department)",
            rule=RULE_20,
        )


@answerable
def check_may_endorse(by: Officer, consumer: str, made_by: frozenset[str]) -> None:
    """Check that an officer heads the department that asks and did not make the request.

    Raises:
        Refused: Another role or department, or the applicant himself.
    """
    if not by.holds(Role.CONSUMER_HEAD) or by.department != consumer:
        raise Refused(
            "申请须经需求部门负责人同意 (the consumer's head endorses)",
            remedy="等待需求部门负责人处理 (wait for the consumer's head)",
            rule=RULE_20,
        )
    if by.had_a_hand(made_by):
        raise Refused(
            "申请人不能同意自己的申请 (nobody endorses an own request)",
            remedy="请本部门另一位负责人处理 (ask another head of the department)",
            rule=RULE_20,
        )


@answerable
def check_may_withdraw(by: Officer, consumer: str) -> None:
    """Check that an officer may take back a request of his department.

    Raises:
        Refused: Neither applicant nor head of it.
    """
    if not by.holds(Role.APPLICANT, Role.CONSUMER_HEAD) or by.department != consumer:
        raise Refused(
            "申请只能由提出部门撤回 (only the department that made a request withdraws it)",
            remedy="请联系申请部门 (ask that department)",
            rule=RULE_20,
        )


@answerable
def check_may_decide(by: Officer, provider: str, handled_by: frozenset[str]) -> None:
    """Check that an officer heads the provider and had no hand in the request.

    Raises:
        Refused: Another role or department, or one who made or endorsed it.
    """
    if not by.holds(Role.PROVIDER_HEAD) or by.department != provider:
        raise Refused(
            "申请由数据提供部门负责人答复 (the provider's head decides)",
            remedy="等待提供部门在法定期限内答复 (wait for the provider's answer in the statutory period)",
            rule=RULE_21,
        )
    if by.had_a_hand(handled_by):
        raise Refused(
            "申请人不能答复自己的申请 (nobody decides an own request)",
            remedy="请提供部门另一位负责人答复 (ask another head of the provider)",
            rule=RULE_21,
        )


@answerable
def check_may_join(by: Officer, handled_by: frozenset[str], answered_by: frozenset[str], *, holds: bool) -> None:
    """Check that an officer gives an opinion on a request.

    Args:
        by: The officer.
        handled_by: Accounts that made or endorsed the request.
        answered_by: Accounts that gave an opinion on it.
        holds: Whether a step that is open asks a post of his.

    Raises:
        Refused: No step asks him now, or he had a hand in the request, or gave an opinion already.
    """
    if not holds:
        raise Refused(
            "现在没有等您所在岗位出具意见的环节 (no step asks a post of yours now)",
            remedy="按申请页上的办理环节，等前一环节办完 (wait for the steps before yours)",
            rule=RULE_21,
        )
    if by.had_a_hand(handled_by):
        raise Refused(
            "申请人不能参与办理自己的申请 (nobody joins in deciding an own request)",
            remedy="请同岗位另一位经办人办理 (ask another officer of the post)",
            rule=RULE_21,
        )
    if by.had_a_hand(answered_by):
        raise Refused(
            "同一人不能办理同一申请的两个环节 (nobody takes two steps of one request)",
            remedy="请同岗位另一位经办人办理 (ask another officer of the post)",
            rule=RULE_21,
        )


@answerable
def check_may_ask_extension(by: Officer, provider: str, handled_by: frozenset[str]) -> None:
    """Check that an officer asks for more time to answer.

    Raises:
        Refused: Not the provider's head, or one who made or endorsed the request.
    """
    check_may_decide(by, provider, handled_by)


@answerable
def check_may_consent(by: Officer, region: str, handled_by: frozenset[str]) -> None:
    """Check that an officer consents to more time, or declines it.

    Raises:
        Refused: Not the authority of the provider's region, or one who had a hand in it.
    """
    if not by.holds(Role.AUTHORITY) or by.region != region:
        raise Refused(
            "延期须经同级数据共享主管部门同意 (the authority of the region consents to more time)",
            remedy="等待主管部门答复；答复前期限不变 (wait for the authority; until then the last day stays)",
            rule=RULE_21,
        )
    if by.had_a_hand(handled_by):
        raise Refused(
            "申请人不能同意与自己有关的延期 (nobody consents to what he had a hand in)",
            remedy="请主管部门另一位经办人办理 (ask another officer of the authority)",
            rule=RULE_21,
        )


@answerable
def check_may_set_policy(by: Officer, department: str, region: str, *, automatic: bool, ordered: bool) -> None:
    """Check that an officer sets how requests are decided.

    Args:
        by: The officer.
        department: Whose requests; empty for every department of the region.
        region: Division of the department, or the region itself.
        automatic: Whether requests shall be answered automatically.
        ordered: Whether a policy of the authority is in force that this one would end.

    Raises:
        Refused: Neither the authority of the region nor, for steps of his own department, its head.
    """
    if by.holds(Role.AUTHORITY) and by.region == region:
        return
    own = by.holds(Role.PROVIDER_HEAD) and department != "" and by.department == department
    if not own or automatic or ordered:
        raise Refused(
            "办理策略由同级主管部门确定；部门负责人只能为本部门增加环节，不能改主管部门定的策略，也不能开启自动答复"
            " (the authority sets policies; a head may add steps of his own department only)",
            remedy="请同级数据共享主管部门确定 (ask the authority of the region)",
            rule=RULE_21,
        )


@answerable
def check_may_stop(by: Officer, provider: str) -> None:
    """Check that an officer may suspend, resume or revoke a grant.

    Raises:
        Refused: Neither the provider's head nor the authority nor the security officer.
    """
    own = by.holds(Role.PROVIDER_HEAD) and by.department == provider
    if not own and not by.holds(Role.AUTHORITY, Role.SECURITY):
        raise Refused(
            "授权由提供部门负责人、主管部门或安全保密员暂停、恢复、撤销"
            " (the provider's head, the authority or the security officer stop a grant)",
            remedy="向其中一方说明情况 (tell one of them what happened)",
            rule=RULE_27,
        )


@answerable
def check_may_revoke(by: Officer, *, in_order: bool) -> None:
    """Check that an officer who may stop a grant may end it for good.

    Args:
        by: The officer.
        in_order: Whether it is active, so that nothing has to be put right.

    Raises:
        Refused: The provider, of a grant that is in order.
    """
    if in_order and not by.holds(Role.AUTHORITY, Role.SECURITY):
        raise Refused(
            "提供部门不得擅自停止正常使用的服务；使用不当的先暂停并责令整改，拒不整改的再撤销"
            " (a provider does not end what is in order: suspend on misuse, revoke when it is not put right)",
            remedy="使用不当的先暂停；其他原因的提出服务变更，协商并备案 (suspend first, or propose a change of the service)",
            rule=RULE_27,
        )


@answerable
def check_may_terminate(by: Officer, consumer: str) -> None:
    """Check that an officer may end a grant of his department, account for its use, or destroy what it gave.

    Raises:
        Refused: Neither applicant nor head of the consumer.
    """
    if not by.holds(Role.APPLICANT, Role.CONSUMER_HEAD) or by.department != consumer:
        raise Refused(
            "由使用部门的共享申请人或者负责人办理 (the consumer's applicant or head does this)",
            remedy="请联系使用部门 (ask the consumer)",
            rule=RULE_27,
        )


@answerable
def check_may_lift(by: Officer, provider: str) -> None:
    """Check that an officer heads the provider, which says how its data are destroyed.

    Raises:
        Refused: Anyone else.
    """
    if not by.holds(Role.PROVIDER_HEAD) or by.department != provider:
        raise Refused(
            "销毁要求由提供部门负责人提出或者免除 (the provider's head says what has to be destroyed)",
            remedy="请联系提供部门 (ask the provider)",
            rule=RULE_27,
        )


@answerable
def check_may_change(by: Officer, provider: str) -> None:
    """Check that an officer heads the provider whose service is to change.

    Raises:
        Refused: Anyone else.
    """
    if not by.holds(Role.PROVIDER_HEAD) or by.department != provider:
        raise Refused(
            "服务变更由提供部门负责人提出 (a change of a service is proposed by the provider's head)",
            remedy="请提供部门负责人办理 (ask the provider's head)",
            rule=RULE_27,
        )


@answerable
def check_may_record_change(by: Officer, region: str) -> None:
    """Check that an officer is the authority of the provider's region, with whom changes are filed.

    Raises:
        Refused: Anyone else.
    """
    if not by.holds(Role.AUTHORITY) or by.region != region:
        raise Refused(
            "服务变更向同级数据共享主管部门备案 (a change is filed with the authority of the region)",
            remedy="等待主管部门办理备案 (wait for the authority)",
            rule=RULE_27,
        )


@answerable
def check_requestable(sharing_type: str, rank: str, basis: str) -> None:
    """Check that a resource is shared at all.

    Args:
        sharing_type: Of the resource.
        rank: Rank of the basis that withholds it.
        basis: Citation.

    Raises:
        Refused: 不予共享, naming the basis.
    """
    if sharing_type == SharingType.WITHHELD:
        kind = BasisRank(rank).label if rank in list(BasisRank) else ""
        raise Refused(
            f"该资源不予共享，依据{kind}：{basis} (withheld by: {basis})",
            remedy="确需使用的，先与提供部门协商，协商不成的提请同级数据共享主管部门协调"
            " (negotiate with the provider, then ask the authority)",
            rule=RULE_14,
        )
