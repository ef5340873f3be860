# SPDX-License-Identifier: Apache-2.0
"""Acts anybody might try on requests, grants, destruction, reports and policies: lawful ones and all the others.

Kept here: an act names whose it is by law, on what, in which stage, and by which tag it is recorded; a step picks the act,
the officer and the row by numbers, so that a history that goes wrong can be made shorter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Model

from datong.contexts.catalog.models import Version
from datong.contexts.corrections import usecases as corrections
from datong.contexts.corrections.models import Correction
from datong.contexts.sharing import queries, usecases
from datong.contexts.sharing.domain import Decision, GrantedItem, GrantStage, RowRule
from datong.contexts.sharing.domain.chains import ChainStep, Home, Mode, Post
from datong.contexts.sharing.models import DecisionPolicy, DisposalTask, Grant, Request, ServiceChange
from datong.contexts.sharing.usecases import PolicyDraft
from datong.kernel.actors import SYSTEM, Officer, Role
from datong.kernel.corrections import Report
from factories.catalog import DATA_BUREAU, PROVIDER, a_draft, a_resource, an_open_draft, someone
from factories.organisations import a_department, staffed
from factories.sharing import A_CERTIFICATE, CONSUMER, a_grant, a_request, a_request_draft, an_application_of, today

AT_DEPARTMENTS = (Role.COMPILER, Role.PROVIDER_HEAD, Role.APPLICANT, Role.CONSUMER_HEAD, Role.AUTHORITY)
NOBODYS = "R20990101-9999"
RECENT = 5
"""Of how many rows, the newest, a step picks one."""


class Step(NamedTuple):
    """One try: the act by name; whose turn it is (0 for a stranger); numbers that pick officer, row and contents."""

    act: str
    turn: int
    pick: int
    how: int


@dataclass(slots=True)
class World:
    """Everybody, what there is to share, and which applications use it."""

    officers: list[Officer] = field(default_factory=list)
    resources: list[Version] = field(default_factory=list)
    applications: dict[str, str] = field(default_factory=dict)

    def holder(self, role: Role, department: str, turn: int) -> Officer:
        """One who holds a post, the first or another."""
        fitting = [one for one in self.officers if one.holds(role) and (not department or one.department == department)]
        return fitting[turn % len(fitting)] if fitting else self.officers[0]


@dataclass(frozen=True, slots=True)
class Act:
    """One thing to try.

    Attributes:
        tags: One of them is recorded once when it is done.
        role: Whose act it is by law.
        of: Field of the row that names his department; "" where any will do.
        on: Rows it is done to; None where it needs none.
        ready: Filter of the rows on which it may succeed.
        do: Does it, given world, row or number, officer and a number that chooses contents.
    """

    tags: tuple[str, ...]
    role: Role | None
    of: str
    on: type[Model] | None
    ready: Mapping[str, Any]
    do: Callable[[World, Any, Officer, int], object]


def a_world() -> World:
    """Three departments with everybody, three kinds of resources, and a matter of each kind under way."""
    world = World()
    homes = [a_department(name) for name in (PROVIDER, CONSUMER, DATA_BUREAU)]
    for home in homes:
        world.officers += [someone(role, home) for role in AT_DEPARTMENTS]
        world.officers += [
            someone(role, home, account=f"second-{role.value}-{home.uscc[-5:].lower()}") for role in AT_DEPARTMENTS
        ]
        busy = someone(Role.APPLICANT, home, account=f"busy-{home.uscc[-5:].lower()}")
        world.officers.append(replace(busy, roles=frozenset({Role.APPLICANT, Role.CONSUMER_HEAD, Role.PROVIDER_HEAD})))
    world.officers += [Officer(f"{role.value}-1", role.label, "", "", "", frozenset({role})) for role in (
        Role.SECURITY, Role.AUDITOR, Role.SYSADMIN,
    )]  # fmt: skip
    for one in world.officers:
        staffed(one)
    world.resources = [a_resource(), a_resource(an_open_draft()), a_resource(a_draft(name="重点人员信息", level="important"))]
    world.applications = {home.uscc: an_application_of(home.name).client_id for home in homes}
    a_grant(request=a_request(_asked(world, world.resources[0], homes[1].uscc, "")))
    a_request(_asked(world, world.resources[2], homes[1].uscc, ""))
    a_grant(request=a_request(_asked(world, world.resources[1], homes[1].uscc, "")), stage=GrantStage.TERMINATED)
    _report(world, None, someone(Role.APPLICANT, homes[1]), 0)
    first = PolicyDraft(homes[0].uscc, steps=(ChainStep((Post(Role.COMPILER, Home.OWN),), Mode.ALL),), reason="内部规程")
    usecases.set_policy(first, by=someone(Role.PROVIDER_HEAD, homes[0]))
    a_request(_asked(world, world.resources[0], homes[1].uscc, "（复核）"))
    return world


def _asked(world: World, resource: Version, consumer: str, more: str) -> Any:
    unconditional = resource.sharing_type == "unconditional"
    return a_request_draft(
        resource, application=world.applications.get(consumer, "app-of-nobody"), purpose=f"低保资格核查{more}",
        items=("code", "title") if unconditional else ("resident_id", "name", "division"),
        rows=() if unconditional else (RowRule("division", "prefix", ("33",)),),
    )  # fmt: skip


def attempt(world: World, step: Step) -> tuple[Act, Officer, object]:
    """Try a step; gives the act, who tried, and what came of it."""
    act = ACTS[step.act]
    row = _row(act, step)
    home = getattr(row, "department_id" if act.of == "reporter" else act.of, "") if row is not None and act.of else ""
    strangers = world.officers[step.pick % len(world.officers)]
    turn = step.turn - 1 if home else step.pick
    by = world.holder(act.role, home, turn) if act.role and step.turn else strangers
    by = SYSTEM if act.role is None else by
    return act, by, act.do(world, row, by, step.how)


def _row(act: Act, step: Step) -> Any:
    if act.on is None:
        return None
    rows = list((act.on.objects.filter(**act.ready) if step.turn else act.on.objects.all()).order_by("-pk")[:RECENT])
    rows = rows or list(act.on.objects.order_by("-pk")[:RECENT])
    return _sided(rows[step.pick % len(rows)]) if rows else None


def _sided(row: Any) -> Any:
    """A row with the two departments where acts look for them."""
    if isinstance(row, DisposalTask):
        row.consumer_id, row.provider_id = row.grant.consumer_id, row.grant.provider_id
    if isinstance(row, ServiceChange):
        row.consumer_id = row.replies.values_list("consumer", flat=True).first()
    return row


def _number(row: Any) -> str:
    return row.number if row is not None else NOBODYS


def _named(use: Callable[..., object], *given: Callable[[int], object]) -> Callable[[World, Any, Officer, int], object]:
    """An act on a numbered row whose words are chosen by a number."""
    return lambda _world, row, by, how: use(_number(row), *[one(how) for one in given], by=by)


def _words(how: int) -> str:
    return "" if how % 7 == 0 else f"理由{how % 3}"


def _one_of(*values: Any) -> Callable[[int], Any]:
    return lambda how: values[how % len(values)]


def _draft(world: World, _row: Any, by: Officer, how: int) -> object:
    resource = world.resources[how % len(world.resources)]
    draft = _asked(world, resource, by.department, ("", "（复核）", "（抽查）")[how % 5 % 3])
    if how % 11 == 0:
        draft = replace(draft, basis="", items=("case_note",))
    if how % 13 == 0:
        draft = replace(draft, term_until=today() + timedelta(days=how % 3), quota_per_day=0)
    return usecases.draft_request(draft, by=by)


def _revise(_world: World, row: Any, by: Officer, how: int) -> object:
    draft = queries.as_draft(row) if row is not None else a_request_draft()
    changed = replace(draft, scene=f"场景{how}", basis="" if how % 9 == 0 else draft.basis)
    return usecases.revise_request(
        _number(row), changed, by=by, revision=None if how % 2 else getattr(row, "revision", 0) + how % 3
    )


def _amend(_world: World, row: Any, by: Officer, how: int) -> object:
    draft = usecases.renewal_of(_number(row), None, by=by)
    return usecases.draft_request(replace(draft, quota_per_day=1 + how % 2000), by=by)


def _renew(_world: World, row: Any, by: Officer, how: int) -> object:
    (done,) = usecases.renew_grants([_number(row)], today() + timedelta(days=how % 400 - 30), by=by)
    if done.fault:
        raise done.fault
    return done


def _endorse_several(_world: World, row: Any, by: Officer, _how: int) -> object:
    (done,) = usecases.endorse_requests([_number(row)], by=by)
    if done.error:
        raise done.error
    return done


def _grant(_world: World, row: Any, by: Officer, how: int) -> object:
    chosen = (
        None,
        Decision(opinion="同意"),
        Decision(items=(GrantedItem("division"),), opinion="只给区划"),
        Decision(items=(GrantedItem("name", "partial:1:0"), GrantedItem("division")), quota_per_day=10),
        Decision(quota_per_day=10**6, opinion="多给"),
        Decision(channels=(), opinion="不给方式"),
    )[how % 6]
    return usecases.grant_request(_number(row), chosen, by=by)


def _extension(_world: World, row: Any, by: Officer, how: int) -> object:
    return usecases.decide_extension(_number(row), consent=how % 2 == 0, opinion=_words(how), by=by)


def _policy(_world: World, _row: Any, by: Officer, how: int) -> object:
    steps = (
        (ChainStep((Post(Role.COMPILER, Home.OWN),), Mode.ALL),),
        (ChainStep((Post(Role.COMPILER, Home.OWN), Post(Role.AUTHORITY, Home.REGION)), Mode.ONE),),
        (),
    )[how % 3]
    wanted = PolicyDraft(
        by.department if how % 2 else "", sharing_type=("unconditional", "conditional", "")[how % 5 % 3],
        steps=steps, automatic=how % 4 == 2, reason=_words(how),
    )  # fmt: skip
    return usecases.set_policy(wanted, by=by)


def _end_policy(_world: World, row: Any, by: Officer, _how: int) -> object:
    return usecases.end_policy(row.pk if row is not None else 0, by=by)


def _propose(world: World, row: Any, by: Officer, how: int) -> object:
    code = row.resource_id if row is not None else world.resources[how % 3].resource.code
    day = today() + timedelta(days=30 if how % 4 else 1)
    return usecases.propose_change(code, ("stop", "alter", "sell")[how % 5 % 3], "改为按月更新", _words(how), day, by=by)


def _record(_world: World, row: Any, by: Officer, how: int) -> object:
    return usecases.record_change(_number(row), accept=how % 2 == 0, filing="浙数备1号", opinion=_words(how), by=by)


def _demand(_world: World, row: Any, by: Officer, how: int) -> object:
    return usecases.demand_disposal(_number(row), today() + timedelta(days=how % 30 - 2), "一并销毁备份", by=by)


def _report(world: World, _row: Any, by: Officer, how: int) -> object:
    home = world.resources[how % 2]
    said = (
        Report(kind="interface", expected="恢复", evidence="返回 500"),
        Report(kind="catalog", found="十万行", expected="二十万行", evidence="抽查"),
        Report(kind="data", key={"code": "1"} if how % 4 else {}, item="title", found="甲", expected="乙", evidence="公告"),
    )[how % 3]
    return corrections.report(home.resource.code, said, by=by)


def _use(_world: World, row: Any, by: Officer, how: int) -> object:
    told = ("低保核对", "逐户核对", "核对百户", "专用库", "到期销毁")
    given = usecases.Use(today() - timedelta(days=how % 3 // 2), today(), *(told if how % 5 else told[:3]))
    return usecases.record_use(_number(row), given, by=by)


def _later(use: Callable[[datetime], object], most: int) -> Callable[[World, Any, Officer, int], object]:
    """A watch of the node's, some days on."""
    return lambda _world, _row, _by, how: use(datetime.now(UTC) + timedelta(days=how % most))


