# SPDX-License-Identifier: Apache-2.0
"""DCAT-AP: three formats say one graph, addresses stay, whatever the texts hold; what is shared how is said right."""

from __future__ import annotations

from collections import Counter
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import DCAT, DCTERMS, FOAF, RDF, SKOS, Graph, Literal, Namespace, URIRef

from datong.kernel.sharing import OpeningType, SharingType, UpdateCycle
from datong.wire import dcat
from datong.wire.dcat import graphs, terms
from factories.machine_doors import ODD, PAGE, SITE, an_entry, every_kind, read, written

RIGHTS = Namespace("http://publications.europa.eu/resource/authority/access-right/")
VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")
HYDRA = Namespace("http://www.w3.org/ns/hydra/core#")
DATONG = Namespace("urn:x-datong:terms#")
HERE = URIRef(f"{SITE.base}/resources/307001001/1")


def graph_of(**changes) -> Graph:
    return read("ttl", written("ttl", dcat.describe_entry(SITE, an_entry(**changes))))


@pytest.fixture(scope="module")
def page() -> dict[str, Graph]:
    """The page of every kind in each format."""
    return {suffix: read(suffix, written(suffix, dcat.describe_catalogue(SITE, every_kind(), PAGE))) for suffix in dcat.FORMATS}


def test_the_formats_say_the_same_graph(page):
    turtle = set(page["ttl"])
    assert len(turtle) > 500
    assert set(page["jsonld"]) == turtle
    assert set(page["rdf"]) == turtle


@settings(max_examples=60)
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60))
def test_any_text_survives_every_format(text):
    nodes = list(dcat.describe_entry(SITE, an_entry(name=text, contact=text, system=text, format_type=text)))
    read_back = [set(read(suffix, written(suffix, nodes))) for suffix in dcat.FORMATS]
    assert read_back[0] == read_back[1] == read_back[2]


def test_odd_texts_come_back_without_what_xml_cannot_hold():
    kept = ODD.replace("\x00", "").replace("\x0b", "").replace("\ufffe", "")
    nodes = list(dcat.describe_entry(SITE, an_entry(name=ODD)))
    for suffix in dcat.FORMATS:
        assert read(suffix, written(suffix, nodes)).value(HERE, DCTERMS.title) == Literal(kept, lang="zh")


@pytest.mark.parametrize("text", ["a b", 'x"><y', "数据", "a\\b{c}|d^e`", "\n"])
def test_no_address_breaks_a_format(text):
    made = graphs.address(text)
    assert not set(made) & set(' "<>\\{}|^`\n')
    assert made.isascii()


def test_an_entry_has_the_national_code_and_an_address_that_stays():
    graph = graph_of()
    assert (HERE, RDF.type, DCAT.Dataset) in graph
    assert list(graph.objects(HERE, DCTERMS.identifier)) == [Literal("307001001/1")]
    assert graph.value(HERE, DCTERMS.relation) == URIRef(f"{SITE.base}/resources/307001001/2")
    assert graph.value(graph.value(HERE, DCTERMS.publisher), DCTERMS.identifier) == Literal("11330000002482197X")
    assert graph.value(graph.value(HERE, DCAT.theme), SKOS.notation) == Literal("307001001")
    assert {str(one) for one in graph.subjects()} == {str(one) for one in graph_of(name="改名", version=3).subjects()}


@pytest.mark.parametrize(
    ("sharing", "opening", "right"),
    [
        ("unconditional", "open", RIGHTS.PUBLIC), ("unconditional", "closed", RIGHTS.RESTRICTED),
        ("conditional", "conditional", RIGHTS.RESTRICTED), ("conditional", "closed", RIGHTS.RESTRICTED),
        ("withheld", "closed", RIGHTS.NON_PUBLIC), ("withheld", "open", RIGHTS.NON_PUBLIC), ("", "open", RIGHTS.NON_PUBLIC),
    ],
)  # fmt: skip
def test_who_may_have_it_follows_both_axes(sharing, opening, right):
    graph = graph_of(sharing_type=sharing, opening_type=opening)
    assert graph.value(HERE, DCTERMS.accessRights) == right
    assert (graph.value(HERE, DATONG.sharingType), graph.value(HERE, DATONG.openingType)) == (Literal(sharing), Literal(opening))


