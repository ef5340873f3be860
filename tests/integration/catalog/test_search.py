# SPDX-License-Identifier: Apache-2.0
"""Search by the index, over a made-up catalogue: 60 questions of clerks, facets, visibility, reasons, suggestions."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.test import Client

from datong.config.demo.questions import QUESTIONS, answers
from datong.contexts.catalog import face, queries
from datong.contexts.catalog.domain.reasons import Found
from datong.engine import face as engine
from datong.kernel.sharing import SharingType
from factories import searching

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("country")]


@pytest.fixture(scope="module")
def country(django_db_setup, django_db_blocker):
    """A made-up catalogue and its index, for all tests of this file."""
    with django_db_blocker.unblock(), transaction.atomic():
        made = searching.a_catalogue()
        with searching.an_index():
            yield made
        transaction.set_rollback(True)


def find(q, *, by=searching.LOOKER, **more):
    return face.search(q, by=by, **more)


def test_there_are_sixty_questions():
    assert len(QUESTIONS) == 60


@pytest.mark.parametrize("asked", QUESTIONS, ids=lambda asked: f"{asked.why}: {asked.text}")
def test_a_clerk_finds_what_was_meant(asked):
    found = find(asked.text, per_page=5)
    assert found.indexed
    assert answers(asked, [(hit.name, hit.provider_name) for hit in found.hits])


@pytest.mark.parametrize("facet", ["sharing_type", "opening_type", "update_cycle", "level", "format_class", "category"])
def test_facets_add_up(facet):
    found = find("登记")
    assert sum(one.count for one in found.facets[facet]) == found.total
    for one in found.facets[facet]:
        assert find("登记", filters={facet: one.value}).total == one.count


@pytest.mark.parametrize("facet", ["class_code", "theme", "provider", "region"])
def test_trees_and_departments_narrow(facet):
    for one in find("登记").facets[facet][:4]:
        narrowed = find("登记", filters={facet: one.value})
        assert narrowed.total == one.count
        assert narrowed.chosen[facet] == one.label != one.value


def test_the_division_tree_is_walked_down():
    assert "330000" in {one.value for one in find("户籍").facets["region"]}
    below = {one.value for one in find("户籍", filters={"region": "330000"}).facets["region"]}
    assert {"330100", "330200"} <= below
    counties = find("户籍", filters={"region": "330100"})
    assert {"330106", "330109"} <= {one.value for one in counties.facets["region"]}
    assert {hit.region[:4] for hit in counties.hits} == {"3301"}
    assert {hit.region for hit in find("户籍", filters={"region": "330106"}).hits} == {"330106"}


def test_nobody_knows_whether_data_is_fresh_before_it_lands():
    found = find("户籍")
    assert [(one.value, one.count) for one in found.facets["freshness"]] == [("none", found.total)]
    assert find("户籍", filters={"freshness": "stale"}).total == 0


def test_the_public_never_finds_counts_or_is_suggested_the_withheld(country):
    hidden = sum(one.sharing_type == SharingType.WITHHELD for one in country)
    everyone, officers = find("", by=None), find("")
    assert (officers.total, everyone.total) == (len(country), len(country) - hidden)
    assert SharingType.WITHHELD not in {one.value for one in everyone.facets["sharing_type"]}
    assert find("", by=None, filters={"sharing_type": "withheld"}).total == 0
    secret = next(one for one in country if one.sharing_type == SharingType.WITHHELD)
    assert secret.code in {hit.code for hit in find(secret.code).hits}
    assert secret.code not in {hit.code for hit in find(secret.code, by=None, per_page=100).hits}
    assert secret.code not in {one.value for one in face.suggest(secret.name, by=None)}
    assert secret.code in {one.value for one in face.suggest(secret.name, by=searching.LOOKER)}


def test_items_are_for_officers():
    assert find("车牌号码").total > 0
    assert find("车牌号码", by=None).total == 0


def test_pages_hold_every_hit_once():
    pages = [find("户籍迁移", page=number, per_page=10) for number in range(1, 4)]
    codes = [hit.code for page in pages for hit in page.hits]
    assert len(codes) == len(set(codes)) == min(30, pages[0].total)
    last = find("户籍迁移", page=999, per_page=10)
    assert last.page == last.pages
    assert last.hits


@pytest.mark.parametrize("sort", ["newest", "name", "provider", "no-such"])
def test_sorting(sort):
    found = find("登记", sort=sort, per_page=50)
    assert found.total == find("登记").total
    if sort == "newest":
        days = [hit.published_on for hit in found.hits]
        assert days == sorted(days, reverse=True)
    if sort == "provider":
        names = [hit.provider_name for hit in found.hits]
        assert names == [name for name in dict.fromkeys(names) for _ in range(names.count(name))]
    if sort == "name":
        letters = [engine.chinese.sounded(hit.name).letters for hit in found.hits]
        assert letters == sorted(letters)


@pytest.mark.parametrize("q", ["!!!", "\x00", "\u202e", "'; drop table", "(" * 80, "*:*", "name:户籍", "📎", "ß" * 300, "[a TO b]", "\\"])
def test_marks_and_grammar_mean_nothing(q):
    found = find(q)
    assert found.total in range(len(QUESTIONS) * 100)
    face.suggest(q, by=None)


def test_what_was_typed_wrongly_is_said_so():
    assert find("护籍迁移").lenient
    assert not find("户籍迁移").lenient


@pytest.mark.parametrize(
    ("q", "kind", "text"), [("人社", Found.SYNONYM, "人社 = 人力资源和社会保障"), ("huji", Found.SOUND, "huji → 户籍"), ("车牌号码", Found.ITEM, "车牌号码")]
)
def test_hits_say_why(q, kind, text):
    assert (kind, text) in {(one.kind, one.text) for one in find(q).hits[0].reasons}


def test_marks_are_told():
    assert "人力资源和社会保障" in find("人社").words


@pytest.mark.parametrize(
    ("q", "kind", "text"),
    [
        ("人社", "synonym", "人社 = 人力资源和社会保障"), ("公安", "department", "公安"), ("huj", "resource", "户籍"), ("常住", "resource", "常住人口"),
        ("社会保障", "class", "社会保障"), ("307001/1", "resource", ""), ("bdc", "resource", "不动产"),
    ],
)  # fmt: skip
def test_suggestions(q, kind, text):
    assert any(one.kind == kind and text in one.text for one in face.suggest(q, by=searching.LOOKER))


def test_nothing_is_suggested_twice_nor_for_nothing():
    assert face.suggest("  ", by=None) == ()
    texts = [one.text for one in face.suggest("登记", by=None)]
    assert len(texts) == len(set(texts)) <= 9


def test_index_and_database_find_the_same_plain_words(country):
    for q in ("户籍迁移", "排污许可证", "婚姻登记信息"):
        plain = queries.scanning.scan(q, by=searching.LOOKER, filters={}, page=1, size=100, sort="")
        assert plain.total <= find(q).total
        assert {hit.code for hit in plain.hits} <= {hit.code for hit in find(q, per_page=100).hits}


def test_index_and_database_count_the_same_facets():
    plain = queries.scanning.scan("", by=None, filters={}, page=1, size=1, sort="")
    found = find("", by=None)
    for name, values in plain.facets.items():
        assert {(one.value, one.count) for one in values} == {(one.value, one.count) for one in found.facets[name]}, name


def test_the_pages_and_the_api_answer():
    client = Client()
    page = client.get("/search", {"q": "人社", "region": "330000"})
    assert page.status_code == 200
    text = page.content.decode()
    assert "人力资源和社会保障" in text
    assert "浙江省" in text
    listed = client.get("/search/suggest", {"q": "huj"}).content.decode()
    assert 'role="option"' in listed
    told = client.get("/api/v1/resources", {"q": "huji", "theme": "", "sort": "name"}).json()
    assert told["indexed"]
    assert told["hits"][0]["reasons"][0]["kind"] == "sound"
    assert client.get("/api/v1/suggestions", {"q": "公安"}).json()[0]["kind"] == "department"