def _delivered(_world: World, row: Any, _by: Officer, _how: int) -> object:
    return usecases.record_delivery(_number(row)) if row is not None else 0


LIVE = {"stage__in": ["active", "suspended"]}
UNSETTLED = {"stage__in": ["open", "breached"]}
ACTS: dict[str, Act] = {
    "draft": Act(("sharing.request.drafted",), Role.APPLICANT, "", None, {}, _draft),
    "revise": Act(("sharing.request.revised",), Role.APPLICANT, "consumer_id", Request, {"stage__in": ["draft", "returned"]}, _revise),
    "file": Act(("sharing.request.filed",), Role.APPLICANT, "consumer_id", Request, {"stage__in": ["draft", "returned"]},
                _named(usecases.file_request)),
    "endorse": Act(("sharing.request.endorsed",), Role.CONSUMER_HEAD, "consumer_id", Request, {"stage": "filed"},
                   _named(usecases.endorse_request)),
    "endorse several": Act(("sharing.request.endorsed",), Role.CONSUMER_HEAD, "consumer_id", Request, {"stage": "filed"},
                           _endorse_several),
    "return": Act(("sharing.request.returned",), Role.CONSUMER_HEAD, "consumer_id", Request, {"stage": "filed"},
                  _named(usecases.return_request, _words)),
    "withdraw": Act(("sharing.request.withdrawn",), Role.APPLICANT, "consumer_id", Request, {"decided_at": None},
                    _named(usecases.withdraw_request)),
    "opinion": Act(("sharing.step.answered",), Role.AUTHORITY, "", Request, {"stage": "endorsed", "steps__stage": "open"},
                   _named(usecases.give_opinion, _one_of("agree", "part", "object", "maybe"), _words)),
    "own opinion": Act(("sharing.step.answered",), Role.COMPILER, "provider_id", Request,
                       {"stage": "endorsed", "steps__stage": "open", "steps__role": Role.COMPILER.value},
                       _named(usecases.give_opinion, _one_of("agree", "part", "object"), _words)),
    "grant": Act(("sharing.request.granted",), Role.PROVIDER_HEAD, "provider_id", Request, {"stage": "endorsed"}, _grant),
    "refuse": Act(("sharing.request.refused",), Role.PROVIDER_HEAD, "provider_id", Request, {"stage": "endorsed"},
                  _named(usecases.refuse_request, _one_of("beyond_need", "no_basis", "incomplete"), _words)),
    "ask to complete": Act(("sharing.request.returned",), Role.PROVIDER_HEAD, "provider_id", Request, {"stage": "endorsed"},
                           _named(usecases.ask_to_complete, _words)),
    "ask for time": Act(("sharing.extension.asked",), Role.PROVIDER_HEAD, "provider_id", Request, {"stage": "endorsed"},
                        _named(usecases.ask_extension, lambda how: how % 13, _words)),
    "decide on time": Act(("sharing.extension.granted", "sharing.extension.declined"), Role.AUTHORITY, "", Request,
                          {"stage": "endorsed", "extension__stage": "asked"}, _extension),
    "suspend": Act(("sharing.grant.suspended",), Role.PROVIDER_HEAD, "provider_id", Grant, {"stage": "active"},
                   _named(usecases.suspend_grant, _words)),
    "suspend as security": Act(("sharing.grant.suspended",), Role.SECURITY, "", Grant, {"stage": "active"},
                               _named(usecases.suspend_grant, _words)),
    "resume": Act(("sharing.grant.resumed",), Role.PROVIDER_HEAD, "provider_id", Grant, {"stage": "suspended"},
                  _named(usecases.resume_grant, _words)),
    "revoke": Act(("sharing.grant.revoked",), Role.PROVIDER_HEAD, "provider_id", Grant, {"stage": "suspended"},
                  _named(usecases.revoke_grant, _words)),
    "terminate": Act(("sharing.grant.terminated",), Role.APPLICANT, "consumer_id", Grant, LIVE,
                     _named(usecases.terminate_grant, _one_of("met", "unneeded", "bored"), _words)),
    "amend": Act(("sharing.request.drafted",), Role.APPLICANT, "consumer_id", Grant, LIVE, _amend),
    "renew": Act(("sharing.request.filed",), Role.APPLICANT, "consumer_id", Grant, {"stage__in": ["active", "expired"]}, _renew),
    "record use": Act(("sharing.use.recorded",), Role.APPLICANT, "consumer_id", Grant, {}, _use),
    "certify": Act(("sharing.disposal.certified",), Role.APPLICANT, "consumer_id", DisposalTask, UNSETTLED,
                   _named(usecases.certify_disposal, _one_of(A_CERTIFICATE, A_CERTIFICATE, replace(A_CERTIFICATE, what="")))),
    "demand": Act(("sharing.disposal.demanded",), Role.PROVIDER_HEAD, "provider_id", DisposalTask, {"stage": "open"}, _demand),
    "lift": Act(("sharing.disposal.lifted",), Role.PROVIDER_HEAD, "provider_id", DisposalTask, UNSETTLED,
                _named(usecases.lift_disposal, _words)),
    "set policy": Act(("sharing.policy.set",), Role.AUTHORITY, "", None, {}, _policy),
    "set own policy": Act(("sharing.policy.set",), Role.PROVIDER_HEAD, "", None, {}, _policy),
    "end policy": Act(("sharing.policy.ended",), Role.AUTHORITY, "", DecisionPolicy, {"ended_at": None}, _end_policy),
    "propose": Act(("sharing.change.proposed",), Role.PROVIDER_HEAD, "provider_id", Grant, LIVE, _propose),
    "answer": Act(("sharing.change.answered",), Role.CONSUMER_HEAD, "consumer_id", ServiceChange, {"stage": "negotiating"},
                  _named(usecases.answer_change, _one_of("agreed", "objected", "perhaps"), _words)),
    "file change": Act(("sharing.change.filed",), Role.PROVIDER_HEAD, "provider_id", ServiceChange, {"stage": "negotiating"},
                       _named(usecases.file_change, _words)),
    "record change": Act(("sharing.change.recorded", "sharing.change.declined"), Role.AUTHORITY, "", ServiceChange,
                         {"stage": "filed"}, _record),
    "effect": Act(("sharing.change.effected",), Role.PROVIDER_HEAD, "provider_id", ServiceChange, {"stage": "recorded"},
                  _named(usecases.effect_change)),
    "drop": Act(("sharing.change.dropped",), Role.PROVIDER_HEAD, "provider_id", ServiceChange, {}, _named(usecases.drop_change)),
    "report": Act(("corrections.correction.filed",), Role.APPLICANT, "", None, {}, _report),
    "take up": Act(("corrections.correction.taken_up",), Role.COMPILER, "provider_id", Correction, {"stage": "filed"},
                   _named(corrections.take_up)),
    "correct": Act(("corrections.correction.corrected",), Role.COMPILER, "provider_id", Correction, {"stage": "verifying"},
                   _named(corrections.correct, _words)),
    "reject": Act(("corrections.correction.rejected",), Role.PROVIDER_HEAD, "provider_id", Correction, {"stage": "verifying"},
                  _named(corrections.reject, _words)),
    "rate": Act(("corrections.correction.rated",), Role.APPLICANT, "reporter", Correction, {"stage__in": ["corrected", "rejected"]},
                _named(corrections.rate, _one_of("satisfied", "dissatisfied", "angry"))),
    "take back": Act(("corrections.correction.withdrawn",), Role.APPLICANT, "reporter", Correction,
                     {"stage__in": ["filed", "verifying"]}, _named(corrections.withdraw)),
}  # fmt: skip
"""What people do; each is recorded by one of its tags, once."""
WATCHES: dict[str, Act] = {
    "expire": Act(("sharing.grant.expired",), None, "", None, {}, _later(usecases.expire_grants, 500)),
    "watch disposals": Act(("sharing.disposal.breached",), None, "", None, {}, _later(usecases.watch_disposals, 90)),
    "remind": Act(("sharing.grant.reminded",), None, "", None, {}, _later(usecases.remind_grants, 400)),
    "deliver": Act(("sharing.grant.delivered",), None, "", Grant, {"delivered_at": None}, _delivered),
}
"""What the node does by itself; what it answers is how many acts it recorded."""
ACTS |= WATCHES
