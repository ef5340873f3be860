# SPDX-License-Identifier: Apache-2.0
"""A dispute from its opening to each of its ends: what is refused, who is told, what is kept."""

from __future__ import annotations

import pytest

from datong.contexts.audit import face as audit
from datong.contexts.disputes import face, queries, usecases
from datong.contexts.disputes.domain.disputes import OPEN, TAG, Stage
from datong.contexts.disputes.models import Dispute, Paper
from datong.contexts.disputes.queries.sealing import content_of
from datong.contexts.periods import face as periods
from datong.contexts.sharing.domain import GrantStage
from datong.contexts.sharing.domain import Stage as RequestStage
from datong.kernel.actors import Role
from datong.kernel.enclosures import File
from datong.kernel.errors import Conflict, IllegalMove, Malformed, Refused, Unknown
from factories import folders
from factories.catalog import PROVIDER, a_compiler, a_provider_head, a_resource, someone
from factories.corrections import a_correction
from factories.corrections import a_window_clerk as a_reporter
from factories.disputes import CLAIM, TEXT, a_dispute, the_authority
from factories.organisations import a_department
from factories.sharing import CONSUMER, a_consumer_head, a_grant, a_request, an_applicant

pytestmark = pytest.mark.django_db
OTHER = "浙江省水利厅"


def notices(by, number):
    return [one for one in periods.notices(by) if one.subject == number]


@pytest.mark.parametrize("stage", list(Stage))
def test_every_stage_is_reached_and_its_act_recorded(stage):
    row = a_dispute(stage=stage)
    assert row.stage == stage
    tags = [act.tag for act in audit.acts(subject=row.number)]
    assert TAG[stage] in tags
    assert (row.ended_at is None) == (stage in OPEN)


@pytest.mark.parametrize("stage", [one for one in Stage if one not in OPEN])
def test_what_is_settled_asks_nobody_and_takes_no_word(stage):
    row = a_dispute(stage=stage)
    with pytest.raises(IllegalMove):
        usecases.state(row.number, "还有话说", by=an_applicant())
    with pytest.raises(IllegalMove):
        usecases.escalate(row.number, "再来", by=a_consumer_head())
    assert face.waiting(a_provider_head(PROVIDER)) == []
    assert row.days_open == 0


def test_the_other_party_is_told_and_answers_in_the_same_record():
    row = a_dispute()
    assert len(notices(a_provider_head(PROVIDER), row.number)) == 1
    assert [one.number for one in face.waiting(a_compiler(PROVIDER))] == [row.number]
    usecases.state(row.number, "无关低保", by=a_compiler(PROVIDER), files=[File("说明.pdf", [b"%PDF 1"])])
    assert len(notices(an_applicant(), row.number)) == 1
    said = [(one.side, one.words) for one in row.statements.all()]
    assert said == [("consumer", CLAIM), ("provider", "无关低保")]
    paper = Paper.objects.get()
    assert content_of(queries.paper_of(row, paper.pk)) == b"%PDF 1"
    assert b"%PDF" not in bytes(paper.sealed)
    with pytest.raises(Unknown):
        queries.paper_of(a_dispute(consumer=OTHER), paper.pk)


@pytest.mark.parametrize(
    ("name", "pieces"), [("a.exe", [b"x"]), ("a.pdf", []), ("a.pdf", [b"x" * (5 * 2**20 + 1)])], ids=["kind", "empty", "large"]
)
def test_a_file_that_is_not_taken_leaves_no_word_either(name, pieces):
    row = a_dispute()
    with pytest.raises(Malformed) as refusal:
        usecases.state(row.number, "见附件", by=a_compiler(PROVIDER), files=[File(name, pieces)])
    assert "files" in refusal.value.fields
    assert row.statements.count() == 1


def test_six_files_are_too_many():
    row = a_dispute()
    with pytest.raises(Malformed):
        usecases.state(row.number, "见附件", by=an_applicant(), files=[File(f"{n}.txt", [b"1"]) for n in range(6)])


