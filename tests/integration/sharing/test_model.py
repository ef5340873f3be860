# SPDX-License-Identifier: Apache-2.0
"""Random histories of lawful and unlawful acts against the real database; after each act the law still holds.

Kept here: what is refused writes nothing and is a kernel error; what is done is one act; no grant without a decision, no
decision without a holder who had no hand in it, one live grant of a scope, clocks that compute to their row.
`DATONG_MODEL_EXAMPLES` asks for more histories than the suite takes.
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections import Counter
from collections.abc import Iterable
from typing import Any

import pytest
from django.conf import settings as node
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datong.contexts.audit.models import Act as Recorded
from datong.contexts.audit.models import Counter as Numbering
from datong.contexts.corrections.domain.stages import OPEN as UNANSWERED
from datong.contexts.corrections.models import Correction
from datong.contexts.exchange import usecases as exchange
from datong.contexts.exchange.models import PolicySnapshot
from datong.contexts.organisations import face as organisations
from datong.contexts.periods import face as periods
from datong.contexts.periods.models import Clock
from datong.contexts.sharing.domain import LIVE, TO_DISPOSE, GrantStage, Stage
from datong.contexts.sharing.domain.chains import Opinion, StepStage, is_held
from datong.contexts.sharing.domain.disposals import UNSETTLED, DisposalStage
from datong.contexts.sharing.models import DecisionStep, DisposalTask, Grant, Request
from datong.crypto import keys
from datong.kernel.actors import SYSTEM, Officer
from datong.kernel.errors import DatongError
from datong.wire import policy as wire
from factories.acting import ACTS, WATCHES, Step, World, a_world, attempt

pytestmark = pytest.mark.django_db
EXAMPLES = int(os.environ.get("DATONG_MODEL_EXAMPLES", "0"))
LONGEST = 40
log = logging.getLogger(__name__)
WATCHED = ("sharing", "periods", "corrections")
DONE: Counter[str] = Counter()
"""What was done and what was refused, by act; a history in which nothing succeeds proves nothing."""
ALWAYS = ["file", "endorse", "grant"]
OFTEN = [
    *ALWAYS * 3,
    "draft",
    "opinion",
    "own opinion",
    "suspend",
    "resume",
    "renew",
    "certify",
    "report",
    "take up",
    "return",
    "propose",
    "answer",
]
"""Acts that lead on: without them a history stands still."""

steps = st.builds(
    Step,
    act=st.sampled_from(OFTEN + sorted(ACTS)),
    turn=st.sampled_from((1, 1, 1, 2, 3, 0)),
    pick=st.integers(0, 199),
    how=st.integers(0, 9999),
)


def tables() -> list[str]:
    """Every table the acts write to, besides the acts themselves."""
    return sorted(name for name in connection.introspection.table_names() if name.split("_")[0] in WATCHED)


def everything(names: Iterable[str]) -> str:
    """One digest of what the tables hold."""
    told = " union all ".join(
        f"select '{name}' as t, md5(string_agg(r::text, '|' order by r::text)) as d from {name} r" for name in names
    )
    with connection.cursor() as cursor:
        cursor.execute(f"select md5(string_agg(t || coalesce(d, ''), ',' order by t)) from ({told}) every")
        return cursor.fetchone()[0]


def newest() -> int:
    return Numbering.objects.get().value


@pytest.fixture
def world() -> World:
    organisations.seed()
    return a_world()


@settings(
    max_examples=EXAMPLES or 12,
    derandomize=not EXAMPLES,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(history=st.lists(steps, min_size=LONGEST // 2, max_size=LONGEST))
def one_history(world: World, names: list[str], history: list[Step]) -> None:
    """Live through a history, then forget it."""
    with transaction.atomic():
        for step in history:
            before, acts = everything(names), newest()
            live_through(world, names, step, before, acts)
        transaction.set_rollback(True)


def live_through(world: World, names: list[str], step: Step, before: str, acts: int) -> None:
    try:
        act, by, answer = attempt(world, step)
    except DatongError as refused:
        DONE[f"{step.act} refused"] += 1
        assert refused.status < 500, refused
        assert refused.message
        assert (newest(), everything(names)) == (acts, before), f"{step} was refused and left something behind"
        return
    DONE[step.act] += 1
    told = list(Recorded.objects.filter(seq__gt=acts).order_by("seq"))
    mine = [one for one in told if one.tag in act.tags and one.account == by.account]
    assert len(mine) == (int(answer) if step.act in WATCHES else 1), f"{step} is not recorded once"
    assert {one.account for one in told} <= {by.account, SYSTEM.account}, step
    the_law_holds(world)


def the_law_holds(world: World) -> None:
    acts_have_no_gaps()
    decisions_have_holders({one.account: one for one in world.officers})
    grants_rest_on_decisions()
    clocks_compute()
    what_ended_is_destroyed()
    gateways_know_what_lives()


def acts_have_no_gaps() -> None:
    numbers = list(Recorded.objects.order_by("seq").values_list("seq", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))
    assert newest() == len(numbers)


def decisions_have_holders(officers: dict[str, Officer]) -> None:
    """Each answered step was answered by a holder of its post who had no hand in the request, none before its turn."""
    for step in DecisionStep.objects.exclude(account="").select_related("request", "policy"):
        row = step.request
        if step.account == SYSTEM.account:
            assert step.policy.automatic, "the node answers only where the authority lets it"
            continue
        assert is_held(step.post, officers[step.account]), step
        if row.stage in (Stage.GRANTED, Stage.REFUSED):
            assert step.account not in (row.created_by, row.filed_by, row.endorsed_by), step
        behind = DecisionStep.objects.filter(request=row, round=step.round, position__lt=step.position)
        assert not behind.filter(stage__in=[StepStage.OPEN, StepStage.WAITING]).exists(), f"{step} came before its turn"
    for row in Request.objects.filter(stage__in=[Stage.GRANTED, Stage.REFUSED]):
        last = DecisionStep.objects.filter(request=row, decides=True).order_by("round").last()
        assert last.stage == StepStage.ANSWERED
        assert last.account == row.decided_by
        assert (last.opinion == Opinion.OBJECT) == (row.stage == Stage.REFUSED)
        assert not DecisionStep.objects.filter(request=row, stage__in=[StepStage.OPEN, StepStage.WAITING]).exists()


def grants_rest_on_decisions() -> None:
    scopes: Counter[tuple[str, str, str]] = Counter()
    for grant in Grant.objects.select_related("request"):
        assert grant.request.stage == Stage.GRANTED, grant
        assert grant.digest == hashlib.sha256(bytes(grant.document)).hexdigest()
        if grant.stage in LIVE:
            scopes[grant.resource_id, grant.application_id, grant.purpose] += 1
    assert all(times == 1 for times in scopes.values()), scopes
    assert Grant.objects.count() == Request.objects.filter(stage=Stage.GRANTED).count()


def clocks_compute() -> None:
    for clock in Clock.objects.all():
        assert periods.recomputed(clock).due == clock.due, clock
    running = set(Clock.objects.filter(stopped_at=None, paused_at=None).values_list("subject", flat=True))
    asked = set(Request.objects.filter(stage=Stage.ENDORSED).values_list("number", flat=True))
    reported = set(Correction.objects.filter(stage__in=UNANSWERED).values_list("number", flat=True))
    awaited = set(Grant.objects.filter(stage__in=LIVE, delivered_at=None).values_list("number", flat=True))
    assert {one for one in running if one[0] in "RCG"} == asked | reported | awaited


def what_ended_is_destroyed() -> None:
    tasks = {task.grant_id: task for task in DisposalTask.objects.all()}
    for grant in Grant.objects.all():
        task = tasks.get(grant.pk)
        if grant.stage in TO_DISPOSE:
            assert task is not None, grant
            assert task.stage in (*UNSETTLED, DisposalStage.LIFTED), grant
        elif grant.stage == GrantStage.DISPOSED:
            assert task.stage == DisposalStage.CERTIFIED, grant
        else:
            assert task is None, grant


def gateways_know_what_lives() -> None:
    """The newest signed policy says of each grant the stage its row has, and of no grant that there is not."""
    exchange.publish_policy()
    told = wire.decode(bytes(PolicySnapshot.objects.order_by("-version")[0].document), node_key())
    lives = dict(Grant.objects.values_list("number", "stage"))
    known = {one.number: one.stage for one in told.grants}
    assert known.items() <= lives.items()
    assert known.keys() >= {number for number, stage in lives.items() if stage in LIVE}


def node_key() -> Any:
    return keys.load_verifier((node.NODE_FOLDER.evidence / "node.pub").read_bytes())


def test_whatever_anybody_tries_the_law_holds(world):
    DONE.clear()
    names = tables()
    the_law_holds(world)
    one_history(world, names)
    log.info("%d tries: %s", sum(DONE.values()), ", ".join(f"{name} {times}" for name, times in sorted(DONE.items())))
    assert sum(times for name, times in DONE.items() if not name.endswith("refused")) > 50
