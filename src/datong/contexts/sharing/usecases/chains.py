# SPDX-License-Identifier: Apache-2.0
"""Walking a decision chain: laid out when a request is endorsed, step by step to the provider's head (多级审批、会签).

Kept here: a step opens when the one before it is answered; where nobody holds a post, the authority and the provider are
told and the request waits, it is never taken as agreed; who had a hand in a request, or answered a step of it, answers
no other. Every function here runs in the caller's transaction, the request locked.
"""

from datetime import datetime

from datong.contexts.audit import face as audit
from datong.contexts.catalog import face as catalog
from datong.contexts.organisations import face as organisations
from datong.contexts.periods import face as periods
from datong.contexts.sharing import permissions
from datong.contexts.sharing.domain import chains
from datong.contexts.sharing.domain.chains import STEP_MOVES, STEP_TAG, VACANT, Mode, Opinion, Route, StepStage
from datong.contexts.sharing.models import DecisionPolicy, DecisionStep, Request
from datong.contexts.sharing.queries import chains as ways
from datong.contexts.sharing.usecases import clocks
from datong.kernel.actors import SYSTEM, Officer, Role
from datong.kernel.errors import Refused, Unknown
from datong.kernel.stages import move

RULE_21 = permissions.RULE_21


def hands(row: Request) -> frozenset[str]:
    """Give the accounts that made or endorsed a request, those they acted for at that time among them."""
    done = ((row.created_by, row.created_at), (row.filed_by, row.filed_at), (row.endorsed_by, row.endorsed_at))
    return organisations.behind(done)


def makers(row: Request) -> frozenset[str]:
    """Give the accounts that made a request: who endorses it must be none of them, endorsing it twice is another matter."""
    return organisations.behind(((row.created_by, row.created_at), (row.filed_by, row.filed_at)))


def way_of(row: Request, eyes: Officer, *, by_people: bool = False) -> tuple[Route, DecisionPolicy | None]:
    """Give the way a request takes and the policy behind it; `by_people` leaves the node's own answers aside."""
    level, region = level_of(row, eyes), row.provider.region_id
    return ways.route(row.provider_id, region, level, row.sharing_type, hands=hands(row), by_people=by_people)


def lay_out(row: Request, way: Route, policy: DecisionPolicy | None, at: datetime) -> None:
    """Write the steps a request takes as rows and open the first."""
    made = [
        DecisionStep(
            request=row, round=_last_round(row) + 1, position=step.position, seat=seat, mode=step.mode, role=post.role,
            department_id=post.department or None, region=post.region, decides=step.decides, policy=policy,
        )
        for step in way.steps
        for seat, post in enumerate(step.posts, start=1)
    ]  # fmt: skip
    if len(made) > 1:
        told = {"level": way.level, "policy": way.policy, "posts": [f"{step.position}. {who(step)}" for step in made]}
        audit.record(STEP_TAG[StepStage.WAITING], by=SYSTEM, subject=row.number, facts=told)
    _open(row, DecisionStep.objects.bulk_create(made), at)


def _last_round(row: Request) -> int:
    return max((step.round for step in ways.steps(row)), default=0)


def answer_for(row: Request, policy: DecisionPolicy, at: datetime) -> None:
    """Write down that the node answered a request on a policy of the authority."""
    DecisionStep.objects.create(
        request=row, round=_last_round(row) + 1, position=1, role=Role.PROVIDER_HEAD.value,
        department_id=row.provider_id, decides=True, policy=policy, stage=StepStage.ANSWERED.value, opened_at=at,
        opinion=Opinion.AGREE.value, account=SYSTEM.account, name=SYSTEM.name, at=at,
    )  # fmt: skip


def level_of(row: Request, eyes: Officer) -> str:
    """Give the highest level of what a request asks for, of the version it names where the resource is gone."""
    fields = list(row.items.values_list("field", flat=True))
    try:
        return ways.level_of(catalog.resource(row.resource_id, by=eyes), fields)
    except Unknown:
        return str(row.version.level)


