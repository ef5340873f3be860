# SPDX-License-Identifier: Apache-2.0
"""The pages of asking: forms that come back as they were typed, rows chosen and shown again, the basket, the dry run."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.http import QueryDict
from django.test import Client

from datong.contexts.catalog import face as catalog
from datong.contexts.catalog.models import Duty
from datong.contexts.organisations import usecases as people
from datong.contexts.sharing import queries
from datong.contexts.sharing.domain import RowRule, Stage
from datong.contexts.sharing.models import BasketLine, Grant, Request
from datong.contexts.sharing.pages import rows
from datong.contexts.sharing.usecases import baskets, copying
from datong.kernel.actors import Role
from factories.catalog import PROVIDER, a_resource, an_open_draft
from factories.organisations import a_department, an_account
from factories.sharing import CONSUMER, a_grant, a_request, a_request_draft, an_applicant, an_application_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    made = Client()
    made.force_login(an_account("shenqing", roles=[Role.APPLICANT], department=a_department(CONSUMER)))
    return made


def officer():
    return replace(an_applicant(), account="shenqing")


def typed(**changes) -> dict[str, object]:
    """A whole form as a browser sends it."""
    draft = a_request_draft(rows=())
    names = ("resource", "application", "basis_kind", "basis", "scene", "scope", "purpose")
    days = {"term_from": draft.term_from.isoformat(), "term_until": draft.term_until.isoformat()}
    return {name: getattr(draft, name) for name in names} | days | {"channels": ["call"], "items": ["name"]} | changes


RULES = (
    RowRule("division", "prefix", ("33", "3301")), RowRule("registered_on", "from", ("2026-01-01",)),
    RowRule("registered_on", "until", ("2026-12-31",)), RowRule("resident_id", "case"), RowRule("name", "in", ("张三", "李四")),
)  # fmt: skip


def posted(form: dict[str, object]) -> QueryDict:
    """What a browser would send for what the form shows."""
    sent = QueryDict(mutable=True)
    sent["region-field"] = form["region_field"]
    sent.setlist("regions", form["region_codes"])
    sent["time-field"], sent["case-field"] = form["day_field"], form["case_field"]
    for op, day in form["days"].items():
        sent[f"time-{op}"] = day
    for place, line in enumerate(form["lines"]):
        sent[f"rule-{place}-field"], sent[f"rule-{place}-op"], sent[f"rule-{place}-values"] = (
            line["field"],
            line["op"],
            line["values"],
        )
    return sent


@pytest.mark.parametrize(
    "rules",
    [
        RULES, RULES[:1], RULES[1:2], RULES[3:4], RULES[4:], (),
        (RowRule("division", "prefix", ("44",)),), (RowRule("registered_on", "from", ("2026-01-01",)), RowRule("registered_on", "from", ("2026-02-01",))),
        (RowRule("name", "case"), RowRule("resident_id", "in", ("1", "2")), RowRule("division", "prefix", ("33",))),
    ],
)  # fmt: skip
def test_rules_shown_on_the_form_come_back_as_they_were(rules):
    view = catalog.resource(a_resource().resource.code, by=officer())
    a_department("杭州市民政局", region="330100")
    form = rows.shown(rules, None, view, {}, officer())
    assert set(rows.read(posted(form))) == set(rules)
    assert form["open"] is bool(rules)


def test_a_fault_of_a_rule_stands_beside_its_part_of_the_form(client):
    answer = client.post(
        "/requests/new", typed(**{"regions": ["330000"], "region-field": "", "time-from": "2026-01-01", "time-field": "name"})
    )
    assert answer.status_code == 422
    assert set(answer.context["rows"]["errors"]) == {"region", "time_from"}
    assert "按时间限定须选日期" in answer.content.decode()
    assert Request.objects.count() == 0


def test_rules_are_said_in_words_with_the_names_of_regions():
    view = catalog.resource(a_resource().resource.code, by=officer())
    said = rows.said(
        [rule.plain() for rule in (RowRule("division", "prefix", ("33",)), *RULES[1:], RowRule("gone", "prefix", ("9",)))], view
    )
    assert said[0] == "行政区划代码 以 33 开头（浙江省）"
    assert said[1:3] == ["登记日期 不早于 2026-01-01", "登记日期 不晚于 2026-12-31"]
    assert "办件编号" in said[3]
    assert said[4:] == ["姓名 是 张三 李四 之一", "gone 以 9 开头"]


def test_a_basis_picked_without_script_counts_and_one_typed_goes_before_it(client):
    client.post(
        "/requests/new", typed(**{"basis": "", "pick-regulation": "《政务数据共享条例》第十四条", "pick-law": "《统计法》"})
    )
    assert Request.objects.get().basis == "《政务数据共享条例》第十四条"
    number = Request.objects.get().number
    client.post(
        f"/requests/{number}/edit",
        typed(**{"basis": "《社会救助暂行办法》第八条", "pick-regulation": "《政务数据共享条例》第十四条"}),
    )
    assert Request.objects.get().basis == "《社会救助暂行办法》第八条"


def test_duties_and_applications_are_offered_with_what_tells_them_apart(client):
    Duty.objects.create(department_id=a_department(CONSUMER).uscc, name="低保对象认定", basis="三定规定第三条", changed_by="x")
    an_application_of()
    page = client.get(f"/requests/new?resource={a_resource().resource.code}").content.decode()
    assert "低保对象认定（三定规定第三条）" in page
    assert "10.0.0.1" in page


def test_a_copy_is_a_form_filled_in_and_nothing_is_written_before_it_is_saved(client):
    before = a_request(stage=Stage.REFUSED)
    page = client.get(f"/requests/new?copy={before.number}")
    assert page.status_code == 200
    assert before.scene in page.content.decode()
    assert Request.objects.count() == 1
    people.suspend_application(before.application_id, by=an_applicant(), reason="停用")
    assert "没有复制过来：应用系统" in client.get(f"/requests/new?copy={before.number}").content.decode()
    assert client.get("/requests/new?copy=R0").status_code == 404


def test_a_change_shows_the_grant_it_changes(client):
    grant = a_grant()
    row = copying.amend_grant(grant.number, by=officer())
    for path in (f"/requests/{row.number}/edit", f"/requests/{row.number}"):
        assert grant.number in client.get(path).content.decode()


def test_a_dry_run_is_a_part_for_htmx_and_a_page_for_anyone_else(client):
    code = a_resource().resource.code
    page = client.get(f"/requests/dry-run?resource={code}")
    assert "还没有填写申请" in page.content.decode()
    part = client.post("/requests/dry-run", typed(), headers={"HX-Request": "true"})
    text = part.content.decode()
    assert "<html" not in text
    assert "内容齐全，可以提交。" in text
    assert Request.objects.count() == 0
    whole = client.post("/requests/dry-run", {"resource": code, "scene": "x", "time-from": "tomorrow"})
    assert f'href="/requests/new?resource={code}#f-basis"' in whole.content.decode()
    broken = client.post("/requests/dry-run", {"resource": code, "term_from": "tomorrow"})
    assert broken.status_code == 422
    assert client.get("/requests/dry-run").status_code == 302
    assert client.get("/requests/dry-run?resource=307001/99").status_code == 404


def test_the_basket_from_resource_to_requests(client):
    first, second = a_resource().resource.code, a_resource(an_open_draft(name="行政村名录")).resource.code
    for code in (first, second):
        assert client.post("/basket/add", {"resource": code})["location"] == f"/resources/{code}"
    lines = {row.resource_id: row.pk for row in BasketLine.objects.all()}
    whole = {name: value for name, value in typed().items() if name not in ("resource", "items")}
    nothing = client.post("/basket", whole | {"act": "file"})
    assert nothing.status_code == 422, "no line is ticked"
    empty = {"lines": [lines[first]], f"shown-{lines[first]}": "1"}
    assert "至少选择一个数据项" in client.post("/basket", whole | empty).content.decode()
    gap = client.post("/basket", empty | {f"items-{lines[first]}": "name", "act": "file"})
    assert gap.status_code == 422
    assert 'href="#f-basis"' in gap.content.decode()
    assert Request.objects.count() == 0
    done = client.post(
        "/basket",
        whole | {"act": "file", "lines": list(lines.values()), f"shown-{lines[first]}": "1", f"items-{lines[first]}": "name"},
    )
    assert done.status_code == 302, done.content.decode()
    made = {row.resource_id: row for row in Request.objects.all()}
    assert {row.stage for row in made.values()} == {Stage.FILED}
    assert queries.as_draft(made[first]).items == ("name",)
    page = client.get(done["location"])
    assert page.status_code == 200
    assert all(row.number in page.content.decode() for row in made.values())
    assert "申请篮是空的" in client.get("/basket").content.decode()


def test_drafts_of_a_basket_are_filed_together_once_they_are_complete(client):
    line = baskets.put_in_basket(a_resource().resource.code, by=officer())
    shown = client.post("/basket", {"act": "save", "lines": [line.pk]})["location"]
    assert "去补齐" in client.get(shown).content.decode()
    row = Request.objects.get()
    complete = typed(act="save", resource=row.resource_id)
    assert client.post(f"/requests/{row.number}/edit", complete).status_code == 302
    assert 'name="numbers"' in client.get(shown).content.decode()
    client.post("/basket/requests", {"numbers": [row.number], "all": [row.number]})
    row.refresh_from_db()
    assert row.stage == Stage.FILED
    assert client.post("/basket/requests", {"all": [row.number]}).status_code == 302


def test_a_line_is_taken_out_and_another_officers_is_unknown(client):
    own, others = a_resource(), a_resource(an_open_draft(name="行政村名录"))
    mine = baskets.put_in_basket(own.resource.code, by=officer())
    theirs = baskets.put_in_basket(others.resource.code, by=an_applicant())
    assert client.post(f"/basket/{theirs.pk}/remove").status_code == 404
    assert client.post(f"/basket/{mine.pk}/remove").status_code == 302
    assert [row.pk for row in BasketLine.objects.all()] == [theirs.pk]


def test_only_applicants_have_a_basket():
    head = Client()
    head.force_login(an_account(roles=[Role.PROVIDER_HEAD], department=a_department(PROVIDER)))
    for path in ("/basket", "/basket/requests", f"/requests/dry-run?resource={a_resource().resource.code}"):
        assert head.get(path).status_code == 404, "unknown and forbidden look alike"


def test_a_provider_narrows_by_time_on_the_page():
    row = a_request()
    head = Client()
    head.force_login(an_account(roles=[Role.PROVIDER_HEAD], department=a_department(PROVIDER)))
    given = {
        "outcome": "grant",
        "items": ["resident_id", "name", "division"],
        "channels": ["call"],
        "max_rows": "10",
        "opinion": "只给新近登记的",
    }
    day = {"extra-0-field": "registered_on", "extra-0-op": "from", "extra-0-values": "2026-01-01"}
    assert head.post(f"/requests/{row.number}/decide", given | day).status_code == 302
    rules = queries.envelope(Grant.objects.get())["grant"]["rows"]
    assert rules[-1] == {"field": "registered_on", "op": "from", "values": ["2026-01-01"]}
