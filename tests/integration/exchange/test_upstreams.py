# SPDX-License-Identifier: Apache-2.0
"""A provider registers its own interface, tries it with a real record, puts it in force, withdraws it: pages, acts, policy."""

from __future__ import annotations

import asyncio
import json

import pytest
from django.conf import settings as node
from django.test import Client

from datong.contexts.audit.models import Act
from datong.contexts.connections import usecases as keeping
from datong.contexts.exchange import usecases
from datong.contexts.exchange.models import Upstream
from datong.contexts.exchange.usecases import policy
from datong.contexts.organisations.models import Account
from datong.gateway.config import GatewayConfig
from datong.gateway.upstream.line import Line
from datong.kernel.errors import Conflict, Malformed, Refused, Unknown
from factories import stores, upstreams
from factories.connections import a_connection, a_keeper
from factories.exchange import a_landed_resource, a_shared_resource
from factories.sharing import a_grant, a_request, a_request_draft

pytestmark = pytest.mark.django_db
SECRET = "s3cret-of-the-interface"
HELD = "330106000000"


@pytest.fixture
def there():
    with upstreams.an_interface() as made:
        made.behave = lambda request: upstreams.said(request, 200, answered(request.path.rpartition("/")[2]))
        yield made


def answered(code: str) -> bytes:
    rows = [{"dm": HELD, "mc": "西湖区", "police_note": None}] if code == HELD else []
    return json.dumps({"data": rows}).encode()


@pytest.fixture(autouse=True)
def _loopback(settings):
    settings.CONNECTION_NETWORKS = stores.LOOPBACK


@pytest.fixture
def compiler():
    return a_keeper()


@pytest.fixture
def home():
    return a_shared_resource()


@pytest.fixture
def page(client: Client, compiler):
    client.force_login(Account.objects.get(username=compiler.account))
    return client


def a_form(there, compiler, **changes):
    made = a_connection(compiler, address={"base": there.url, "signing": "bearer"}, secret=SECRET)
    form = {
        "connection": made.number, "method": "GET", "path": "/qu/{dm}", "rows": "/data", "timeout": "5", "cache": "0",
        "place-code": "path", "name-code": "dm", "needed-code": "1", "member-code": "dm", "member-title": "mc",
    }  # fmt: skip
    return form | changes


def granted(home):
    return a_grant(request=a_request(a_request_draft(home, items=("code", "title"), rows=(), row_scope="")))


def tags(code: str) -> list[str]:
    acts = Act.objects.filter(subject=code, tag__startswith="exchange.upstream").order_by("pk")
    return [tag.rpartition(".")[2] for tag in acts.values_list("tag", flat=True)]


def composed(code: str):
    return next(one for one in policy.compose().resources if one.code == code)


def in_force(page, home, there, compiler) -> str:
    place = f"/exchange/upstream/{home.resource.code}"
    page.post(f"{place}/save", a_form(there, compiler))
    page.post(f"{place}/try", {"sample-code": HELD})
    page.post(f"{place}/serve")
    return place


def test_the_whole_way_by_the_pages(page, there, compiler):
    home = a_landed_resource()
    code = home.resource.code
    grant = granted(home)
    place = f"/exchange/upstream/{code}"
    assert "由本部门接口应答" in page.get(place).content.decode()
    assert page.post(f"{place}/save", a_form(there, compiler)).status_code == 302
    assert (composed(code).upstream, composed(code).rows) == (None, 3)
    early = page.post(f"{place}/serve")
    assert (early.status_code, "真实记录" in early.content.decode()) == (409, True)
    tried = page.post(f"{place}/try", {"sample-code": HELD})
    assert "西湖区" in tried.content.decode()
    assert there.asked[0].headers["authorization"] == f"Bearer {SECRET}"
    assert "西湖区" not in page.get(place).content.decode()
    assert page.post(f"{place}/serve").status_code == 302
    served = composed(code)
    assert (served.index, served.rows, served.upstream.path) == ("", 0, "/qu/{dm}")
    assert SECRET not in json.dumps(Act.objects.filter(subject=code).values_list("facts", flat=True)[0])
    assert "提供部门接口" in page.get(f"/resources/{code}").content.decode()
    assert "提供部门接口" in page.get(f"/exchange/grants/{grant.number}/usage").content.decode()
    assert page.post(f"{place}/withdraw").status_code == 302
    assert (composed(code).upstream, composed(code).rows) == (None, 3)
    assert tags(code) == ["registered", "tried", "served", "withdrawn"]


def test_the_gateway_opens_the_secret_and_reads_the_rows(page, home, there, compiler):
    granted(home)
    in_force(page, home, there, compiler)
    usecases.publish_policy()
    resource = composed(home.resource.code)
    place = node.NODE_FOLDER
    config = GatewayConfig("330000", place.path, place.key, place.key, place.policy, place.evidence, networks=stores.LOOPBACK)

    async def asked():
        line = Line(resource, resource.upstream, config, lambda: 0.0)
        try:
            return line.interface.read(await line.ask({"code": HELD}, {}, "r-1", {}))
        finally:
            await line.close()

    assert asyncio.run(asked()) == [(HELD, "西湖区", None)]
    assert there.asked[-1].headers["authorization"] == f"Bearer {SECRET}"