def answer(row: Request, opinion: Opinion, words: str, *, by: Officer, at: datetime) -> DecisionStep:
    """Give the opinion of the post an officer holds, and open what follows.

    Raises:
        Refused: No step asks a post of his, he had a hand in the request, or gave an opinion already.
    """
    steps = ways.current(row)
    mine = next((step for step in steps if _asks(step, by) and not step.decides), None)
    check_join(row, steps, by, holds=mine is not None)
    _close(mine, opinion, words, by, at)
    others = [step for step in steps if step.position == mine.position and step.stage == StepStage.OPEN]
    for other in others if mine.mode == Mode.ONE else ():
        _shift(other, StepStage.SPARED)
    facts = {"step": mine.position, "role": mine.role, "says": opinion.value, "opinion": words or opinion.label}
    audit.record(STEP_TAG[StepStage.ANSWERED], by=by, subject=row.number, facts=facts)
    if others and mine.mode == Mode.ONE:
        spared = {"step": mine.position, "posts": [who(other) for other in others]}
        audit.record(STEP_TAG[StepStage.SPARED], by=by, subject=row.number, facts=spared)
    if not others or mine.mode == Mode.ONE:
        _open(row, steps, at)
    return mine


def check_join(row: Request, steps: list[DecisionStep], by: Officer, *, holds: bool) -> None:
    """Check that an officer joins in deciding a request.

    Raises:
        Refused: As `check_may_join`.
    """
    answered = organisations.behind((step.account, step.at) for step in steps)
    permissions.check_may_join(by, hands(row), answered, holds=holds)


def decide(row: Request, opinion: Opinion, words: str, *, by: Officer, at: datetime) -> None:
    """Answer the last step, as the provider's head.

    Raises:
        Refused: A step before it is not answered yet, or he answered one himself.
    """
    steps = ways.current(row)
    last = next(step for step in steps if step.decides)
    if last.stage != StepStage.OPEN:
        awaited = "、".join(who(step) for step in steps if step.stage == StepStage.OPEN)
        raise Refused(
            f"前面的环节尚未办完，正在等：{awaited} (steps before yours are not answered yet)",
            remedy="请催办，或请主管部门督办；需要补正的可以先一次性告知 (press them, or ask the authority to)",
            rule=RULE_21,
        )
    check_join(row, steps, by, holds=True)
    _close(last, opinion, words, by, at)


def objections(row: Request) -> list[DecisionStep]:
    """Give the steps of a request that objected in this round."""
    return [step for step in ways.current(row) if step.opinion == Opinion.OBJECT]


def vetoes(row: Request, eyes: Officer) -> list[DecisionStep]:
    """Give the objections that bind the decider: of the posts which the level of the data asks for."""
    needed = {post.role for post in chains.BY_LEVEL.get(level_of(row, eyes), ())}
    return [step for step in objections(row) if step.role in needed]


def lengthen(row: Request, eyes: Officer, at: datetime) -> str:
    """Add the steps that a level asks for which rose since the request was endorsed.

    Returns:
        Who has to be heard first; empty where nothing is lacking.
    """
    steps = ways.current(row)
    last = next((step for step in steps if step.decides), None)
    heard = {step.role for step in steps if not step.decides}
    lacking = [post for post in chains.BY_LEVEL.get(level_of(row, eyes), ()) if post.role not in heard]
    if last is None or not lacking:
        return ""
    place = last.position
    if last.stage == StepStage.OPEN:
        _shift(last, StepStage.WAITING, save=False)
    last.position = place + 1
    last.save()
    region = row.provider.region_id
    added = [
        DecisionStep(
            request=row, round=last.round, position=place, seat=seat, role=post.role,
            region=region if post == chains.AUTHORITY else "",
        )
        for seat, post in enumerate(lacking, start=1)
    ]  # fmt: skip
    steps = sorted([*steps, *DecisionStep.objects.bulk_create(added)], key=lambda step: (step.position, step.seat))
    if not any(step.stage == StepStage.OPEN for step in steps):
        _open(row, steps, at)
    return "、".join(who(step) for step in added)