def test_a_new_text_takes_the_old_assent_away():
    row = a_dispute()
    usecases.propose(row.number, TEXT, by=a_consumer_head())
    usecases.propose(row.number, "只给一项", by=a_provider_head(PROVIDER))
    with pytest.raises(Conflict, match="变更"):
        usecases.assent(row.number, TEXT, by=a_consumer_head())
    with pytest.raises(Conflict, match="等待对方"):
        usecases.assent(row.number, "只给一项", by=a_provider_head(PROVIDER))
    assert usecases.assent(row.number, "只给一项\r\n", by=a_consumer_head()).stage == Stage.AGREED


def test_the_parties_may_still_agree_while_the_authority_coordinates():
    row = a_dispute(stage=Stage.COORDINATING)
    usecases.propose(row.number, TEXT, by=a_provider_head(PROVIDER))
    assert [one.number for one in face.waiting(a_consumer_head())] == [row.number]
    assert usecases.assent(row.number, TEXT, by=a_consumer_head()).stage == Stage.AGREED
    assert face.waiting(the_authority()) == []


@pytest.mark.parametrize("verb", ["propose", "assent", "escalate"])
def test_a_clerk_binds_nobody(verb):
    row = a_dispute()
    with pytest.raises(Refused, match="负责人"):
        getattr(usecases, verb)(row.number, TEXT, by=an_applicant())


def test_only_the_party_that_opened_it_takes_it_back():
    row = a_dispute()
    with pytest.raises(Refused, match="提出的一方"):
        usecases.withdraw(row.number, "不必了", by=a_provider_head(PROVIDER))
    with pytest.raises(Malformed):
        usecases.withdraw(row.number, " ", by=a_consumer_head())
    assert Dispute.objects.get().stage == Stage.NEGOTIATING


def test_the_authority_speaks_once_it_is_asked():
    row = a_dispute()
    with pytest.raises(Refused):
        usecases.state(row.number, "请双方说明", by=the_authority())
    usecases.escalate(row.number, "协商不成", by=a_consumer_head())
    assert usecases.state(row.number, "请双方说明", by=the_authority()).side == "authority"
    assert [one.number for one in face.waiting(the_authority())] == [row.number]


@pytest.mark.parametrize(("instruction", "reasons"), [("", "理由"), ("意见", "  ")])
def test_an_instruction_without_reasons_is_none(instruction, reasons):
    row = a_dispute(stage=Stage.COORDINATING)
    with pytest.raises(Malformed):
        usecases.instruct(row.number, instruction, reasons, by=the_authority())
    assert Dispute.objects.get().stage == Stage.COORDINATING


@pytest.mark.parametrize(("decision", "document"), [("", "文号"), ("内容", "")])
def test_a_decision_has_text_and_number(decision, document):
    row = a_dispute(stage=Stage.APPEALED)
    with pytest.raises(Malformed):
        usecases.decide(row.number, decision, document, by=the_authority())
    with pytest.raises(Refused):
        usecases.decide(row.number, "内容", "文号", by=a_provider_head(PROVIDER))


def test_what_another_authority_decided_is_written_down_with_its_number():
    consumer = a_department("湖北省民政厅", region="420000").name
    here = the_authority()
    row = a_dispute(consumer=consumer)
    usecases.escalate(row.number, "协商不成", by=someone(Role.CONSUMER_HEAD, consumer))
    assert [one.number for one in face.waiting(here)] == [row.number]
    with pytest.raises(Malformed) as refusal:
        usecases.instruct(row.number, "提供", "依法", by=here)
    assert "document" in refusal.value.fields
    assert usecases.instruct(row.number, "提供", "依法", "国数函〔2026〕9号", by=here).instruction_document


def test_where_no_authority_works_at_all_it_is_said():
    row = a_dispute()
    seat = queries.seat("100000", "中华人民共和国")
    from datong.contexts.organisations.models import Appointment  # noqa: PLC0415  only to empty the seats

    Appointment.objects.filter(role=Role.AUTHORITY).delete()
    assert queries.seat(row.region, row.region_name).handler == ""
    usecases.escalate(row.number, "协商不成", by=a_consumer_head())
    assert Dispute.objects.get().stage == Stage.COORDINATING
    assert seat.region == "100000"


