# SPDX-License-Identifier: Apache-2.0
"""An entry from draft to published, superseded and withdrawn, with its acts."""

from dataclasses import replace
from datetime import date, datetime
from unittest.mock import patch

import pytest
from django.db import IntegrityError, transaction

from datong.contexts.audit import face as audit
from datong.contexts.catalog import face, queries, usecases
from datong.contexts.catalog.domain import Stage
from datong.contexts.catalog.models import ClassNode, Resource, Version
from datong.contexts.catalog.usecases.laws import seed_laws
from datong.contexts.organisations import face as organisations
from datong.contexts.periods import face as periods
from datong.kernel.actors import SYSTEM, Officer, Role
from datong.kernel.errors import Conflict, IllegalMove, Malformed, Refused, Unknown
from datong.kernel.workdays import SHANGHAI
from factories.catalog import (
    CLASS,
    ITEMS,
    a_compiler,
    a_draft,
    a_new_version,
    a_provider_head,
    a_resource,
    an_authority,
    an_open_draft,
    someone,
)  # fmt: skip

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("stage", list(Stage))
def test_every_stage_can_be_reached(stage):
    assert a_resource(stage=stage).stage == stage


def test_codes_are_given_in_order_and_never_again():
    first, second = a_resource(stage=Stage.DRAFT), a_resource(stage=Stage.DRAFT)
    usecases.withdraw_entry(second.pk, "重复", by=a_compiler())
    third = a_resource(stage=Stage.DRAFT)
    sequences = [row.resource.sequence for row in (first, second, third)]
    assert sequences == [1, 2, 3]
    assert third.resource.code == f"{CLASS}/3"


def test_809_3_a_secret_is_refused_and_the_attempt_recorded():
    usecases.seed_classes()
    for secrecy in ("state_secret", "work_secret"):
        with pytest.raises(Refused, match="国家秘密"):
            usecases.compile_entry(a_draft(secrecy=secrecy), by=a_compiler())
    assert Resource.objects.count() == 0
    assert last_act().tag == "catalog.entry.secret_refused"
    assert last_act().facts == {"secrecy": "work_secret"}


def test_809_3_a_draft_cannot_become_secret_either():
    row = a_resource(stage=Stage.DRAFT)
    with pytest.raises(Refused):
        usecases.revise_entry(row.pk, a_draft(secrecy="work_secret"), by=a_compiler())
    assert last_act().subject == row.resource.code


def test_809_13_an_incomplete_entry_stays_a_draft():
    usecases.seed_classes()
    seed_laws()
    row = usecases.compile_entry(a_draft(use_conditions="", update_cycle=""), by=a_compiler())
    with pytest.raises(Malformed) as refused:
        usecases.file_entry(row.pk, by=a_compiler())
    assert refused.value.fields.keys() == {"use_conditions", "update_cycle"}
    row.refresh_from_db()
    assert row.stage == Stage.DRAFT


def test_809_13_the_compiler_does_not_consent_even_as_head():
    row = a_resource(stage=Stage.FILED)
    both = someone(Role.PROVIDER_HEAD, "浙江省公安厅", account=row.created_by)
    with pytest.raises(Refused, match="自己编制"):
        usecases.consent_entry(row.pk, by=both)


def test_809_16_only_the_authority_of_the_region_publishes():
    row = a_resource(stage=Stage.CONSENTED)
    for by in (a_compiler(), a_provider_head()):
        with pytest.raises(Refused, match="主管部门审核"):
            usecases.publish_entry(row.pk, by=by)
    stranger = Officer("hz", "杭州", "x", "杭州市数据局", "330100", frozenset({Role.AUTHORITY}))
    with pytest.raises(Unknown):
        usecases.publish_entry(row.pk, by=stranger)


def test_809_17_the_authority_has_two_working_days():
    organisations.seed()
    row = a_resource(stage=Stage.FILED)
    friday = datetime(2026, 9, 30, 17, 0, tzinfo=SHANGHAI)
    with patch("datong.contexts.catalog.usecases.reviewing.datetime") as clock:
        clock.now.return_value = friday
        row = usecases.consent_entry(row.pk, by=a_provider_head())
    assert row.due == date(2026, 10, 9), "1 to 7 October are holidays"
    (clock,) = periods.clocks_of(row.resource.code)
    assert (clock.rule, clock.due, clock.published) == ("809-17-review", row.due, True)


