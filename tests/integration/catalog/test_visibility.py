# SPDX-License-Identifier: Apache-2.0
"""Who sees what of the catalogue: one predicate for lists, search, pages and API."""

import pytest

from datong.contexts.catalog import face, queries
from datong.contexts.catalog.domain import ItemDraft, Stage
from datong.kernel.actors import Officer, Role
from datong.kernel.errors import Unknown
from factories.catalog import (
    DATA_BUREAU,
    PROVIDER,
    a_compiler,
    a_draft,
    a_provider_head,
    a_resource,
    an_authority,
    an_open_draft,
    someone,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelf():
    """One conditional, one unconditional, one withheld resource, and one draft."""
    kinds = {
        "conditional": a_resource(a_draft(name="婚姻登记信息")),
        "open": a_resource(an_open_draft()),
        "withheld": a_resource(a_draft(name="侦查线索", sharing_type="withheld", sharing_methods=())),
        "draft": a_resource(a_draft(name="婚姻草稿"), stage=Stage.DRAFT),
    }
    return {name: row.resource.code for name, row in kinds.items()}


def codes(result):
    return {hit.code for hit in result.hits}


def test_the_public_finds_what_is_shared_without_its_items(shelf):
    found = face.search(by=None)
    assert codes(found) == {shelf["conditional"], shelf["open"]}
    assert found.total == 2
    assert face.resource(shelf["open"], by=None).items == ()
    for name in ("withheld", "draft"):
        with pytest.raises(Unknown):
            face.resource(shelf[name], by=None)
    assert codes(face.search("公民身份号码", by=None)) == set(), "items are not searched for strangers"


def test_any_officer_finds_all_that_is_published(shelf):
    by = someone(Role.APPLICANT, "浙江省民政厅")
    assert codes(face.search(by=by)) == {shelf["conditional"], shelf["open"], shelf["withheld"]}
    view = face.resource(shelf["conditional"], by=by)
    assert view.item("case_note").sharing_type == "withheld"
    assert view.item("name").sharing_type == "conditional", "inherited from the resource"
    assert view.item("nothing") is None
    assert {one.code for one in face.published(by)} == codes(face.search(by=by))
    assert {one.code for one in face.published(None, provider=view.provider)} == {shelf["conditional"], shelf["open"]}


def test_facets_count_what_is_seen_and_nothing_else(shelf):
    facets = face.search(by=None).facets
    assert {facet.value: facet.count for facet in facets["sharing_type"]} == {"conditional": 1, "unconditional": 1}
    assert [(facet.label, facet.count) for facet in facets["provider"]] == [(PROVIDER, 2)]
    assert facets["category"][0].label == "部门信息资源"
    assert facets["class_code"][0].value == "307"


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ("婚姻", {"conditional"}), ("婚姻 登记", {"conditional"}), ("公安", {"conditional", "open", "withheld"}),
        ("婚姻 不存在", set()), ("行政区划代码", {"open", "conditional", "withheld"}), ("resident_id", {"conditional", "withheld"}),
        ("%", set()), ("_", set()), ("'; drop table x --", set()), ("\x00", {"conditional", "open", "withheld"}), ("\u202e", {"conditional", "open", "withheld"}),
    ],
)  # fmt: skip
def test_each_word_must_be_found_somewhere(shelf, q, expected):
    assert codes(face.search(q, by=a_compiler("浙江省民政厅"))) == {shelf[name] for name in expected}


def test_a_name_outranks_an_item(shelf):
    assert face.search("行政区划代码", by=a_compiler()).hits[0].code == shelf["open"]
    assert face.search(shelf["open"], by=a_compiler()).hits[0].code == shelf["open"]


def test_filters_and_pages(shelf):
    by = a_compiler()
    assert codes(face.search(by=by, filters={"sharing_type": "withheld"})) == {shelf["withheld"]}
    assert codes(face.search(by=by, filters={"class_code": "307", "category": "3", "nonsense": "1", "level": ""})) == set(shelf.values()) - {shelf["draft"]}
    assert face.search(by=by, filters={"provider": "\x00"}).total == 3
    page = face.search(by=by, page=99, per_page=2)
    assert (page.page, page.pages, len(page.hits)) == (2, 2, 1)


def test_drafts_belong_to_their_department():
    draft = a_resource(stage=Stage.DRAFT)
    for by in (a_compiler(), a_provider_head()):
        assert queries.version_of(draft.pk, by=by) == draft
    for by in (an_authority(), a_compiler("浙江省民政厅"), someone(Role.AUDITOR, DATA_BUREAU), someone(Role.SYSADMIN, PROVIDER), None):
        with pytest.raises(Unknown):
            queries.version_of(draft.pk, by=by)


@pytest.mark.parametrize("stage", [Stage.CONSENTED, Stage.RETURNED])
def test_the_authority_sees_what_reached_it_in_its_region_alone(stage):
    row = a_resource(stage=stage)
    assert queries.version_of(row.pk, by=an_authority()) == row
    elsewhere = Officer("hz", "杭", "x", "杭州市数据局", "330100", frozenset({Role.AUTHORITY}))
    with pytest.raises(Unknown):
        queries.version_of(row.pk, by=elsewhere)


def test_what_waits_for_whom():
    rows = {stage: a_resource(stage=stage) for stage in (Stage.DRAFT, Stage.FILED, Stage.CONSENTED, Stage.RETURNED, Stage.PUBLISHED)}
    assert set(face.entries_waiting(a_compiler())) == {rows[Stage.DRAFT], rows[Stage.RETURNED]}
    assert list(face.entries_waiting(a_provider_head())) == [rows[Stage.FILED]]
    assert list(face.entries_waiting(an_authority())) == [rows[Stage.CONSENTED]]
    assert list(face.entries_waiting(a_compiler("浙江省民政厅"))) == []
    compiler_as_head = someone(Role.PROVIDER_HEAD, PROVIDER, account=a_compiler().account)
    assert list(face.entries_waiting(compiler_as_head)) == [], "what one compiled waits for another head"


def test_lists_narrow():
    row = a_resource(a_draft(name="婚姻登记"), stage=Stage.FILED)
    by = a_compiler()
    assert list(queries.entries(by, stage="filed", q="婚姻", mine=True)) == [row]
    assert list(queries.entries(by, stage="draft")) == []
    assert list(queries.entries(by, q="\x00", stage="\x00")) == [row]
    assert list(queries.classes(level=1)) != []
    assert list(queries.classes(under="\x00")) == []


def test_past_versions_stay_readable():
    row = a_resource(stage=Stage.SUPERSEDED)
    numbers = [one.number for one in queries.history(row.resource.code, by=someone(Role.APPLICANT, "浙江省民政厅"))]
    assert numbers == [2, 1]
    with pytest.raises(Unknown):
        face.version(row.resource.code, 3)


def test_a_version_reads_back_as_it_was_handed_in():
    draft = a_draft(name="往返", level="general_4", items=(ItemDraft("a", "甲", "N", 8, 2, "0-1", "withheld", "closed", "general_1", query=True, description="述"),))
    assert queries.as_draft(a_resource(draft)) == draft
