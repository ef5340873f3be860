# SPDX-License-Identifier: Apache-2.0
"""A published resource leaves the catalogue: asked, decided, superseded by another; nothing is ever deleted."""

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from datong.contexts.audit import face as audit
from datong.contexts.catalog import face, queries, usecases
from datong.contexts.catalog.domain import Stage
from datong.contexts.catalog.domain.removals import RemovalKind, RemovalStage
from datong.contexts.catalog.domain.tickets import TicketStage
from datong.contexts.catalog.models import Resource, Version
from datong.contexts.catalog.queries import comparing, updating
from datong.contexts.catalog.usecases import removals, tickets
from datong.contexts.periods import face as periods
from datong.kernel.actors import Role
from datong.kernel.errors import Conflict, IllegalMove, Malformed, Refused, Unknown
from factories.catalog import a_compiler, a_new_version, a_provider_head, a_resource, an_authority, someone
from factories.sharing import today

pytestmark = pytest.mark.django_db


def ask(code: str, **more):
    return removals.ask_removal(code, "职责划转", by=a_provider_head(), **more)


def test_a_withdrawal_is_asked_by_the_head_and_decided_by_the_authority():
    row = a_resource()
    code = row.resource.code
    for by in (a_compiler(), an_authority()):
        with pytest.raises(Refused, match="负责人"):
            removals.ask_removal(code, "职责划转", by=by)
    with pytest.raises(Unknown):
        removals.ask_removal(code, "职责划转", by=a_provider_head("浙江省水利厅"))
    with pytest.raises(Malformed):
        removals.ask_removal(code, " ", by=a_provider_head())
    asked = ask(code)
    assert (asked.kind, periods.clock_of(asked.number).rule) == (RemovalKind.WITHDRAWAL, "809-17-review")
    with pytest.raises(Refused):
        removals.decide_removal(asked.pk, approve=True, opinion="", by=a_provider_head())
    assert [one.pk for one in updating.removals_waiting(an_authority())] == [asked.pk]
    with pytest.raises(Malformed):
        removals.decide_removal(asked.pk, approve=False, opinion="", by=an_authority())
    decided = removals.decide_removal(asked.pk, approve=True, opinion="同意", by=an_authority())
    assert (decided.stage, periods.clock_of(asked.number).stopped_by) == (RemovalStage.APPROVED, "catalog.removal.approved")
    assert Version.objects.get(pk=row.pk).stage == Stage.WITHDRAWN
    assert face.served(code) is None
    tags = [act.tag for act in audit.acts(subject=code, limit=3)]
    assert tags == ["catalog.removal.approved", "catalog.entry.withdrawn", "catalog.removal.asked"]
    with pytest.raises(IllegalMove):
        removals.decide_removal(asked.pk, approve=True, opinion="", by=an_authority())
    with pytest.raises(IllegalMove):
        ask(code)


def test_declined_or_taken_back_the_resource_stays_and_may_be_asked_for_again():
    code = a_resource().resource.code
    removals.decide_removal(ask(code).pk, approve=False, opinion="仍有需求", by=an_authority())
    again = ask(code)
    with pytest.raises(Refused):
        removals.retract_removal(again.pk, by=a_compiler())
    assert removals.retract_removal(again.pk, by=a_provider_head()).stage == RemovalStage.RETRACTED
    assert face.served(code) is not None


def test_one_request_at_a_time_and_none_while_a_version_is_reviewed():
    code = a_resource().resource.code
    asked = ask(code)
    with pytest.raises(Conflict, match="已有撤销申请"):
        ask(code)
    removals.retract_removal(asked.pk, by=a_provider_head())
    draft = usecases.new_version(code, by=a_compiler())
    usecases.file_entry(draft.pk, by=a_compiler())
    with pytest.raises(Conflict, match="审核"):
        ask(code)


