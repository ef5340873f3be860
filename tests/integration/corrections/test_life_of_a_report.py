# SPDX-License-Identifier: Apache-2.0
"""A report from the one who found the error to the answer, the users told, and the rating."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from datong.contexts.audit import face as audit
from datong.contexts.corrections import face, queries, usecases
from datong.contexts.corrections.domain.checks import Check
from datong.contexts.corrections.domain.stages import Stage
from datong.contexts.corrections.models import Correction
from datong.contexts.exchange.models import Batch
from datong.contexts.periods import face as periods
from datong.contexts.sharing import usecases as sharing
from datong.contexts.sharing.models import Grant
from datong.kernel.actors import Role
from datong.kernel.enclosures import File
from datong.kernel.errors import IllegalMove, Malformed, Refused, Unknown
from factories.catalog import (
    PROVIDER,
    a_compiler,
    a_new_version,
    a_provider_head,
    an_authority,
    an_open_draft,
    someone,
)
from factories.corrections import (
    RIGHT,
    WRONG,
    a_correction,
    a_report,
    a_used_resource,
    a_window_clerk,
    mended_rows,
)
from factories.exchange import index_of
from factories.sharing import CONSUMER

pytestmark = pytest.mark.django_db
OTHER = "浙江省人力资源和社会保障厅"
STRANGER = "浙江省水利厅"


def subjects(by):
    return [(one.subject_kind, one.subject) for one in told(by)]


def told(by):
    """What a post is told of reports; its requests and grants are told of too."""
    return [one for one in periods.notices(by) if one.subject_kind in ("correction", "corrected")]


def test_a_report_starts_the_clock_and_tells_the_provider():
    row = a_correction()
    clock = periods.clock_of(row.number)
    assert (clock.rule, clock.days, clock.role, clock.department) == (
        "809-26-correction",
        10,
        "provider_compiler",
        row.provider_id,
    )
    assert clock.started_at == row.filed_at
    for post in (a_compiler(), a_provider_head()):
        (notice,) = told(post)
        assert (notice.subject, notice.href) == (row.number, f"/corrections/{row.number}")
    assert row.batch is not None and row.version == 1
    assert queries.values_of(row).found == WRONG


def test_the_acts_and_the_table_say_nothing_of_a_person():
    said = a_report(
        found="秘密值甲", expected="秘密值乙", evidence="秘密佐证", proof_kind="resident_card", proof_number="330106199001010010"
    )
    row = a_correction(said=said)
    stored = str(Correction.objects.filter(pk=row.pk).values().get())
    acts = "".join(str(act.facts) for act in audit.acts(subject=row.number, limit=9))
    for secret in ("秘密", "330106199001010010", "330100000000"):
        assert secret not in stored
        assert secret not in acts


def test_the_provider_takes_it_up_mends_the_data_and_everybody_who_uses_them_is_told():
    home = a_used_resource(CONSUMER, OTHER)
    row = a_correction(home, stage=Stage.VERIFYING)
    with pytest.raises(Malformed) as refused:
        usecases.correct(row.number, by=a_compiler())
    assert "batch" in refused.value.fields, "nothing was landed after the report"
    batch = mended_rows(home)
    done = usecases.correct(row.number, "按公告更正", by=a_provider_head())
    assert (done.stage, done.corrected_batch, done.checked, done.told) == (Stage.CORRECTED, batch, Check.AS_EXPECTED, 2)
    assert periods.clock_of(row.number).stopped_by == "corrections.correction.corrected"
    for consumer in (CONSUMER, OTHER):
        assert ("corrected", row.number) in subjects(someone(Role.APPLICANT, consumer))
        assert ("corrected", row.number) in subjects(someone(Role.CONSUMER_HEAD, consumer))
    assert ("correction", row.number) in subjects(a_window_clerk())
    assert ("correction", row.number) not in subjects(someone(Role.APPLICANT, OTHER)), "who reported is nobody else's affair"
    assert subjects(a_compiler()) == []
    with pytest.raises(IllegalMove):
        usecases.reject(row.number, "又不同意", by=a_compiler())


def test_a_record_that_still_holds_the_reported_value_is_not_corrected():
    home = a_used_resource()
    row = a_correction(home, a_report(found="杭州市", expected="临安市"), stage=Stage.VERIFYING)
    other = a_correction(home, a_report(key={"code": "330106000000"}, found="西湖区", expected="西湖"), stage=Stage.VERIFYING)
    mended_rows(home)
    assert usecases.correct(row.number, by=a_compiler()).checked == Check.CHANGED
    with pytest.raises(Malformed, match="仍是所报的值"):
        usecases.correct(other.number, by=a_compiler())
    assert Correction.objects.get(pk=other.pk).stage == Stage.VERIFYING


@pytest.mark.parametrize(
    ("changes", "check"),
    [
        ({"key": {}}, Check.NOT_CHECKED),
        ({"key": {"code": "999999999999"}}, Check.GONE),
        ({"found": "", "expected": RIGHT}, Check.AS_EXPECTED),
        ({"found": "", "expected": "另一个名称"}, Check.CHANGED),
        ({"found": WRONG, "expected": ""}, Check.CHANGED),
    ],
)
def test_what_the_data_that_serve_say(changes, check):
    home = a_used_resource()
    row = a_correction(home, a_report(**changes), stage=Stage.VERIFYING)
    mended_rows(home)
    assert usecases.correct(row.number, by=a_compiler()).checked == check


def test_a_lost_index_hinders_no_answer():
    home = a_used_resource()
    row = a_correction(home, stage=Stage.VERIFYING)
    batch = mended_rows(home)
    index_of(Batch.objects.get(pk=batch)).unlink()
    assert usecases.correct(row.number, by=a_compiler()).checked == Check.NOT_CHECKED


@pytest.mark.parametrize("batch", [0, 1, 999_999, -1])
def test_a_batch_that_is_not_newer_carries_no_correction(batch):
    home = a_used_resource()
    row = a_correction(home, stage=Stage.VERIFYING)
    old = row.batch if batch == 1 else batch
    mended_rows(home)
    with pytest.raises(Malformed):
        usecases.correct(row.number, by=a_compiler(), batch=old)


def test_a_catalogue_error_is_corrected_by_a_newer_version():
    home = a_used_resource()
    row = a_correction(home, a_report(kind="catalog", key={}, found="", expected="", item="title"), stage=Stage.VERIFYING)
    with pytest.raises(Malformed) as refused:
        usecases.correct(row.number, by=a_compiler())
    assert "version" in refused.value.fields
    keep = {name: getattr(an_open_draft(), name) for name in ("sharing_type", "sharing_scope", "sharing_use", "level", "items")}
    a_new_version(home.resource.code, **keep, withheld_basis_rank="", withheld_basis="", withheld_reason="")
    with pytest.raises(Malformed):
        usecases.correct(row.number, by=a_compiler(), version=1)
    done = usecases.correct(row.number, by=a_compiler(), version=2)
    assert (done.corrected_version, done.told) == (2, 1)
    (notice,) = [one for one in told(a_window_clerk()) if one.subject_kind == "corrected"]
    assert "第 2 版" in notice.words
    assert notice.href == f"/resources/{home.resource.code}"


def test_an_interface_problem_is_answered_in_words():
    row = a_correction(said=a_report(kind="interface", key={}, item="", found="", expected=""), stage=Stage.VERIFYING)
    with pytest.raises(Malformed):
        usecases.correct(row.number, " ", by=a_compiler())
    done = usecases.correct(row.number, "网关已恢复", by=a_compiler())
    assert (done.stage, done.told) == (Stage.CORRECTED, 0)


def test_a_refusal_has_a_reason_and_the_reporter_reads_it():
    row = a_correction(stage=Stage.VERIFYING)
    with pytest.raises(Malformed):
        usecases.reject(row.number, "", by=a_compiler())
    usecases.reject(row.number, "与权威来源核对无误", by=a_compiler())
    (notice,) = told(a_window_clerk())
    assert "不予更正" in notice.words
    assert audit.acts(subject=row.number, limit=1)[0].facts["reason"] == "与权威来源核对无误"


def test_the_reporter_rates_once():
    row = a_correction(stage=Stage.REJECTED)
    with pytest.raises(Malformed):
        usecases.rate(row.number, "splendid", by=a_window_clerk())
    with pytest.raises(Refused):
        usecases.rate(row.number, "satisfied", by=a_compiler())
    done = usecases.rate(row.number, "very_dissatisfied", "没有说明理由", by=a_window_clerk())
    assert (done.stage, done.rating_words) == (Stage.CLOSED, "没有说明理由")
    assert subjects(a_window_clerk()) == []
    with pytest.raises(IllegalMove):
        usecases.rate(row.number, "satisfied", by=a_window_clerk())


def test_nobody_rates_before_the_answer_and_what_is_withdrawn_is_over():
    row = a_correction()
    with pytest.raises(IllegalMove):
        usecases.rate(row.number, "satisfied", by=a_window_clerk())
    with pytest.raises(Refused):
        usecases.withdraw(row.number, by=a_compiler())
    usecases.withdraw(row.number, "看错了", by=a_window_clerk())
    assert periods.clock_of(row.number).stopped_at is not None
    with pytest.raises(IllegalMove):
        usecases.take_up(row.number, by=a_compiler())


def test_only_the_provider_answers_and_strangers_know_nothing():
    row = a_correction()
    with pytest.raises(Refused, match="提供部门"):
        usecases.take_up(row.number, by=a_window_clerk())
    with pytest.raises(Refused):
        usecases.take_up(row.number, by=an_authority())
    for stranger in (someone(Role.APPLICANT, STRANGER), someone(Role.COMPILER, STRANGER)):
        with pytest.raises(Unknown):
            usecases.take_up(row.number, by=stranger)
    assert queries.corrections(an_authority()).count() == 1
    assert queries.corrections(someone(Role.APPLICANT, PROVIDER)).count() == 0, "compiler and head answer for the provider"


@pytest.mark.parametrize("by", [someone, None])
def test_who_may_report(by):
    home = a_used_resource()
    officer = someone(Role.COMPILER, STRANGER) if by else a_compiler()
    if by:
        assert usecases.report(home.resource.code, a_report(), by=officer).reporter_role == "provider_compiler"
    else:
        with pytest.raises(Refused, match="直接更正"):
            usecases.report(home.resource.code, a_report(), by=officer)
    with pytest.raises(Refused, match="部门"):
        usecases.report(home.resource.code, a_report(), by=someone(Role.AUDITOR, PROVIDER).__class__("a", "b", "", "", ""))


def test_what_is_reported_must_be_in_the_resource():
    home = a_used_resource()
    for changes, field in (({"item": "nowhere"}, "item"), ({"key": {"title": "x"}}, "key"), ({"kind": "mood"}, "kind")):
        with pytest.raises(Malformed) as refused:
            usecases.report(home.resource.code, a_report(**changes), by=a_window_clerk())
        assert field in refused.value.fields
    with pytest.raises(Unknown):
        usecases.report("307001/999", a_report(), by=a_window_clerk())


def test_a_grant_named_is_the_reporters_own():
    home, other = a_used_resource(), a_used_resource(OTHER)
    grants = {grant.resource_id: grant.number for grant in Grant.objects.all()}
    assert a_correction(home, grant=grants[home.resource.code]).grant == grants[home.resource.code]
    with pytest.raises(Unknown):
        a_correction(home, grant=grants[other.resource.code])
    with pytest.raises(Malformed):
        a_correction(other, grant=grants[home.resource.code])


def test_evidence_is_sealed_and_read_by_the_two_sides():
    file = File("公告.pdf", [b"%PDF-", b"secret"])
    row = a_correction(files=[file, File("再一份.PDF", [b"%PDF-secret"])])
    (kept,) = row.files.all()
    assert b"secret" not in bytes(kept.sealed)
    for reader in (a_window_clerk(), a_compiler()):
        assert queries.evidence_of(row, kept.pk, by=reader).name == "公告.pdf"
    with pytest.raises(Unknown):
        queries.evidence_of(row, kept.pk, by=an_authority())


@pytest.mark.parametrize(
    "files", [[("a.exe", b"x")], [("a.pdf", b"")], [("a.pdf", b"x" * (5 * 2**20 + 1))], [(f"{n}.pdf", b"x") for n in range(6)]]
)
def test_files_that_are_not_taken(files):
    with pytest.raises(Malformed) as refused:
        a_correction(files=[File(name, [content]) for name, content in files])
    assert "files" in refused.value.fields
    assert Correction.objects.count() == 0


def test_what_waits_for_whom():
    row = a_correction()
    assert [one.number for one in face.waiting(a_compiler())] == [row.number]
    assert [one.number for one in face.waiting(a_provider_head())] == [row.number]
    assert face.waiting(a_window_clerk()) == []
    assert list(face.under_way(a_window_clerk())) == [row]
    shown = face.waiting(a_compiler())[0]
    assert (shown.stage_label, shown.home.name, shown.href) == ("待核实", CONSUMER, f"/corrections/{row.number}")
    assert "数据有误" in shown.title


def test_a_revoked_user_is_not_told():
    home = a_used_resource(CONSUMER, OTHER)
    grant = Grant.objects.get(consumer__name=OTHER)
    sharing.revoke_grant(grant.number, "超范围", by=an_authority())
    row = a_correction(home, stage=Stage.CORRECTED)
    assert row.told == 1
    assert ("corrected", row.number) not in subjects(someone(Role.APPLICANT, OTHER))


def test_summary_counts_and_names_nobody():
    home = a_used_resource()
    a_correction(home, stage=Stage.CORRECTED)
    a_correction(home, a_report(key={"code": "330106000000"}))
    a_correction(home, stage=Stage.WITHDRAWN)
    assert face.summary(home.resource.code) == queries.Summary(open=1, corrected=1, total=2)


def test_reminder_and_escalation_come_by_themselves():
    row = a_correction(at=datetime.now(UTC) - timedelta(days=60))
    periods.watch_clocks()
    assert {one.kind for one in periods.notices(a_compiler()) if one.subject == row.number} >= {"overdue"}
    assert [one.subject for one in told(an_authority())] == [row.number]
