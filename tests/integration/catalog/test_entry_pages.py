# SPDX-License-Identifier: Apache-2.0
"""Pages of entries under way: the grid of items, the list with its exports, and several decided at once."""

import json
from datetime import date, datetime
from io import BytesIO

import openpyxl
import pytest
from django.test import Client

from datong.contexts.catalog import queries
from datong.contexts.catalog.domain import ItemDraft, Stage
from datong.contexts.catalog.models import Version
from datong.contexts.catalog.usecases import elements, removals, tickets
from datong.contexts.catalog.usecases.tickets import TicketDraft
from datong.kernel.actors import Role
from factories.catalog import DATA_BUREAU, PROVIDER, a_compiler, a_draft, a_provider_head, a_resource, an_authority
from factories.organisations import a_department, an_account

pytestmark = pytest.mark.django_db


def at_desk(role: Role, department: str = PROVIDER) -> Client:
    browser = Client()
    browser.force_login(an_account(f"{role.value.replace('_', '-')}1", roles=[role], department=a_department(department)))
    return browser


def test_the_data_element_of_an_item_is_offered_kept_and_shown():
    elements.add_element(elements.ElementDraft("DE0001", "公民身份号码", "C"), by=an_authority())
    row = a_resource(a_draft(name="低保对象"), stage=Stage.DRAFT)
    compiler = at_desk(Role.COMPILER)
    page = f"/catalog/{row.pk}"
    assert '<option value="DE0001">公民身份号码</option>' in compiler.get(f"{page}/edit").text
    sent = {"name": "低保对象", "act": "save", "revision": str(row.revision), "items-0-field": "resident_id", "items-0-name": "公民身份号码",
            "items-0-type": "C", "items-0-element": "DE0001"}  # fmt: skip
    assert compiler.post(f"{page}/edit", sent).status_code == 302
    assert queries.as_draft(queries.version_of(row.pk, by=a_compiler())).items == (
        ItemDraft("resident_id", "公民身份号码", "C", element="DE0001", nullable=False),
    )
    assert 'value="DE0001"' in compiler.get(f"{page}/edit").text
    assert 'href="/catalog/elements?q=DE0001">DE0001' in compiler.get(page).text


def test_the_list_leaves_as_three_kinds_of_file():
    row = a_resource(a_draft(name="=低保对象"), stage=Stage.CONSENTED)
    authority = at_desk(Role.AUTHORITY, DATA_BUREAU)
    plain = authority.get("/catalog?tab=all&format=csv").getvalue().decode("utf-8-sig")
    assert "'=低保对象" in plain and "待主管部门审核" in plain and row.resource.code in plain
    book = openpyxl.load_workbook(BytesIO(authority.get("/catalog?tab=all&format=xlsx").getvalue())).active
    assert [book["B1"].value, book["B2"].value] == ["名称", "=低保对象"]
    (line,) = authority.get("/catalog?tab=all&format=jsonl").getvalue().splitlines()
    told = json.loads(line)
    assert (told["code"], told["stage"], told["version"]) == (row.resource.code, "consented", 1)
    assert datetime.fromisoformat(told["changed_at"]).tzinfo is not None
    assert "text/html" in authority.get("/catalog?format=exe")["Content-Type"]


def test_an_export_holds_what_the_one_who_asks_sees():
    a_resource(a_draft(name="别的部门的草稿"), stage=Stage.DRAFT)
    stranger = at_desk(Role.COMPILER, "浙江省水利厅")
    assert "别的部门的草稿" not in stranger.get("/catalog?tab=all&format=csv").getvalue().decode()
    pk = Version.objects.get().pk
    given = stranger.post("/catalog/batch", {"act": "csv", "chosen": [pk]})
    assert "别的部门的草稿" not in given.getvalue().decode()


def test_gaps_leave_the_same_three_ways():
    authority = at_desk(Role.AUTHORITY, DATA_BUREAU)
    for kind in ("csv", "xlsx", "jsonl"):
        assert authority.get(f"/catalog/inventory?format={kind}")["Content-Disposition"] == f'attachment; filename="gaps.{kind}"'


def test_chosen_ones_leave_as_a_file():
    kept, left = a_resource(a_draft(name="甲")), a_resource(a_draft(name="乙"))
    authority = at_desk(Role.AUTHORITY, DATA_BUREAU)
    file = authority.post("/catalog/batch", {"act": "jsonl", "chosen": [kept.pk]}).getvalue().decode()
    assert kept.resource.code in file and left.resource.code not in file