def test_a_superseded_code_leads_to_its_successor():
    old, new = a_resource().resource.code, a_resource().resource.code
    for wrong in ("307001/999", old, "不是代码"):
        with pytest.raises(Malformed) as refused:
            ask(old, successor=wrong)
        assert "successor" in refused.value.fields
    asked = ask(old, successor=new)
    assert asked.kind == RemovalKind.SUPERSESSION
    removals.decide_removal(asked.pk, approve=True, opinion="", by=an_authority())
    assert Resource.objects.get(code=old).current.stage == Stage.SUPERSEDED
    assert (face.successor(old), face.successor(new), face.predecessors(new)) == (new, "", [old])
    assert Client().get(f"/resources/{old}")["Location"] == f"/resources/{new}"
    with pytest.raises(Conflict):
        usecases.new_version(old, by=a_compiler())


def test_a_withdrawal_answers_a_duty_to_update():
    code = a_resource().resource.code
    draft = tickets.TicketDraft("duty", "浙编〔2026〕3号", "职责划出", today(), code)
    ticket = tickets.open_ticket(draft, by=a_provider_head())
    removals.decide_removal(ask(code).pk, approve=True, opinion="", by=an_authority())
    ticket.refresh_from_db()
    assert ticket.stage == TicketStage.CLOSED


def test_a_draft_under_way_goes_with_it():
    code = a_resource().resource.code
    draft = usecases.new_version(code, by=a_compiler())
    removals.decide_removal(ask(code).pk, approve=True, opinion="", by=an_authority())
    draft.refresh_from_db()
    assert draft.stage == Stage.WITHDRAWN


def test_nothing_is_deleted_and_the_past_stays_readable():
    row = a_resource()
    code = row.resource.code
    a_new_version(code, update_cycle="weekly")
    for gone in (Version.objects.filter(pk=row.pk), Resource.objects.filter(code=code)):
        with pytest.raises((IntegrityError, Exception), match="never"), transaction.atomic():
            gone._raw_delete("default")
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        row.items.update(length=1)
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        row.items.filter(field="name")._raw_delete("default")
    assert comparing.numbered(code, 1, by=a_compiler()).update_cycle == "daily"
    stranger = someone(Role.APPLICANT, "浙江省民政厅")
    assert comparing.numbered(code, 1, by=stranger).number == 1, "superseded versions were public"
    removals.decide_removal(ask(code).pk, approve=True, opinion="", by=an_authority())
    assert comparing.numbered(code, 2, by=a_provider_head()).number == 2
    with pytest.raises(Unknown):
        comparing.numbered(code, 2, by=stranger)
    assert len(queries.history(code, by=a_compiler())) == 2


def test_tickets_are_a_departments_own_and_the_authoritys():
    code = a_resource().resource.code
    strange = a_resource(provider="浙江省水利厅").resource.code
    draft = tickets.TicketDraft("law", "《某法》第三条", "补充", today())
    with pytest.raises(Refused):
        tickets.open_ticket(draft, by=someone(Role.APPLICANT, "浙江省民政厅"))
    with pytest.raises(Unknown):
        tickets.open_ticket(tickets.TicketDraft("law", "《某法》", "补充", today(), strange), by=a_compiler())
    with pytest.raises(Malformed) as refused:
        tickets.open_ticket(tickets.TicketDraft("whim"), by=a_compiler())
    assert refused.value.fields.keys() == {"cause", "event_on", "citation", "reason"}
    for_another = tickets.TicketDraft("law", "《某法》", "补充", today(), department=a_compiler().department)
    row = tickets.open_ticket(for_another, by=an_authority())
    assert [one.pk for one in updating.tickets_waiting(a_compiler())] == [row.pk]
    assert list(updating.tickets(a_compiler("浙江省水利厅"))) == []
    assert tickets.name_resource(row.pk, code, by=a_compiler()).resource.code == code
    with pytest.raises(Refused):
        tickets.excuse_ticket(row.pk, "不需要", by=a_compiler())
    tickets.excuse_ticket(row.pk, "仅文字调整", by=an_authority())
    with pytest.raises(IllegalMove):
        tickets.ask_extension(row.pk, 1, "来不及", by=a_compiler())