def end(row: Request) -> None:
    """End the steps of a request that is over or goes back to its applicant."""
    steps = ways.current(row)
    left = [step for step in steps if StepStage.ENDED in STEP_MOVES[StepStage(step.stage)]]
    for step in left:
        _shift(step, StepStage.ENDED)
    periods.done_with("opinion", row.number)
    if left and len(steps) > 1:
        facts = {"posts": [f"{step.position}. {who(step)}" for step in left]}
        audit.record(STEP_TAG[StepStage.ENDED], by=SYSTEM, subject=row.number, facts=facts)


def who(step: DecisionStep) -> str:
    """Name the post of a step."""
    home = step.department.name if step.department else ""
    return f"{home}{Role(step.role).label}"


def _asks(step: DecisionStep, by: Officer) -> bool:
    return step.stage == StepStage.OPEN and chains.is_held(step.post, by)


def _close(step: DecisionStep, opinion: Opinion, words: str, by: Officer, at: datetime) -> None:
    step.opinion, step.words, step.account, step.name, step.at = opinion.value, words, by.account, by.name, at
    _shift(step, StepStage.ANSWERED)


def _shift(step: DecisionStep, wanted: StepStage, *, save: bool = True) -> None:
    step.stage = move(STEP_MOVES, f"step {step}", StepStage(step.stage), wanted)
    if save:
        step.save()
    post = periods.Holder(Role(step.role), step.department_id or "", step.region)
    periods.done_with("opinion", step.request.number, post=post)


def _open(row: Request, steps: list[DecisionStep], at: datetime) -> None:
    """Open the next step, tell its posts, and tell of a post that nobody holds."""
    position = min((step.position for step in steps if step.stage == StepStage.WAITING), default=0)
    opened = [step for step in steps if step.position == position]
    alone = len({step.position for step in steps}) == 1
    for step in opened:
        step.stage = move(STEP_MOVES, f"step {step}", StepStage(step.stage), StepStage.OPEN)
        step.opened_at = at
        if not ways.is_filled(step.role, step.department_id or "", step.region, hands(row)):
            step.vacant_at = at
            _vacant(row, step)
        elif not alone:
            _ask(row, step)
        step.save()
    if not alone:
        facts = {"step": position, "posts": [who(step) for step in opened]}
        audit.record(STEP_TAG[StepStage.OPEN], by=SYSTEM, subject=row.number, facts=facts)


def _ask(row: Request, step: DecisionStep) -> None:
    chinese = "前面的环节已办完，请作出答复" if step.decides else "请对这份申请出具意见"
    english = "the steps before yours are answered: decide" if step.decides else "give your opinion on this request"
    subject = periods.Subject("opinion", row.number, row.resource.name, f"/requests/{row.number}")
    post = periods.Holder(Role(step.role), step.department_id or "", step.region)
    periods.tell(periods.NoticeKind.TOLD, subject, post, f"{chinese} ({english})")


def _vacant(row: Request, step: DecisionStep) -> None:
    """Tell the authority and the provider that nobody holds a post: an error, never an approval."""
    words = (
        f"第 {step.position} 环节“{who(step)}”没有在用的账号，申请无法办理；请任命人员，任命后即可办理"
        f" (step {step.position}: no active account holds the post; the request waits until somebody is appointed)"
    )
    region = row.provider.region_id
    told = {periods.Holder(Role.AUTHORITY, "", region), periods.Holder(Role.PROVIDER_HEAD, row.provider_id, region)}
    for post in sorted(told, key=lambda one: one.department):
        periods.tell(periods.NoticeKind.FAULT, clocks.about(row), post, words)
    facts = {"step": step.position, "role": step.role, "department": step.department_id or "", "region": step.region}
    audit.record(VACANT, by=SYSTEM, subject=row.number, facts=facts)