def test_several_are_published_each_by_itself():
    good = a_resource(a_draft(name="甲"), stage=Stage.CONSENTED)
    late = a_resource(a_draft(name="乙"), stage=Stage.FILED)
    made = a_resource(a_draft(name="丙", use_conditions="须每月现场核对"), stage=Stage.CONSENTED)
    other = a_resource(a_draft(name="丁"), stage=Stage.CONSENTED)
    authority = at_desk(Role.AUTHORITY, DATA_BUREAU)
    assert "发布所选" in authority.get("/catalog").text
    answer = authority.post("/catalog/batch", {"act": "publish", "chosen": [good.pk, late.pk, made.pk, good.pk]})
    assert [(one.row.pk, bool(one.refusal)) for one in answer.context["outcomes"]] == [(good.pk, False), (made.pk, True)]
    assert "共 2 条，办成 1 条" in answer.text
    assert "乙" not in answer.text, "what is not filed with the authority is unknown to it"
    stages = dict(Version.objects.values_list("pk", "stage"))
    assert [stages[one.pk] for one in (good, late, made, other)] == ["published", "filed", "consented", "consented"]
    answer = authority.post("/catalog/batch", {"act": "publish", "chosen": [made.pk], "opinion-publish": "条件合理"})
    assert "办成 1 条" in answer.text


def test_a_head_consents_and_returns_several():
    rows = [a_resource(a_draft(name=name), stage=Stage.FILED) for name in "甲乙丙"]
    head = at_desk(Role.PROVIDER_HEAD)
    assert "发布所选" not in head.get("/catalog").text
    head.post("/catalog/batch", {"act": "consent", "chosen": [rows[0].pk]})
    bare = head.post("/catalog/batch", {"act": "return", "chosen": [rows[1].pk]})
    assert bare.context["done"] == 0, "a return needs an opinion"
    head.post("/catalog/batch", {"act": "return", "chosen": [one.pk for one in rows[1:]], "opinion-return": "请补充说明"})
    assert [row.stage for row in Version.objects.order_by("pk")] == ["consented", "returned", "returned"]


@pytest.mark.parametrize(
    ("sent", "status"),
    [({"act": "publish"}, 422), ({"act": "publish", "chosen": ["x", "-1"]}, 422), ({"act": "publish", "chosen": range(1, 202)}, 422),
     ({"act": "withdraw", "chosen": [1]}, 404), ({"act": "file", "chosen": [1]}, 404), ({"chosen": [1]}, 404)],
)  # fmt: skip
def test_what_is_no_batch_is_refused(sent, status):
    assert at_desk(Role.AUTHORITY, DATA_BUREAU).post("/catalog/batch", sent).status_code == status
    assert Client().post("/catalog/batch", sent).status_code == 302


def test_nobody_decides_by_batch_what_is_not_theirs():
    row = a_resource(stage=Stage.FILED)
    for role, home in ((Role.PROVIDER_HEAD, "浙江省水利厅"), (Role.COMPILER, PROVIDER), (Role.APPLICANT, PROVIDER)):
        at_desk(role, home).post("/catalog/batch", {"act": "consent", "chosen": [row.pk]})
    assert Version.objects.get().stage == Stage.FILED


def test_pages_claim_nothing_that_is_not_there():
    row = a_resource()
    compiler = at_desk(Role.COMPILER)
    assert "v1 与 v1 对照" not in compiler.get(f"/resources/{row.resource.code}/history").text
    assert "100%" not in compiler.get("/catalog/inventory").text, "where nothing is listed nothing is complete"


def test_the_authority_chooses_a_source_department_from_those_of_its_region():
    elements.add_element(elements.ElementDraft("DE0001", "公民身份号码", "C"), by=an_authority())
    home = a_department(PROVIDER)
    page = at_desk(Role.AUTHORITY, DATA_BUREAU).get("/catalog/elements").text
    assert f'<option value="{home.uscc}">{home.name}</option>' in page
    assert home.uscc not in at_desk(Role.COMPILER, "浙江省水利厅").get("/catalog/elements").text


@pytest.mark.parametrize("kind", ["csv", "xlsx", "jsonl"])
def test_every_list_of_the_catalogue_leaves_as_it_is_shown(kind):
    elements.add_element(
        elements.ElementDraft("DE0001", "公民身份号码", "C", source=a_department(PROVIDER).uscc), by=an_authority()
    )
    row, heir = a_resource(a_draft(name="低保对象")), a_resource(a_draft(name="社会救助对象"))
    tickets.open_ticket(
        TicketDraft(
            cause="law", citation="《社会救助法》", reason="增加数据项", event_on=date.today(), resource=row.resource.code
        ),
        by=a_compiler(),
    )
    removals.ask_removal(row.resource.code, "由新目录取代", by=a_provider_head(), successor=heir.resource.code)
    authority = at_desk(Role.AUTHORITY, DATA_BUREAU)
    for path, word, value in (
        ("/catalog/elements", "字符型", "C"), ("/catalog/tickets", "增加数据项", "增加数据项"), ("/catalog/removals", "由其他资源取代", "supersession"),
    ):  # fmt: skip
        page = authority.get(path).text
        assert f'href="?format={kind}"' in page, path
        content = authority.get(f"{path}?format={kind}").getvalue()
        if kind == "xlsx":
            cells = [
                str(cell) for line in openpyxl.load_workbook(BytesIO(content)).active.iter_rows(values_only=True) for cell in line
            ]
            assert word in cells
        else:
            assert (word if kind == "csv" else f'"{value}"') in content.decode("utf-8-sig")
