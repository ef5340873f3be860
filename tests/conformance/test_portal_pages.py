# SPDX-License-Identifier: Apache-2.0
"""Three real pages of open-data portals: imported through the API; what does not read is told row by row, nothing is lost."""

import copy
import json
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from datong.contexts.catalog import usecases
from datong.contexts.catalog.models import Version
from datong.kernel.actors import Role
from factories.books import portal_book, read_back, saved
from factories.catalog import PROVIDER
from factories.organisations import a_department, an_account

pytestmark = pytest.mark.django_db
PAGES = json.loads((Path(__file__).resolve().parents[2] / "examples/data/portal-pages/pages.json").read_text("utf-8"))
LIAONING, XIANNING, CHANGZHOU = "政府采购投诉质疑信息", "止车铁杆", "常州市应急管理局行政许可公示"


@pytest.fixture
def client():
    usecases.seed_classes()
    made = Client()
    made.force_login(an_account("portal", roles=[Role.COMPILER], department=a_department(PROVIDER)))
    return made


def sent(client, pages):
    """The pages handed in at the API and imported: the job, and its rows by name."""
    file = SimpleUploadedFile("门户.xlsx", saved(portal_book(pages)))
    answer = client.post("/api/v1/imports", {"file": file, "class_code": "307001"})
    assert answer.status_code == 202, answer.content
    number = answer.json()["number"]
    usecases.run_import(number)
    rows = client.get(f"/api/v1/imports/{number}/rows").json()
    return client.get(f"/api/v1/imports/{number}").json(), {row["name"]: row for row in rows}


def test_three_real_pages_become_three_drafts(client):
    job, rows = sent(client, PAGES)
    assert (job["stage"], job["total"], job["imported"], job["refused"]) == ("finished", 3, 3, 0)
    made = {row.name: row for row in Version.objects.all()}
    assert {name: (row.opening_type, row.update_cycle, row.items.count()) for name, row in made.items()} == {
        LIAONING: ("open", "half_yearly", 17), XIANNING: ("conditional", "yearly", 23), CHANGZHOU: ("open", "yearly", 6),
    }  # fmt: skip
    for page in PAGES:
        items = list(made[page["name"]].items.all())
        assert [(one.name, one.field) for one in items] == [(item["cn"], item["en"].lower()) for item in page["items"]]
        assert {one.type for one in items} <= {"C", "M"}
    assert all(row["code"].startswith("307001/") for row in rows.values())


def test_what_does_not_read_is_kept_and_told_at_its_row(client):
    _, rows = sent(client, PAGES)
    odd = rows[CHANGZHOU]
    assert {"code", "level", "provider"} <= set(odd["flags"]) and "系统另赋代码" in odd["flags"]["code"]
    assert (odd["raw"]["信息资源代码"], odd["raw"]["提供部门"]) == ("2020/5118551960", "常州市应急管理局")
    assert "公开数据" in odd["raw"].values() and odd["raw"]["所属领域"] == "信用服务"
    assert rows[XIANNING]["raw"]["标签"] == "公共管理、社会保障和社会组织 综合政务" and rows[XIANNING]["raw"]["数据量"] == "3995"
    assert {"共享类型", "格式分类", "保密风险评估"} <= set(rows[LIAONING]["lacking"]) and "更新周期" not in rows[LIAONING][
        "lacking"
    ]


def test_pages_with_a_cycle_or_a_name_missing_say_so(client):
    pages = copy.deepcopy(PAGES)
    pages[0]["update_cycle"], pages[1]["update_cycle"], pages[2]["name"] = "", "看情况", ""
    pages[2]["items"] = []
    job, rows = sent(client, pages)
    assert (job["imported"], job["refused"]) == (2, 1)
    assert "更新周期" in rows[LIAONING]["lacking"] and "update_cycle" not in rows[LIAONING]["flags"]
    assert "看情况" in rows[XIANNING]["flags"]["update_cycle"] and "更新周期" in rows[XIANNING]["lacking"]
    assert rows[""]["faults"] == {"name": "数据目录名称必填 (give the name)"} and rows[""]["line"] == 4
    back = read_back(b"".join(client.get(f"/catalog/imports/{job['number']}/sheet").streaming_content))["数据集"]
    assert back[0][-2:] == ("导入结果", "错误说明") and "报送前还须补填" in back[1][-1] and "更新周期" in back[1][-1]
    assert back[3][-2] == "有误未导入"


def test_the_sheet_that_came_back_is_handed_in_again_without_growing(client):
    job, _ = sent(client, PAGES)
    first = b"".join(client.get(f"/catalog/imports/{job['number']}/sheet").streaming_content)
    again = client.post("/api/v1/imports", {"file": SimpleUploadedFile("again.xlsx", first), "class_code": "307001"}).json()[
        "number"
    ]
    done = usecases.run_import(again)
    assert (done.imported, done.known) == (0, 3)
    second = b"".join(client.get(f"/catalog/imports/{again}/sheet").streaming_content)
    heads = [read_back(content)["数据集"][0] for content in (first, second)]
    assert heads[0] == heads[1] and heads[1].count("导入结果") == 1
    rows = client.get(f"/api/v1/imports/{again}/rows").json()
    assert not any("导入结果" in row["raw"] or "错误说明" in row["raw"] for row in rows)