def test_an_entry_is_filed_only_once():
    row = a_resource(stage=Stage.FILED)
    with pytest.raises(IllegalMove):
        usecases.file_entry(row.pk, by=a_compiler())


def test_a_return_needs_an_opinion_and_lets_the_compiler_edit_again():
    row = a_resource(stage=Stage.CONSENTED)
    with pytest.raises(Malformed):
        usecases.return_entry(row.pk, "  ", by=an_authority())
    back = usecases.return_entry(row.pk, "摘要不清", by=an_authority())
    assert (back.stage, back.opinion) == (Stage.RETURNED, "摘要不清")
    usecases.revise_entry(row.pk, a_draft(name="常住人口（修订）"), by=a_compiler())
    assert usecases.file_entry(row.pk, by=a_compiler()).stage == Stage.FILED


def test_the_head_returns_what_is_filed_but_not_what_the_authority_holds():
    row = a_resource(stage=Stage.CONSENTED)
    with pytest.raises(Refused):
        usecases.return_entry(row.pk, "等一下", by=a_provider_head())


def test_a_revision_replaces_the_items_and_keeps_the_code():
    row = a_resource(stage=Stage.DRAFT)
    row = usecases.revise_entry(row.pk, a_draft(items=ITEMS[:2]), by=a_compiler(), revision=1)
    assert [item.field for item in row.items.all()] == ["resident_id", "name"]
    assert row.revision == 2
    with pytest.raises(Malformed) as refused:
        usecases.revise_entry(row.pk, a_draft(class_code="101001"), by=a_compiler())
    assert "class_code" in refused.value.fields


def test_the_second_of_two_editors_is_told():
    row = a_resource(stage=Stage.DRAFT)
    usecases.revise_entry(row.pk, a_draft(), by=a_compiler(), revision=1)
    with pytest.raises(Conflict):
        usecases.revise_entry(row.pk, a_draft(name="另一份"), by=a_compiler(), revision=1)


def test_what_is_filed_or_published_is_not_edited():
    for stage in (Stage.FILED, Stage.CONSENTED, Stage.PUBLISHED):
        row = a_resource(stage=stage)
        with pytest.raises(IllegalMove):
            usecases.revise_entry(row.pk, a_draft(), by=a_compiler())


def test_a_new_version_lives_beside_the_current_one_until_it_is_published():
    old = a_resource()
    code = old.resource.code
    draft = usecases.new_version(code, by=a_compiler())
    assert (draft.number, draft.stage, draft.items.count()) == (2, Stage.DRAFT, len(ITEMS))
    assert face.resource(code, by=SYSTEM).version == 1
    with pytest.raises(Conflict):
        usecases.new_version(code, by=a_compiler())
    usecases.revise_entry(draft.pk, a_draft(name="常住人口二版", class_code=""), by=a_compiler())
    assert face.resource(code, by=SYSTEM).name == old.name
    for step, by in ((usecases.file_entry, a_compiler()), (usecases.consent_entry, a_provider_head()), (usecases.publish_entry, an_authority())):
        step(draft.pk, by=by)
    assert face.resource(code, by=SYSTEM).name == "常住人口二版"
    old.refresh_from_db()
    assert old.stage == Stage.SUPERSEDED
    assert face.version(code, 1).name == old.name


def test_809_27_a_provider_does_not_take_a_published_resource_away():
    row = a_resource()
    for by in (a_compiler(), a_provider_head()):
        with pytest.raises(Refused):
            usecases.withdraw_entry(row.pk, "不想共享", by=by)
    usecases.withdraw_entry(row.pk, "职责调整", by=an_authority())
    with pytest.raises(Unknown):
        face.resource(row.resource.code, by=a_compiler())
    assert face.served(row.resource.code) is None


def test_a_withdrawn_resource_returns_as_a_new_version():
    row = a_resource(stage=Stage.WITHDRAWN)
    assert a_new_version(row.resource.code).number == 2
    assert face.resource(row.resource.code, by=SYSTEM).version == 2


