# SPDX-License-Identifier: Apache-2.0
"""The catalogue conforms to DCAT-AP 2.1.1, as its own shapes say: no violation for any kind of entry."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyshacl import validate
from rdflib import DCTERMS, SH, Graph

from datong.wire import dcat
from factories.machine_doors import PAGE, SITE, every_kind, read, written

SHAPES = Path(__file__).parent / "vectors" / "dcat-ap-2.1.1"
WANTED = ("shapes", "range")
UNSAID = {
    "http://www.w3.org/ns/dcat#distribution": "withheld data is given to nobody",
    "http://purl.org/dc/terms/temporal": "the national metadata has no period that data speaks of",
    "http://purl.org/dc/terms/license": "a grant says what may be done with shared data; the catalogue holds no licence",
    "http://purl.org/dc/terms/issued": "a catalogue has no day on which it was first published",
    "http://data.europa.eu/r5r/availability": "the exchange of data has no such promise",
    "http://www.w3.org/ns/dcat#theme": "a service has the theme of the data it serves",
    "http://purl.org/dc/terms/conformsTo": "the interface is described by its own document",
    "http://purl.org/dc/terms/type": "the European table of kinds of agents does not know Chinese departments",
    "http://www.w3.org/ns/dcat#endDate": "a period may be open",
    "http://www.w3.org/ns/dcat#bbox": "divisions are known by code, not by shape",
    "http://www.w3.org/ns/dcat#centroid": "divisions are known by code, not by shape",
}
"""Recommended properties that we do not say everywhere, and why."""


def shapes(*names: str) -> Graph:
    graph = Graph()
    for name in names:
        graph.parse(SHAPES / f"dcat-ap_2.1.1_shacl_{name}.ttl")
    return graph


@pytest.fixture(scope="module")
def catalogue() -> Graph:
    """One page with every kind of entry."""
    return read("ttl", written("ttl", dcat.describe_catalogue(SITE, every_kind(), PAGE)))


@pytest.mark.parametrize("name", WANTED)
def test_every_kind_of_entry_conforms(catalogue, name):
    conforms, _graph, told = validate(catalogue, shacl_graph=shapes(name), inference="none", advanced=False)
    assert conforms, told


def test_one_entry_alone_conforms():
    for entry in list(every_kind())[:9]:
        alone = read("jsonld", written("jsonld", dcat.describe_entry(SITE, entry)))
        conforms, _graph, told = validate(alone, shacl_graph=shapes(*WANTED), inference="none")
        assert conforms, told


def test_a_fault_would_be_found(catalogue):
    broken = read("ttl", written("ttl", dcat.describe_catalogue(SITE, [], PAGE)))
    broken.remove((None, DCTERMS.title, None))
    assert not validate(broken, shacl_graph=shapes("shapes"), inference="none")[0]


def test_what_is_recommended_and_not_said_has_its_reason(catalogue):
    _conforms, report, _told = validate(catalogue, shacl_graph=shapes("shapes_recommended"), inference="none")
    assert {str(path) for path in report.objects(None, SH.resultPath)} <= UNSAID.keys()