def test_a_trial_that_fails_says_why_and_puts_nothing_in_force(page, home, there, compiler):
    place = f"/exchange/upstream/{home.resource.code}"
    page.post(f"{place}/save", a_form(there, compiler, **{"member-title": "/none"}))
    assert page.post(f"{place}/try", {"sample-code": ""}).status_code == 422
    nothing = page.post(f"{place}/try", {"sample-code": "1"}).content.decode()
    assert "没有找到这个样例" in nothing
    there.behave = upstreams.saying({"data": [{"dm": None}]})
    assert "必填项为空" in page.post(f"{place}/try", {"sample-code": HELD}).content.decode()
    there.behave = upstreams.saying({"secret": "of others"}, 403)
    refused = page.post(f"{place}/try", {"sample-code": HELD}).content.decode()
    assert "HTTP 403" in refused
    assert "of others" not in refused
    assert page.post(f"{place}/serve").status_code == 409


def test_a_change_asks_for_another_trial_and_the_one_in_force_goes_on(page, home, there, compiler):
    granted(home)
    place = in_force(page, home, there, compiler)
    before = composed(home.resource.code).upstream
    page.post(f"{place}/save", a_form(there, compiler, timeout="9"))
    assert page.post(f"{place}/serve").status_code == 409
    assert composed(home.resource.code).upstream == before
    page.post(f"{place}/try", {"sample-code": HELD})
    page.post(f"{place}/serve")
    assert composed(home.resource.code).upstream.timeout == 9
    assert sorted(Upstream.objects.values_list("stage", flat=True)) == ["serving", "withdrawn"]


def test_its_connection_is_in_use_until_it_is_withdrawn(page, home, there, compiler):
    place = in_force(page, home, there, compiler)
    number = Upstream.objects.get().connection_id
    with pytest.raises(Conflict):
        keeping.retire(number, by=compiler)
    page.post(f"{place}/withdraw")
    assert keeping.retire(number, by=compiler).retired_at


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"path": "qu"}, "路径"),
        ({"path": "/qu"}, "一一对应"),
        ({"timeout": "31"}, "1 … 30"),
        ({"timeout": "x", "cache": "x"}, "1 至 30 的整数"), ({"timeout": "x", "cache": "x"}, "0 至 300 的整数"),
        ({"place-code": "", "path": "/qu"}, "至少一个参数"),
        ({"place-code": "nowhere"}, "参数的位置"),
        ({"place-police_note": "query", "needed-police_note": "1"}, "主键或者查询项"),
        ({"member-title": "a{b}"}, "花括号"),
        ({"method": "PUT"}, "请求方法"),
    ],
)
def test_a_registration_that_does_not_fit_is_refused_in_place(page, home, there, compiler, changes, words):
    answer = page.post(f"/exchange/upstream/{home.resource.code}/save", a_form(there, compiler, **changes))
    assert (answer.status_code, words in answer.content.decode()) == (422, True)
    assert not Upstream.objects.exists()


def test_only_the_providers_compiler_registers_by_an_own_connection(there, compiler):
    code = a_shared_resource().resource.code
    other = a_keeper("民政厅")
    theirs = a_connection(other, address={"base": there.url})
    said = usecases.Registration(theirs.number, "/qu", parameters=[{"item": "code", "name": "dm", "needed": True}])
    with pytest.raises(Refused):
        usecases.register(code, said, by=other)
    with pytest.raises(Unknown):
        usecases.register(code, said, by=compiler)
    database = a_connection(compiler, kind="postgres", address={"host": "db.example.gov.cn", "database": "d"})
    with pytest.raises(Malformed):
        usecases.register(code, usecases.Registration(database.number, "/qu", parameters=said.parameters), by=compiler)
    for act in (usecases.serve_upstream, usecases.withdraw_upstream):
        with pytest.raises(Unknown):
            act(code, by=compiler)


def test_pages_of_an_interface_are_said_in_the_form_and_stand_there_again(page, home, there, compiler):
    place = f"/exchange/upstream/{home.resource.code}"
    form = a_form(there, compiler, paging="page", page_parameter="p", size_parameter="n", page_size="50", cursor_parameter="")
    assert page.post(f"{place}/save", form | {"page_size": "0"}).status_code == 422
    assert page.post(f"{place}/save", form).status_code == 302
    assert Upstream.objects.get().paging == {
        "paging": "page", "page_parameter": "p", "first_page": 1, "size_parameter": "n", "page_size": 50,
    }  # fmt: skip
    said = page.get(place).content.decode()
    assert all(value in said for value in ('value="50"', 'value="p"', '<option value="page" selected'))
    page.post(f"{place}/save", form | {"paging": "none"})
    assert Upstream.objects.get().paging == {}
