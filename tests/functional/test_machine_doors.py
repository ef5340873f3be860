# SPDX-License-Identifier: Apache-2.0
"""Machine doors in a real browser: the markup is data under our policy, and the links of the search page bring files."""

from __future__ import annotations

import json

import openpyxl
import pytest

from factories.catalog import a_draft, a_resource, an_open_draft

pytestmark = pytest.mark.browser
HEARD = "window.heard = []; document.addEventListener('securitypolicyviolation', (one) => window.heard.push(one.violatedDirective))"


def test_the_policy_lets_a_data_block_stand_and_runs_nothing_of_it(page, people):
    row = a_resource(an_open_draft(name="</script><img src=x onerror=document.title='bad'>", opening_type="open"))
    page.add_init_script(HEARD)
    answer = page.goto(f"/resources/{row.resource.code}")
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    block = page.locator("script[type='application/ld+json']")
    assert json.loads(block.text_content())["name"] == row.name
    assert page.evaluate("window.heard") == []
    assert page.title() != "bad"
    assert page.locator("main img").count() == 0


def test_the_policy_would_have_stopped_a_script(page, people, complaints):
    a_resource()
    page.add_init_script(HEARD)
    page.goto("/")
    page.evaluate("const one = document.createElement('script'); one.textContent = 'window.ran = 1'; document.head.append(one)")
    page.wait_for_function("window.heard.length > 0")
    assert page.evaluate("window.ran") is None
    assert page.evaluate("window.heard") == ["script-src-elem"]
    complaints.clear()


def test_what_is_shown_leaves_as_a_file(page, people, tmp_path):
    a_resource(a_draft(name="婚姻登记信息"))
    a_resource(a_draft(name="车辆登记信息"))
    page.goto("/search?q=婚姻")
    for word, name in (("CSV", "resources.csv"), ("XLSX", "resources.xlsx"), ("JSON", "resources.jsonl")):
        with page.expect_download() as coming:
            page.get_by_role("link", name=word, exact=True).click()
        assert coming.value.suggested_filename == name
        coming.value.save_as(tmp_path / name)
    sheet = openpyxl.load_workbook(tmp_path / "resources.xlsx").active
    assert [row[1].value for row in sheet.iter_rows(min_row=2)] == ["婚姻登记信息"]
    assert "车辆" not in (tmp_path / "resources.csv").read_text("utf-8-sig")
    assert json.loads((tmp_path / "resources.jsonl").read_text("utf-8"))["name"] == "婚姻登记信息"
