# SPDX-License-Identifier: Apache-2.0
"""Several people at once: one decision, no number twice, no code twice."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from datong.contexts.catalog import usecases as catalog
from datong.contexts.catalog.models import Resource
from datong.contexts.sharing import usecases
from datong.contexts.sharing.domain import GrantStage, RequestDraft, Stage
from datong.contexts.sharing.models import Grant, Request
from datong.kernel.errors import DatongError, IllegalMove
from factories.catalog import PROVIDER, a_compiler, a_draft, a_provider_head, a_resource
from factories.sharing import a_grant, a_request, an_applicant

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*attempts: Callable[[], object]) -> list[object]:
    """Run each in a thread and a connection of its own, all released together; give answers or refusals."""
    gate = Barrier(len(attempts))

    def run(attempt: Callable[[], object]) -> object:
        try:
            gate.wait(timeout=10)
            return attempt()
        except DatongError as refused:
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(len(attempts)) as pool:
        return list(pool.map(run, attempts))


def test_a_request_is_decided_once_whoever_comes_first():
    row, head, applicant = a_request(), a_provider_head(), an_applicant()
    answers = at_once(
        lambda: usecases.grant_request(row.number, by=head),
        lambda: usecases.refuse_request(row.number, "unsafe", "未整改", by=head),
        lambda: usecases.withdraw_request(row.number, by=applicant),
        lambda: usecases.grant_request(row.number, by=head),
    )
    assert sum(isinstance(answer, IllegalMove) for answer in answers) == 3
    row.refresh_from_db()
    assert Grant.objects.count() == (row.stage == Stage.GRANTED)


def test_a_grant_is_revoked_once():
    made, head = a_grant(stage=GrantStage.SUSPENDED), a_provider_head()
    answers = at_once(*[lambda: usecases.revoke_grant(made.number, "滥用", by=head)] * 4)
    assert sum(isinstance(answer, IllegalMove) for answer in answers) == 3
    made.refresh_from_db()
    assert made.stage == GrantStage.REVOKED


def test_no_number_and_no_code_is_given_twice():
    code, applicant, compiler = a_resource().resource.code, an_applicant(), a_compiler(PROVIDER)
    answers = at_once(
        *[lambda: usecases.draft_request(RequestDraft(resource=code), by=applicant)] * 5,
        *[lambda: catalog.compile_entry(a_draft(), by=compiler)] * 5,
    )
    assert not [answer for answer in answers if isinstance(answer, DatongError)]
    assert len(set(Request.objects.values_list("number", flat=True))) == 5
    assert sorted(Resource.objects.values_list("sequence", flat=True)) == [1, 2, 3, 4, 5, 6]
