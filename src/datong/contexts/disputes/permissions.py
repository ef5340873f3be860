# SPDX-License-Identifier: Apache-2.0
"""Who may open, speak, agree, decide, and who handles complaints: each check names the rule, who decides, the next step.

Kept here: a party speaks through its own posts, only its head binds it; the authority that decides is the one of the
division the dispute is routed to. Where that authority has nobody in this node, the node's highest one writes down what
was decided elsewhere, with its document number, and decides nothing itself.
"""

from datong.contexts.disputes.domain.disputes import Side
from datong.contexts.disputes.domain.routing import RULE_28
from datong.kernel.actors import Officer, Role
from datong.kernel.checks import answerable
from datong.kernel.errors import Refused

RULE_37 = "政务数据共享条例第三十七条 (Order 809 art. 37)"
POSTS: dict[Side, tuple[Role, ...]] = {
    Side.CONSUMER: (Role.APPLICANT, Role.CONSUMER_HEAD),
    Side.PROVIDER: (Role.COMPILER, Role.PROVIDER_HEAD),
}
"""Side to the posts that speak for it."""
HEADS: dict[Side, Role] = {Side.CONSUMER: Role.CONSUMER_HEAD, Side.PROVIDER: Role.PROVIDER_HEAD}
"""Side to the post that binds it."""
MEMBERS = (*POSTS[Side.CONSUMER], *POSTS[Side.PROVIDER])
OVERSEERS = (Role.AUTHORITY, Role.AUDITOR)


def side_of(by: Officer, consumer: str, provider: str) -> Side | None:
    """Tell for which party an officer speaks, None for neither."""
    if by.department and by.department == consumer and by.holds(*POSTS[Side.CONSUMER]):
        return Side.CONSUMER
    if by.department and by.department == provider and by.holds(*POSTS[Side.PROVIDER]):
        return Side.PROVIDER
    return None


@answerable
def check_is_party(by: Officer, consumer: str, provider: str) -> None:
    """Check that an officer speaks for a party.

    Raises:
        Refused: Of neither department, or in none of the posts.
    """
    if side_of(by, consumer, provider) is None:
        raise Refused(
            "共享争议由使用部门和提供部门双方协商 (a dispute is negotiated by its two parties)",
            remedy="请本部门的申请人、编制人或者负责人办理 (ask the applicant, compiler or head of the party)",
            rule=RULE_28,
        )


@answerable
def check_is_head(by: Officer, consumer: str, provider: str) -> None:
    """Check that an officer is the head of a party.

    Raises:
        Refused: He is not.
    """
    check_is_party(by, consumer, provider)
    side = side_of(by, consumer, provider)
    if side is None or not by.holds(HEADS[side]):
        raise Refused(
            "协议、提请协调和提请决定由部门负责人作出 (the head of the department binds it)",
            remedy="请本部门负责人办理 (ask the head of your department)",
            rule=RULE_28,
        )


@answerable
def check_may_decide(by: Officer, region: str) -> None:
    """Check that an officer acts for the authority of a division.

    Args:
        by: Who acts.
        region: Division whose authority handles the dispute in this node, "" for none.

    Raises:
        Refused: Not its authority.
    """
    if not region or by.region != region or not by.holds(Role.AUTHORITY):
        raise Refused(
            "争议由同级或者共同上级数据共享主管部门协调 (the authority of the same level or common superior coordinates)",
            remedy="等待该主管部门办理 (wait for that authority)",
            rule=RULE_28,
        )


@answerable
def check_is_authority(by: Officer) -> None:
    """Check that an officer handles complaints for the authority.

    Raises:
        Refused: Not of the authority.
    """
    if not by.holds(Role.AUTHORITY):
        raise Refused(
            "投诉由数据共享主管部门分派和办结 (the authority assigns and closes complaints)",
            remedy="请数据共享主管部门办理 (ask the authority)",
            rule=RULE_37,
        )


@answerable
def check_may_reply(by: Officer, department: str) -> None:
    """Check that an officer replies for the department a complaint is assigned to.

    Raises:
        Refused: Of another department, or in no post of it.
    """
    if not department or by.department != department or not by.holds(*MEMBERS):
        raise Refused(
            "投诉由分派的部门答复 (the department it is assigned to replies)",
            remedy="请该部门办理 (ask that department)",
            rule=RULE_37,
        )


def sees_all(by: Officer) -> bool:
    """Tell whether an officer sees every dispute and complaint of the node."""
    return by.holds(*OVERSEERS)


def reads_complaint(by: Officer, department: str) -> bool:
    """Tell whether an officer reads a citizen's words and contact: the authority, and the department that replies."""
    return by.holds(Role.AUTHORITY) or check_may_reply.allowed(by, department)
