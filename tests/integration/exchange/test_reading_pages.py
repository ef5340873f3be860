# SPDX-License-Identifier: Apache-2.0
"""Reading as a table, on pages: what each side sees, what a refusal leaves as it was typed, examples that run."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import duckdb
import pyarrow as pa
import pytest
from django.test import Client

from datong.contexts.exchange.models import ActivationLink, Recipient
from datong.contexts.exchange.pages import snippets
from datong.kernel.actors import Role
from factories.catalog import DRAFT, PROVIDER, a_draft, a_resource
from factories.organisations import a_department, an_account
from factories.sharing import CONSUMER, a_grant, a_request, a_request_draft

pytestmark = pytest.mark.django_db
TAKES = ("领取配置文件", "生成激活链接")


def signed_in(role=Role.APPLICANT, department=CONSUMER):
    client = Client()
    client.force_login(an_account(roles=[role], department=a_department(department)))
    return client


def a_table_grant(**more):
    resource = a_resource(a_draft(name=f"{DRAFT.name}（整表）", sharing_methods=("call", "verify", "table")))
    return a_grant(request=a_request(a_request_draft(resource, **{"channels": ("table",), **more})))


def place(grant, verb=""):
    return f"/exchange/grants/{grant.number}/table{f'/{verb}' if verb else ''}"


def test_each_side_sees_the_table_and_the_consumer_alone_takes_it():
    grant = a_table_grant(delivery_mode="full", update_cycle="yearly")
    own, provider = signed_in().get(place(grant)), signed_in(Role.PROVIDER_HEAD, PROVIDER)
    assert all(word in own.content.decode() for word in (*TAKES, "等待挂接数据", "授权约定", "全量", "每年"))
    theirs = provider.get(place(grant)).content.decode()
    assert "等待挂接数据" in theirs and not any(word in theirs for word in TAKES)
    part = provider.get(place(grant), headers={"HX-Request": "true"}).content.decode()
    assert part.startswith('<div class="stack" id="reading">')
    assert provider.post(place(grant, "profile")).status_code == 403
    assert signed_in(department="别的部门").get(place(grant)).status_code == 404


def test_a_grant_of_calls_alone_shows_its_supply():
    grant = a_table_grant(channels=("call",))
    page = signed_in().get(place(grant)).content.decode()
    assert "供数约定与实际" in page and "表地址" not in page
    assert f"/exchange/grants/{grant.number}/table" not in signed_in().get(f"/grants/{grant.number}").content.decode()


def test_a_refusal_leaves_what_was_typed():
    grant, client = a_table_grant(), signed_in()
    refused = client.post(place(grant, "profile"), {"networks": "10.1.0.0/16, 十", "after": "0"})
    page = refused.content.decode()
    assert refused.status_code == 422 and 'value="10.1.0.0/16, 十"' in page and "is-invalid" in page
    assert not Recipient.objects.exists()
    taken = client.post(place(grant, "profile"), {"networks": "10.1.0.0/16;192.0.2.7", "after": "0"})
    assert taken.status_code == 200 and "no-store" in taken["Cache-Control"]
    assert client.post(place(grant, "profile"), {"networks": "", "after": "0"}).status_code == 409
    row = Recipient.objects.get()
    assert row.networks == ["10.1.0.0/16", "192.0.2.7/32"]
    again = client.post(place(grant, "networks"), {"recipient": row.pk, "networks": "10.1.0.0/8"})
    assert again.status_code == 422 and "<details open><summary>调整网段" in again.content.decode()
    for odd in ("x", "", "9" * 30):
        assert client.post(place(grant, "stop"), {"recipient": odd}).status_code == 404
    assert client.post(place(grant, "nothing")).status_code == 404


def test_a_link_is_shown_once_and_can_be_withdrawn():
    grant, client = a_table_grant(), signed_in()
    shown = client.post(place(grant, "link"), {"networks": ""})
    assert shown.status_code == 201 and "/activate?link=dtal_" in shown.content.decode() and "no-store" in shown["Cache-Control"]
    assert "收回链接" in (page := client.get(place(grant)).content.decode()) and "dtal_" not in page
    assert client.post(place(grant, "withdraw")).status_code == 302
    assert ActivationLink.objects.get().withdrawn_by
    assert client.post(place(grant, "withdraw")).status_code == 404


def test_the_examples_run(monkeypatch, tmp_path, capsys):
    known = {one.name: one.code for one in snippets.of("G1.data.307001-1")}
    asked = []
    client = SimpleNamespace(load_as_pandas=lambda url: asked.append(url) or pa.table({"a": [1, 2]}))
    monkeypatch.setitem(sys.modules, "delta_sharing", client)
    monkeypatch.chdir(tmp_path)
    exec(compile(known["pandas"], "pandas", "exec"), {})
    exec(compile(known["duckdb"], "duckdb", "exec"), {})
    compile(known["spark"], "spark", "exec")
    assert asked == ["config.share#G1.data.307001-1"] * 2 and "(2,)" in capsys.readouterr().out
    with duckdb.connect("datong.duckdb") as database:
        assert database.execute("select sum(a) from shared").fetchone() == (3,)


def test_the_example_of_changes_runs_and_is_there_for_incremental_delivery_alone(monkeypatch, capsys):
    assert "changes" not in {one.name for one in snippets.of("G1.data.307001-1")}
    code = next(one.code for one in snippets.of("G1.data.307001-1", changes=True) if one.name == "changes")
    versions = iter([3, 4])
    client = SimpleNamespace(
        get_table_version=lambda url: next(versions), load_as_pandas=lambda url, version: version,
        load_table_changes_as_pandas=lambda url, starting_version: f"from {starting_version} of {url}",
    )  # fmt: skip
    monkeypatch.setitem(sys.modules, "delta_sharing", client)
    exec(compile(code, "changes", "exec"), {})
    assert capsys.readouterr().out == "from 4 of config.share#G1.data.307001-1\n"
