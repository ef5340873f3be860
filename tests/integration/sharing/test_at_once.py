# SPDX-License-Identifier: Apache-2.0
"""Fifty people at once on one matter: exactly one wins, the others are told why, nothing is lost and each act is there.

Kept here: each has a connection and a transaction of his own; whoever comes too late gets a kernel error that says so,
never a fault of the database.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from random import Random
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from datong.contexts.audit.models import Act
from datong.contexts.audit.models import Counter as Numbering
from datong.contexts.catalog import usecases as catalog
from datong.contexts.catalog.models import Resource
from datong.contexts.corrections import usecases as corrections
from datong.contexts.corrections.domain.stages import Stage as Report
from datong.contexts.periods.models import Clock
from datong.contexts.sharing import usecases
from datong.contexts.sharing.domain import LIVE, GrantStage, RequestDraft, Stage
from datong.contexts.sharing.models import DecisionPolicy, Extension, Grant, Request, ServiceChange
from datong.contexts.sharing.usecases import PolicyDraft
from datong.kernel.actors import Officer, Role
from datong.kernel.errors import Conflict, DatongError, IllegalMove, Refused
from factories.catalog import PROVIDER, a_compiler, a_draft, a_provider_head, a_resource, an_authority, someone
from factories.corrections import a_correction
from factories.organisations import staffed
from factories.sharing import (
    A_CERTIFICATE,
    a_consumer_head,
    a_grant,
    a_request,
    a_request_draft,
    an_amending_request,
    an_applicant,
    an_application_of,
    today,
)

pytestmark = pytest.mark.django_db(transaction=True)
MANY = 50
"""People; PostgreSQL of a node takes eighty connections."""
LATE = (IllegalMove, Conflict)


def at_once(attempts: list[Callable[[], object]]) -> list[object]:
    """Run each in a thread and a connection of its own, all released together; give answers or refusals."""
    gate = Barrier(len(attempts))

    def run(attempt: Callable[[], object]) -> object:
        try:
            gate.wait(timeout=60)
            return attempt()
        except DatongError as refused:
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(len(attempts)) as pool:
        return list(pool.map(run, attempts))


def crowd(*ways: Callable[[], object]) -> list[object]:
    """Let fifty people go these ways, as many each, in any order."""
    attempts = [ways[number % len(ways)] for number in range(MANY)]
    Random(MANY).shuffle(attempts)
    return at_once(attempts)


def won(answers: list[object], late: tuple[type[DatongError], ...] = LATE) -> list[Any]:
    """Who won; all others have to have been told that they came too late."""
    refused = [one for one in answers if isinstance(one, DatongError)]
    assert not [one for one in refused if not isinstance(one, late)], refused
    return [one for one in answers if not isinstance(one, DatongError)]


def acts(*tags: str, subject: str = "") -> int:
    """How often one of these was recorded; the spine has no gap."""
    numbers = list(Act.objects.order_by("seq").values_list("seq", flat=True))
    assert numbers == list(range(1, Numbering.objects.get().value + 1))
    found = Act.objects.filter(tag__in=tags)
    return (found.filter(subject=subject) if subject else found).count()


def another(role: Role, like: Officer) -> Officer:
    """A colleague in the same post."""
    return staffed(
        Officer(f"second-{role.value[:8]}", "乙", like.department, like.department_name, like.region, frozenset({role}))
    )


def test_fifty_answers_to_one_request_are_one_answer():
    row, head, applicant = a_request(), a_provider_head(), an_applicant()
    second = another(Role.PROVIDER_HEAD, head)
    answers = crowd(
        lambda: usecases.grant_request(row.number, by=head),
        lambda: usecases.refuse_request(row.number, "unsafe", "未整改", by=second),
        lambda: usecases.grant_request(row.number, by=second),
        lambda: usecases.withdraw_request(row.number, by=applicant),
        lambda: usecases.ask_to_complete(row.number, "请写明条款", by=head),
    )
    over = {Stage.GRANTED, Stage.REFUSED, Stage.WITHDRAWN}
    done = won(answers, (*LATE, Refused))
    row.refresh_from_db()
    returned = acts("sharing.request.returned", subject=row.number)
    decided = acts("sharing.request.granted", "sharing.request.refused", "sharing.request.withdrawn", subject=row.number)
    assert len(done) == returned + decided
    assert decided == (row.stage in over) and returned <= 1
    assert Grant.objects.count() == acts("sharing.grant.made") == (row.stage == Stage.GRANTED)
    assert Clock.objects.filter(subject=row.number, stopped_at=None).count() == 0


def test_a_decision_against_a_withdrawal():
    row, head, applicant = a_request(), a_provider_head(), an_applicant()
    answers = crowd(
        lambda: usecases.refuse_request(row.number, "unsafe", "未整改", by=head),
        lambda: usecases.withdraw_request(row.number, by=applicant),
    )
    assert len(won(answers)) == 1
    assert acts("sharing.request.refused", "sharing.request.withdrawn", subject=row.number) == 1


def test_fifty_heads_endorse_a_request_once():
    row, head = a_request(stage=Stage.FILED), a_consumer_head()
    second = another(Role.CONSUMER_HEAD, head)
    answers = crowd(
        lambda: usecases.endorse_request(row.number, by=head),
        lambda: usecases.endorse_request(row.number, by=second),
        lambda: usecases.return_request(row.number, "请写明条款", by=second),
    )
    assert len(won(answers)) == 1
    assert acts("sharing.request.endorsed", "sharing.request.returned", subject=row.number) == 1
    assert Clock.objects.filter(subject=row.number).count() == acts("sharing.request.endorsed")


def test_a_batch_endorsed_by_fifty_is_endorsed_once():
    rows = [a_request(a_request_draft(a_resource()), stage=Stage.FILED) for _ in range(4)]
    numbers, head = [row.number for row in rows], a_consumer_head()
    orders = [numbers, numbers[::-1], numbers[2:] + numbers[:2]]
    answers = crowd(*[lambda order=order: usecases.endorse_requests(order, by=head) for order in orders])
    outcomes = [one for answer in answers for one in answer]
    assert Counter(one.number for one in outcomes if one.error is None) == dict.fromkeys(numbers, 1)
    assert all(isinstance(one.error, LATE) for one in outcomes if one.error is not None)
    assert acts("sharing.request.endorsed") == len(numbers)


def test_a_revocation_against_a_successor():
    made = a_grant()
    changing, head, authority = an_amending_request(made, quota_per_day=5), a_provider_head(), an_authority()
    answers = crowd(
        lambda: usecases.grant_request(changing.number, by=head),
        lambda: usecases.revoke_grant(made.number, "滥用", by=authority),
        lambda: usecases.terminate_grant(made.number, "met", by=an_applicant()),
    )
    assert len(won(answers)) == 1
    made.refresh_from_db()
    ends = ("sharing.grant.superseded", "sharing.grant.revoked", "sharing.grant.terminated")
    assert acts(*ends, subject=made.number) == 1
    assert Grant.objects.filter(stage__in=LIVE).count() == (made.stage == GrantStage.SUPERSEDED)


def test_a_revocation_against_a_renewal():
    made, by, authority = a_grant(), an_applicant(), an_authority()

    def renew() -> object:
        (done,) = usecases.renew_grants([made.number], made.valid_until + timedelta(days=90), by=by)
        if done.fault:
            raise done.fault
        return done

    answers = crowd(renew, lambda: usecases.revoke_grant(made.number, "滥用", by=authority))
    done = [one for one in answers if not isinstance(one, DatongError)]
    assert {error.status < 500 for error in answers if isinstance(error, DatongError)} == {True}
    made.refresh_from_db()
    assert made.stage == GrantStage.REVOKED
    assert acts("sharing.grant.revoked") == 1
    assert len(done) - 1 == Request.objects.filter(amends=made.number).count() <= 1


def test_two_requests_of_one_scope_make_one_grant():
    resource, application, head = a_resource(), an_application_of(), a_provider_head()
    draft = a_request_draft(resource, application=application.client_id)
    rows = [a_request(draft) for _ in range(5)]
    answers = crowd(*[lambda row=row: usecases.grant_request(row.number, by=head) for row in rows])
    assert len(won(answers)) == 1
    assert Grant.objects.filter(stage__in=LIVE).count() == acts("sharing.grant.made") == 1


def test_a_certificate_of_destruction_is_taken_once():
    task, by, head = a_grant(stage=GrantStage.TERMINATED).disposal, an_applicant(), a_provider_head()
    answers = crowd(
        lambda: usecases.certify_disposal(task.number, A_CERTIFICATE, by=by),
        lambda: usecases.lift_disposal(task.number, "已核实未留存", by=head),
    )
    assert len(won(answers)) == 1
    assert acts("sharing.disposal.certified", "sharing.disposal.lifted", subject=task.number) == 1


def test_more_time_is_asked_for_once_and_decided_once():
    row, head, authority = a_request(), a_provider_head(), an_authority()
    asked = crowd(lambda: usecases.ask_extension(row.number, 5, "须会同三个部门核实", by=head))
    assert len(won(asked, (*LATE, Refused))) == Extension.objects.count() == 1
    answers = crowd(
        lambda: usecases.decide_extension(row.number, consent=True, opinion="", by=authority),
        lambda: usecases.decide_extension(row.number, consent=False, opinion="理由不足", by=authority),
    )
    assert len(won(answers)) == 1
    assert acts("sharing.extension.granted", "sharing.extension.declined") == 1


def test_one_change_of_a_service_is_under_way():
    made, head = a_grant(), a_provider_head()
    day = today() + timedelta(days=40)
    answers = crowd(lambda: usecases.propose_change(made.resource_id, "stop", "停用", "机房搬迁", day, by=head))
    assert len(won(answers)) == ServiceChange.objects.count() == acts("sharing.change.proposed") == 1


def test_one_policy_of_a_place_is_in_force():
    authority = an_authority()
    answers = crowd(lambda: usecases.set_policy(PolicyDraft(reason="浙数〔2026〕1号"), by=authority))
    assert len(won(answers)) == acts("sharing.policy.set")
    assert DecisionPolicy.objects.filter(ended_at=None).count() == 1


def test_a_report_is_answered_once():
    row, compiler, head = a_correction(stage=Report.VERIFYING), a_compiler(), a_provider_head()
    answers = crowd(
        lambda: corrections.reject(row.number, "与权威来源核对无误", by=compiler),
        lambda: corrections.reject(row.number, "无误", by=head),
        lambda: corrections.withdraw(row.number, by=an_applicant()),
    )
    assert len(won(answers)) == 1
    assert acts("corrections.correction.rejected", "corrections.correction.withdrawn", subject=row.number) == 1


def test_fifty_people_at_their_own_work_lose_nothing():
    resource, applicant, head, consumer_head = a_resource(), an_applicant(), a_provider_head(), a_consumer_head()
    own = [a_request(a_request_draft(resource), stage=Stage.FILED) for _ in range(10)]
    theirs = [a_request(a_request_draft(resource, purpose=f"低保资格核查{number}")) for number in range(10)]
    drafts = [a_request(a_request_draft(resource), stage=Stage.DRAFT) for _ in range(10)]
    grants = [a_grant(request=a_request(a_request_draft(resource, purpose=f"社会救助核对{number}"))) for number in range(10)]
    colleague = staffed(someone(Role.APPLICANT, applicant.department_name))
    before = Act.objects.count()
    answers = at_once(
        [lambda row=row: usecases.endorse_request(row.number, by=consumer_head) for row in own]
        + [lambda row=row: usecases.grant_request(row.number, by=head) for row in theirs]
        + [lambda row=row: usecases.file_request(row.number, by=applicant) for row in drafts]
        + [lambda row=row: usecases.suspend_grant(row.number, "超范围使用", by=head) for row in grants]
        + [lambda: usecases.draft_request(RequestDraft(resource=resource.resource.code), by=colleague) for _ in range(10)]
    )
    assert not [one for one in answers if isinstance(one, DatongError)]
    tags = ("sharing.request.endorsed", "sharing.request.granted", "sharing.request.filed", "sharing.grant.suspended")
    told = Counter(Act.objects.filter(seq__gt=before).values_list("tag", flat=True))
    assert {tag: told[tag] for tag in (*tags, "sharing.request.drafted")} == dict.fromkeys((*tags, "sharing.request.drafted"), 10)
    acts()
    assert len(set(Request.objects.values_list("number", flat=True))) == Request.objects.count() == 50
    assert Grant.objects.filter(stage=GrantStage.ACTIVE).count() == Grant.objects.filter(stage=GrantStage.SUSPENDED).count() == 10


def test_no_number_and_no_code_is_given_twice():
    code, applicant, compiler = a_resource().resource.code, an_applicant(), a_compiler(PROVIDER)
    answers = crowd(
        lambda: usecases.draft_request(RequestDraft(resource=code), by=applicant),
        lambda: catalog.compile_entry(a_draft(), by=compiler),
    )
    assert not [answer for answer in answers if isinstance(answer, DatongError)]
    assert len(set(Request.objects.values_list("number", flat=True))) == MANY // 2
    assert sorted(Resource.objects.values_list("sequence", flat=True)) == list(range(1, MANY // 2 + 2))
