# SPDX-License-Identifier: Apache-2.0
"""A grant read as a table, by clicking: the profile taken on its page reads it; a link gives one to whoever has no account."""

from __future__ import annotations

import io
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import orjson
import pyarrow.parquet as pq
import pytest
from django.conf import settings
from playwright.sync_api import expect

from datong.contexts.exchange import usecases
from datong.contexts.exchange.models import PolicySnapshot, Recipient
from datong.engine import face as engine
from datong.gateway.app import Gateway
from datong.gateway.config import GatewayConfig
from datong.wire.delta_sharing.profile import token_hash
from factories.catalog import DRAFT, a_draft, a_resource
from factories.exchange import a_csv_text, a_landed_batch, an_offer
from factories.gateways import Clock, Standing
from factories.sharing import a_grant, a_request, a_request_draft

pytestmark = pytest.mark.browser
COLUMNS = ("公民身份号码", "姓名", "行政区划代码", "登记日期")
ROWS = [("11010519491231002X", "王五", "330106", "2020-01-05"), ("110105194912310038", "赵六", "110105", "2020-01-06")]


@pytest.fixture
def grant(people, monkeypatch):
    """A grant whose table is made."""
    monkeypatch.setattr(engine, "apart", lambda task, *given, seconds=None, **more: task(*given, **more))
    resource = a_resource(a_draft(name=f"{DRAFT.name}（整表）", sharing_methods=("call", "verify", "table")))
    made = a_grant(request=a_request(a_request_draft(resource, channels=("table",), update_cycle="yearly")))
    a_landed_batch(made.resource.current, an_offer(a_csv_text(ROWS, COLUMNS)))
    usecases.make_tables()
    return made


def read(said, folder):
    """Listing and rows, as a client gets them from a gateway of this node."""
    usecases.publish_policy()
    snapshot = PolicySnapshot.objects.order_by("-version").first()
    (folder / "policy").write_bytes(bytes(snapshot.document))
    place = settings.NODE_FOLDER
    config = GatewayConfig(
        node_code=settings.NODE.code, node_dir=place.path, signing_key=place.key, public_key=place.evidence / "node.pub",
        policy_file=folder / "policy", evidence_dir=folder, public_url=settings.NODE.gateway_address,
    )  # fmt: skip
    with ThreadPoolExecutor(1) as apart:  # the browser's loop runs in this thread
        return apart.submit(_asked, config, said).result(30)


def _asked(config, said):
    gateway = Gateway(config)
    gateway.start()
    try:
        standing = Standing(None, gateway, Clock(0))
        asked = {"authorization": f"Bearer {said['bearerToken']}"}
        root = urlsplit(said["endpoint"]).path
        listed = standing.ask("GET", f"{root}/shares", headers=asked)
        if listed.status != 200:
            return listed.status, []
        (table,) = standing.ask("GET", f"{root}/shares/{listed.json['items'][0]['name']}/all-tables", headers=asked).json["items"]
        place = f"{root}/shares/{table['share']}/schemas/{table['schema']}/tables/{table['name']}/query"
        lines = [orjson.loads(line) for line in standing.ask("POST", place, headers=asked, body=b"{}").body.splitlines()]
        urls = [line["file"]["url"].removeprefix(config.public_url) for line in lines if "file" in line]
        return 200, [row for url in urls for row in pq.read_table(io.BytesIO(standing.ask("GET", url).body)).to_pylist()]
    finally:
        gateway.stop()


def downloaded(page, button):
    with page.expect_download() as waiting:
        button.click()
    assert waiting.value.suggested_filename == "config.share"
    return json.loads(Path(waiting.value.path()).read_text("utf-8"))


def test_the_profile_of_the_page_reads_the_table_until_it_is_stopped(at_work, grant, tmp_path):
    page = at_work("shenqing")
    page.goto(f"/grants/{grant.number}")
    part = page.locator("#reading")
    expect(part.get_by_text("可读取")).to_be_visible()
    expect(part.get_by_text("按期更新")).to_be_visible()
    expect(part.locator("#read-pandas")).to_contain_text(f"config.share#{grant.number}.data.{grant.resource_id.replace('/', '-')}")
    said = downloaded(page, part.get_by_role("button", name="领取配置文件"))
    status, rows = read(said, tmp_path)
    assert status == 200
    assert [(row["resident_id"][:3], row["resident_id"][-1], row["division"]) for row in rows] == [("110", "X", "330106")]
    assert "王五" not in str(rows) and "11010519491231002X" not in str(rows)
    page.reload()
    row = part.get_by_role("row").filter(has_text="在用")
    row.get_by_text("调整网段").click()
    row.get_by_label("准许的网段").fill("10.0.0.0/8")
    row.get_by_role("button", name="保存").click()
    expect(page.get_by_role("status").get_by_text("准许的网段已更新")).to_be_visible()
    assert read(said, tmp_path)[0] == 403
    part.get_by_text("立即停用", exact=True).click()
    part.get_by_role("button", name="确认停用").click()
    expect(part.get_by_text("已停用")).to_be_visible()
    assert read(said, tmp_path)[0] == 401


def test_a_link_gives_one_profile_to_whoever_has_no_account(at_work, page, grant):
    officer = at_work("shenqing")
    officer.goto(f"/grants/{grant.number}")
    officer.locator("#reading").get_by_label("准许的网段").fill("10.1.0.0/8")
    officer.get_by_role("button", name="生成激活链接").click()
    expect(officer.get_by_text("不是网段").first).to_be_visible()
    officer.get_by_label("准许的网段").fill("10.1.0.0/16")
    officer.get_by_role("button", name="生成激活链接").click()
    address = urlsplit(officer.locator("#link").inner_text())
    officer.get_by_role("link", name="已发出，返回授权").click()
    expect(officer.get_by_text("还没有使用")).to_be_visible()
    page.goto(f"{address.path}?{address.query}")
    page.reload()
    said = downloaded(page, page.get_by_role("button", name="领取配置文件"))
    made = Recipient.objects.get()
    assert (made.token_hash, made.networks) == (token_hash(said["bearerToken"]), ["10.1.0.0/16"])
    page.reload()
    expect(page.get_by_role("alert").get_by_text("这个链接不能使用")).to_be_visible()