def test_one_thing_is_disputed_once_at_a_time():
    row = a_dispute()
    with pytest.raises(Conflict, match=row.number):
        usecases.open_dispute("request", row.subject, "refused", CLAIM, by=an_applicant())
    usecases.withdraw(row.number, "重提", by=a_consumer_head())
    assert usecases.open_dispute("request", row.subject, "refused", CLAIM, by=an_applicant()).number != row.number


@pytest.mark.parametrize(("stage", "matters"), [("granted", ["partial"]), ("endorsed", []), ("refused", ["refused"])])
def test_what_may_be_disputed_of_a_request_is_what_happened(stage, matters):
    row = a_request(stage=RequestStage(stage))
    thing = queries.disputed("request", row.number, by=an_applicant())
    assert [one.value for one in thing.matters] == matters
    with pytest.raises(Malformed):
        usecases.open_dispute("request", row.number, "suspended", CLAIM, by=an_applicant())


def test_a_suspended_grant_is_disputed_by_either_party():
    grant = a_grant(stage=GrantStage.SUSPENDED)
    row = usecases.open_dispute("grant", grant.number, "suspended", "没有超范围使用", by=an_applicant())
    assert (row.kind, row.subject, row.provider.name) == ("grant", grant.number, PROVIDER)
    other = a_grant(stage=GrantStage.REVOKED)
    assert usecases.open_dispute("grant", other.number, "stopped", "对方不认", by=a_compiler(PROVIDER)).opened_side == "provider"


def test_an_entry_is_disputed_by_who_would_use_it_never_by_its_own_department():
    code = a_resource().resource.code
    with pytest.raises(Refused, match="两个部门"):
        usecases.open_dispute("entry", code, "conditions", CLAIM, by=a_compiler(PROVIDER))
    row = usecases.open_dispute("entry", code, "conditions", "条件没有法律依据", by=an_applicant())
    assert (row.consumer.name, row.provider.name) == (CONSUMER, PROVIDER)
    assert usecases.open_dispute("entry", code, "withheld", "部分项", by=someone(Role.APPLICANT, OTHER)).number != row.number


def test_a_rejected_report_is_disputed(monkeypatch):
    from datong.contexts.corrections.domain.stages import Stage as Reported  # noqa: PLC0415
    from datong.engine import face as engine  # noqa: PLC0415

    folders.empty()
    monkeypatch.setattr(engine, "apart", lambda task, *given, seconds=None, **more: task(*given, **more))
    report = a_correction(stage=Reported.REJECTED)
    row = usecases.open_dispute("correction", report.number, "not_corrected", "确有错误", by=a_reporter())
    assert (row.kind, row.resource_id) == ("correction", report.resource_id)
    folders.empty()


@pytest.mark.parametrize(("kind", "code"), [("request", "R20200101-0001"), ("entry", "x" * 60), ("grant", "\x00"), ("entry", "")])
def test_what_is_not_there_cannot_be_disputed(kind, code):
    with pytest.raises(Unknown):
        usecases.open_dispute(kind, code, "refused", CLAIM, by=an_applicant())


def test_only_known_kinds_are_disputed():
    with pytest.raises(Malformed):
        usecases.open_dispute("weather", "1", "refused", CLAIM, by=an_applicant())


def test_others_see_nothing():
    row = a_dispute()
    for outsider in (someone(Role.APPLICANT, OTHER), someone(Role.PROVIDER_HEAD, CONSUMER), someone(Role.APPLICANT, PROVIDER)):
        assert queries.disputes(outsider).count() == 0
        with pytest.raises(Unknown):
            queries.dispute_of(row.number, by=outsider)
    assert queries.disputes(the_authority(), q=CONSUMER[:4]).count() == 1
    assert queries.disputes(the_authority(), q="\x00").count() == 0
    assert face.under_way(an_applicant()).count() == 0