def test_another_departments_compiler_cannot_touch_an_entry_and_does_not_see_its_draft():
    draft, published = a_resource(stage=Stage.DRAFT), a_resource()
    stranger = a_compiler("浙江省民政厅")
    for attempt in (usecases.file_entry, lambda pk, by: usecases.revise_entry(pk, a_draft(), by=by)):
        with pytest.raises(Unknown):
            attempt(draft.pk, by=stranger)
    with pytest.raises(Refused):
        usecases.new_version(published.resource.code, by=stranger)


def test_a_class_must_be_a_subitem_and_there():
    usecases.seed_classes()
    for code in ("", "3", "307", "999999", "3\x00", "307001' or 1=1"):
        with pytest.raises(Malformed) as refused:
            usecases.compile_entry(a_draft(class_code=code, level="x"), by=a_compiler())
        assert refused.value.fields.keys() == {"class_code", "level"}


def test_classes_are_seeded_once_and_extended_by_the_authority():
    assert usecases.seed_classes() > 40
    assert usecases.seed_classes() == 0
    made = usecases.add_class("3070011", "户籍", by=an_authority())
    assert (made.level, made.parent.code) == (4, "307001")
    assert usecases.add_class("307002", "交通", by=an_authority()).parent.code == "307"
    with pytest.raises(Conflict):
        usecases.add_class("307002", "再来", by=an_authority())
    for code in ("40", "3x", "399001"):
        with pytest.raises(Malformed):
            usecases.add_class(code, "无", by=an_authority())
    with pytest.raises(Refused):
        usecases.add_class("307003", "无", by=a_compiler())
    assert ClassNode.objects.get(code="307001").level == 3


def test_the_database_itself_keeps_one_published_version():
    row = a_resource()
    with pytest.raises(IntegrityError), transaction.atomic():
        Version.objects.create(resource=row.resource, number=9, stage="published", created_by="x")


def test_every_step_leaves_its_act_with_the_digest_of_what_was_said():
    row = a_resource()
    found = [act for act in every_act() if act.subject == row.resource.code]
    assert [act.tag for act in found] == [
        "catalog.entry.compiled", "catalog.entry.filed", "catalog.entry.consented", "catalog.entry.published",
    ]  # fmt: skip
    assert found[0].facts["digest"] == found[1].facts["digest"] == found[3].facts["digest"]
    assert [act.account for act in found][2] == row.consented_by


def test_hints_compute_what_can_be_computed():
    first = a_resource(an_open_draft())
    again = a_resource(an_open_draft(abstract="短", related=("307001/999",)), stage=Stage.CONSENTED)
    hints = {hint.quality.value: hint for hint in queries.review_hints(again)}
    assert {name for name, hint in hints.items() if not hint.ok} == {"unique", "related", "well_phrased"}
    assert first.resource.code in hints["unique"].message
    bare = a_resource(a_draft(name="独一份", abstract="独一份", items=(replace(ITEMS[1], name="name"),)), stage=Stage.CONSENTED)
    phrased = {hint.quality.value: hint for hint in queries.review_hints(bare)}["well_phrased"].message
    assert all(words in phrased for words in ("摘要过短", "摘要与名称相同", "没有中文名称", "没有主键"))
    elsewhere = a_resource(a_draft(name="独一份"), stage=Stage.CONSENTED, provider="浙江省民政厅")
    assert "其他部门" in queries.review_hints(elsewhere)[0].message
    empty = a_resource(stage=Stage.DRAFT)
    empty.items.all().delete()
    assert "items" in queries.review_hints(empty)[1].message
    good = a_resource(a_draft(name="完好", related=(first.resource.code,)), stage=Stage.CONSENTED)
    assert all(hint.ok for hint in queries.review_hints(good))


def test_a_withdrawn_version_of_a_published_resource_leaves_the_resource():
    row = a_resource()
    draft = usecases.new_version(row.resource.code, by=a_compiler())
    usecases.withdraw_entry(draft.pk, "不改了", by=a_compiler())
    assert face.resource(row.resource.code, by=SYSTEM).version == 1
    with pytest.raises(Unknown):
        usecases.new_version("\x00", by=a_compiler())
    with pytest.raises(Unknown):
        usecases.new_version("307001/99", by=a_compiler())


def every_act():
    return sorted(audit.acts(limit=500), key=lambda act: act.seq)


def last_act():
    return every_act()[-1]