def test_every_kind_has_its_word():
    assert terms.FREQUENCIES.keys() == set(UpdateCycle)
    assert {kind: row.keys() for kind, row in terms.ACCESS.items()} == dict.fromkeys(SharingType, dict.fromkeys(OpeningType).keys())
    assert len({node.iri for node in terms.FREQUENCIES.values()}) == len(UpdateCycle)


def test_calls_have_a_service_and_bulk_has_none():
    graph = graph_of()
    service = URIRef(f"{HERE}#service")
    assert graph.value(service, DCAT.endpointURL) == URIRef("https://gateway.zj.example/v1/resources/307001001/1")
    assert graph.value(service, DCAT.servesDataset) == HERE
    assert set(graph.subjects(DCAT.accessService, service)) == {URIRef(f"{HERE}#call"), URIRef(f"{HERE}#verify")}
    assert not list(graph_of(sharing_methods=("table",)).subjects(RDF.type, DCAT.DataService))
    assert not list(graph_of(sharing_methods=()).subjects(RDF.type, DCAT.Distribution))


@pytest.mark.parametrize(
    ("contact", "said"),
    [
        ("0571-8700 0000", (VCARD.hasTelephone, URIRef("tel:0571-8700-0000"))),
        ("data@zj.example", (VCARD.hasEmail, URIRef("mailto:data@zj.example"))),
        ("数据处 张三 0571", (VCARD.note, Literal("数据处 张三 0571", lang="zh"))),
    ],
)
def test_a_contact_is_said_as_what_it_is(contact, said):
    assert (URIRef(f"{HERE}#contact"), *said) in graph_of(contact=contact)


def test_a_contact_may_be_missing():
    assert len(list(graph_of(contact=" ").predicate_objects(URIRef(f"{HERE}#contact")))) == 3


def test_the_page_names_each_entry_once_and_describes_what_they_share_once(page):
    graph = page["ttl"]
    catalogue = URIRef(SITE.catalogue)
    entries = list(every_kind())
    assert set(graph.objects(catalogue, DCAT.dataset)) == {URIRef(SITE.entry(one.code)) for one in entries}
    written_once = Counter(node.iri for node in dcat.describe_catalogue(SITE, entries, PAGE))
    assert set(written_once.values()) == {1}
    assert graph.value(graph.value(catalogue, DCTERMS.publisher), FOAF.name) == Literal("浙江省", lang="zh")


def test_the_last_page_has_no_next_and_the_others_have_one_in_both_words(page):
    here = URIRef(PAGE.here)
    assert (here, HYDRA.next, None) not in page["ttl"]
    assert page["ttl"].value(here, HYDRA.totalItems).toPython() == 40
    more = dcat.Page(PAGE.here, PAGE.first, f"{PAGE.here}?snapshot=1.2&after=7", 40, None)
    graph = read("rdf", written("rdf", dcat.describe_catalogue(SITE, [], more)))
    assert graph.value(here, HYDRA.next) == graph.value(here, HYDRA.nextPage) == URIRef(more.next)


def test_an_empty_catalogue_is_a_catalogue():
    graph = read("jsonld", written("jsonld", dcat.describe_catalogue(SITE, [], PAGE)))
    assert (URIRef(SITE.catalogue), RDF.type, DCAT.Catalog) in graph


def test_entries_are_read_as_they_are_written():
    taken = []

    def source():
        for n in range(1000):
            taken.append(n)
            yield an_entry(code=f"307001001/{n + 1}")

    list(islice(dcat.FORMATS["ttl"].write(dcat.describe_catalogue(SITE, source(), PAGE)), 12))
    assert len(taken) < 5
