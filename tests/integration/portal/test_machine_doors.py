# SPDX-License-Identifier: Apache-2.0
"""Machine doors over HTTP: formats, negotiation, paging by links, 304, and nothing that the page would not show."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from django.test import Client
from pyshacl import validate
from rdflib import DCAT, DCTERMS, RDF, Graph, Namespace, URIRef

from datong.contexts.catalog.domain import Stage
from datong.kernel.actors import Role
from factories import organisations
from factories.catalog import PROVIDER, a_draft, a_new_version, a_resource, an_open_draft
from factories.machine_doors import read

pytestmark = pytest.mark.django_db
HYDRA = Namespace("http://www.w3.org/ns/hydra/core#")
TYPES = {"ttl": "text/turtle", "jsonld": "application/ld+json", "rdf": "application/rdf+xml"}
SHAPES = Path(__file__).parents[2] / "conformance" / "vectors" / "dcat-ap-2.1.1"
BASE = "http://127.0.0.1:8700"
MARKUP = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)


@pytest.fixture
def shelf() -> dict[str, str]:
    rows = {
        "conditional": a_resource(a_draft(name="</script><b>婚姻登记信息")),
        "open": a_resource(an_open_draft(name="</script><script>alert(1)</script>", opening_type="open")),
        "withheld": a_resource(a_draft(name="侦查线索", sharing_type="withheld", sharing_methods=())),
        "draft": a_resource(a_draft(name="草稿"), stage=Stage.DRAFT),
    }
    return {name: row.resource.code for name, row in rows.items()}


@pytest.fixture
def officer() -> Client:
    client = Client()
    client.force_login(organisations.an_account(roles=[Role.APPLICANT], department=organisations.a_department(PROVIDER)))
    return client


def graph_of(kind, address, client=None) -> Graph:
    answer = (client or Client()).get(address)
    assert answer.status_code == 200
    assert answer["Content-Type"].split(";")[0] == TYPES[kind]
    return read(kind, answer.content)


def datasets(graph) -> set[str]:
    return {str(one).removeprefix(f"{BASE}/resources/") for one in graph.subjects(RDF.type, DCAT.Dataset)}


@pytest.mark.parametrize("kind", TYPES)
def test_the_feed_is_public_whoever_asks(kind, shelf, officer):
    for client in (Client(), officer):
        assert datasets(graph_of(kind, f"/catalog.{kind}", client)) == {shelf["conditional"], shelf["open"]}


def test_the_feed_as_served_conforms(shelf):
    shapes = Graph()
    for name in ("shapes", "range"):
        shapes.parse(SHAPES / f"dcat-ap_2.1.1_shacl_{name}.ttl")
    conforms, _graph, told = validate(graph_of("ttl", "/catalog.ttl"), shacl_graph=shapes, inference="none")
    assert conforms, told


@pytest.mark.parametrize("kind", TYPES)
def test_a_harvester_follows_the_links_to_the_end(kind, shelf):
    for _ in range(3):
        a_resource()
    seen, address, pages = [], f"/catalog.{kind}?limit=2", 0
    while address:
        graph = graph_of(kind, address)
        view = next(graph.subjects(RDF.type, HYDRA.PartialCollectionView))
        assert graph.value(view, HYDRA.totalItems).toPython() == 5
        assert graph.value(view, HYDRA.first) == URIRef(f"{BASE}/catalog.{kind}?limit=2")
        assert str(view) == BASE + address
        seen += datasets(graph)
        onward = graph.value(view, HYDRA.next)
        address = str(onward).removeprefix(BASE) if onward else ""
        pages += 1
    assert (len(seen), len(set(seen)), pages) == (5, 5, 3)


@pytest.mark.parametrize("query", ["snapshot=x", "snapshot=1"])
def test_a_made_up_snapshot_is_refused(query, shelf):
    assert Client().get(f"/catalog.ttl?{query}").status_code == 422


@pytest.mark.parametrize("query", ["after=-1", "after=x", "limit=0", "limit=99999999999999999999", "limit=%D9%A3", "after=" + "9" * 18])
def test_odd_numbers_do_no_harm(query, shelf):
    assert Client().get(f"/catalog.ttl?{query}").status_code == 200


@pytest.mark.parametrize("address", ["/catalog.ttl", "/catalog.jsonld", "@open.rdf"])
def test_who_has_it_already_gets_304(address, shelf):
    path = address.replace("@open", f"/resources/{shelf['open']}")
    first = Client().get(path)
    assert {"ETag", "Last-Modified", "Vary"} <= first.headers.keys()
    for header, value in (("If-None-Match", first["ETag"]), ("If-Modified-Since", first["Last-Modified"])):
        again = Client().get(path, headers={header: value})
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert Client().get(path, headers={"If-None-Match": '"x"'}).status_code == 200
    a_new_version(shelf["open"])
    assert Client().get(path, headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_head_is_answered_and_post_is_not(shelf):
    answer = Client().head("/catalog.ttl")
    assert (answer.status_code, answer.content) == (200, b"")
    assert Client().post("/catalog.ttl").status_code == 405


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("text/turtle", "ttl"), ("application/ld+json", "jsonld"), ("application/rdf+xml;q=0.9, text/html;q=0.1", "rdf"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", None), ("*/*", None), ("", None), ("image/png", None),
    ],
)  # fmt: skip
def test_one_address_serves_people_and_programs(accept, kind, shelf):
    answer = Client().get(f"/resources/{shelf['open']}", headers={"Accept": accept} if accept else {})
    assert answer.status_code == 200
    assert "Accept" in answer["Vary"]
    assert answer["Content-Type"].split(";")[0] == TYPES.get(kind, "text/html")
    if kind:
        assert datasets(read(kind, answer.content)) == {shelf["open"]}
        assert answer["Content-Location"] == f"{BASE}/resources/{shelf['open']}.{kind}"


@pytest.mark.parametrize("kind", TYPES)
def test_an_entry_is_told_to_those_who_may_see_its_page(kind, shelf, officer):
    for name, code in shelf.items():
        path = f"/resources/{code}"
        for client in (Client(), officer):
            assert client.get(f"{path}.{kind}").status_code == client.get(path).status_code, name
    private = officer.get(f"/resources/{shelf['withheld']}.{kind}")
    assert private["Cache-Control"] == "private, no-cache"
    rights = read(kind, private.content).value(URIRef(f"{BASE}/resources/{shelf['withheld']}"), DCTERMS.accessRights)
    assert str(rights).endswith("NON_PUBLIC")


def test_pages_lead_to_their_machine_doors(shelf):
    for path, target in (("/", "/catalog"), ("/search", "/catalog"), (f"/resources/{shelf['open']}",) * 2):
        page = Client().get(path).content.decode()
        for kind, media in TYPES.items():
            assert f'<link rel="alternate" type="{media}" href="{target}.{kind}">' in page


def test_only_what_is_open_is_marked_up_and_nothing_gets_out_of_the_element(shelf):
    page = Client().get(f"/resources/{shelf['open']}").content.decode()
    (said,) = MARKUP.findall(page)
    assert json.loads(said)["name"] == "</script><script>alert(1)</script>"
    assert json.loads(said)["identifier"] == shelf["open"]
    assert "<script>alert" not in page
    assert MARKUP.findall(Client().get(f"/resources/{shelf['conditional']}").content.decode()) == []


def test_the_sitemap_lists_what_anybody_may_see(shelf, officer):
    spaces = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}
    index = ET.fromstring(Client().get("/sitemap.xml").content)
    parts = [one.text.removeprefix(BASE) for one in index.iterfind(".//s:loc", spaces)]
    listed = [one.text for part in parts for one in ET.fromstring(officer.get(part).content).iterfind(".//s:loc", spaces)]
    assert sorted(listed) == sorted(f"{BASE}/resources/{shelf[name]}" for name in ("conditional", "open"))
    assert Client().get("/sitemap.xml?part=999999999").status_code == 200
    assert Client().get("/sitemap.xml?part=x").content.count(b"<sitemap>") == len(parts)


def test_crawlers_and_browsers_are_told_where_to_go():
    robots = Client().get("/robots.txt").content.decode()
    assert f"Sitemap: {BASE}/sitemap.xml" in robots
    assert "Disallow: /api/" in robots
    described = ET.fromstring(Client().get("/opensearch.xml").content)
    templates = [one.get("template") for one in described if one.get("template")]
    assert f"{BASE}/search?q={{searchTerms}}" in templates
    assert 'rel="search"' in Client().get("/").content.decode()
