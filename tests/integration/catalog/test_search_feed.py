# SPDX-License-Identifier: Apache-2.0
"""The index follows the acts, is read by whoever acted, and is proved against the database."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from datong.config import wiring
from datong.contexts.audit import face as audit
from datong.contexts.catalog import face, usecases
from datong.contexts.catalog.domain import Stage
from datong.contexts.catalog.models import Synonym
from datong.contexts.catalog.queries import shelf, sourcing
from datong.kernel.actors import SYSTEM, Officer, Role
from datong.kernel.errors import Conflict, Malformed, Refused, Unknown
from factories import searching
from factories.catalog import DATA_BUREAU, a_compiler, a_draft, a_new_version, a_resource, an_authority, someone
from factories.organisations import a_department, an_account

pytestmark = pytest.mark.django_db


@pytest.fixture
def index():
    usecases.seed_synonyms()
    with searching.an_index():
        yield shelf.index()


def find(q, by=None):
    return face.search(q, by=by or searching.LOOKER)


def test_without_an_index_the_database_answers_and_says_so():
    searching.without_index()
    row = a_resource(a_draft(name="水质监测断面"))
    found = find("水质监测断面")
    assert ([hit.code for hit in found.hits], found.indexed) == ([row.resource.code], False)


def test_a_published_resource_is_found_after_following(index):
    row = a_resource(a_draft(name="古树名木保护名录"))
    assert find("古树名木").total == 0
    assert face.follow_search() > 0
    found = find("gushu")
    assert ([hit.code for hit in found.hits], found.indexed) == ([row.resource.code], True)
    assert face.follow_search() == 0


@pytest.mark.parametrize("stage", [Stage.DRAFT, Stage.FILED, Stage.CONSENTED, Stage.RETURNED, Stage.WITHDRAWN])
def test_what_is_not_published_is_never_in_the_index(index, stage):
    row = a_resource(a_draft(name="未见天日的目录"), stage=stage)
    face.follow_search()
    assert find("未见天日").total == 0
    assert not index.reader().has(row.resource.code)


def test_a_new_version_takes_the_place_of_the_old(index):
    row = a_resource(a_draft(name="旧名称资源"))
    a_new_version(row.resource.code, abstract="全新的摘要：海岛灯塔。")
    face.follow_search()
    assert [hit.code for hit in find("海岛灯塔").hits] == [row.resource.code]


def test_a_withdrawn_resource_is_gone_before_the_index_knows(index):
    row = a_resource(a_draft(name="即将撤销的资源"))
    face.follow_search()
    usecases.withdraw_entry(row.pk, "职责调整", by=an_authority())
    found = find("即将撤销")
    assert (found.hits, found.total) == ((), 0)
    face.follow_search()
    assert not index.reader().has(row.resource.code)


def test_who_acts_finds_it_at_once_whatever_the_index_knows(index, monkeypatch):
    monkeypatch.setattr(shelf, "PATIENCE", 0.05)
    a_resource(a_draft(name="刚刚发布的资源"))
    found = face.search("刚刚发布", by=an_authority())
    assert (found.total, found.indexed) == (1, False)
    assert face.search("刚刚发布", by=searching.LOOKER).total == 0


def test_who_acts_waits_for_the_index(index):
    a_resource(a_draft(name="等一等的资源"))
    seen = index.reader().note
    later = threading.Timer(0.2, _write_ahead, (index, audit.head()))
    later.start()
    found = face.search("等一等", by=an_authority())
    later.join()
    assert (found.indexed, index.reader().note == seen) == (True, False)


def _write_ahead(index, seq):
    with index.writing() as writer:
        writer.commit({"seq": seq})


def test_an_index_of_another_database_is_not_trusted(index):
    a_resource(a_draft(name="可信的资源"))
    _write_ahead(index, audit.head() + 1_000)
    assert not find("可信").indexed
    face.follow_search()
    assert ProcrastinateJob.objects.filter(task_name=usecases.indexing.REBUILD, status="todo").count() == 1
    face.follow_search()
    assert ProcrastinateJob.objects.filter(task_name=usecases.indexing.REBUILD, status="todo").count() == 1


def test_a_department_renamed_is_found_by_its_new_name(index):
    row = a_resource(a_draft(name="改名部门的资源"))
    with connection.cursor() as cursor:
        cursor.execute("update organisations_department set name = '浙江省灯塔管理局' where uscc = %s", [row.resource.provider_id])
    with transaction.atomic():
        audit.record("organisations.department.renamed", by=SYSTEM, subject=row.resource.provider_id)
    face.follow_search()
    assert row.resource.code in {hit.code for hit in find("灯塔管理局").hits}


def test_the_lamp_follows_landings(index):
    row = a_resource(a_draft(name="有灯的资源", update_cycle="daily"))
    with transaction.atomic():
        audit.record(sourcing.LANDED, by=SYSTEM, subject=row.resource.code)
    face.follow_search()
    assert [(one.value, one.count) for one in find("有灯").facets["freshness"]] == [("fresh", 1)]
    assert face.search("有灯", by=searching.LOOKER, filters={"freshness": "fresh"}).total == 1
    assert face.search("有灯", by=searching.LOOKER, filters={"freshness": "stale"}).total == 0


def test_no_cycle_no_lamp():
    row = a_resource(a_draft(name="不定期的资源", update_cycle="irregular"))
    with transaction.atomic():
        audit.record(sourcing.LANDED, by=SYSTEM, subject=row.resource.code)
    assert sourcing.stale_days([row.resource.code]) == {}
    assert sourcing.allowed_days("daily") >= 1
    assert audit.latest(sourcing.LANDED)[row.resource.code] > datetime.now(UTC) - timedelta(minutes=5)


def test_acts_of_no_concern_do_not_touch_the_index(index, monkeypatch):
    before = index.reader().note
    with transaction.atomic():
        for number in range(3):
            audit.record("organisations.session.opened", by=SYSTEM, subject=f"a{number}")
    assert face.follow_search() == 0
    assert index.reader().note == before
    monkeypatch.setattr(usecases.indexing, "FAR", 2)
    face.follow_search()
    assert index.reader().note["seq"] == audit.head()


def test_while_another_writes_following_waits_its_turn(index):
    a_resource(a_draft(name="排队的资源"))
    with index.writing():
        assert face.follow_search() == 0
    assert face.follow_search() > 0


def test_the_proof_agrees_then_tells_what_is_wrong(index):
    row = a_resource(a_draft(name="证明用的资源"))
    sound = face.prove_search()
    assert (sound.ok, sound.wrong, sound.surplus, sound.seq) == (True, (), 0, sound.head)
    with index.writing() as writer:
        writer.drop(row.resource.code)
        writer.commit({"seq": audit.head()})
    missing = face.prove_search()
    assert (missing.ok, missing.wrong) == (False, (row.resource.code,))
    assert not usecases.keep_search_true().ok
    assert audit.acts(tag="catalog.search.mended")[0].facts["wrong"] == [row.resource.code]
    assert face.rebuild_search().entries == missing.database[0]
    assert face.prove_search().ok


def test_what_is_gone_from_the_database_is_surplus(index):
    row = a_resource(a_draft(name="多余的资源"))
    face.follow_search()
    with connection.cursor() as cursor:
        cursor.execute("update catalog_resource set withdrawn_at = now() where code = %s", [row.resource.code])
    found = face.prove_search()
    assert (found.ok, found.surplus) == (False, 1)


def test_without_an_index_the_proof_says_so():
    searching.without_index()
    found = face.prove_search()
    assert (found.ok, found.present) == (False, False)


def test_the_worker_follows_and_seeds():
    beats = {beat.name: beat for beat in wiring.beats()}
    assert beats["follow the search index"].on_act
    assert usecases.seed_synonyms in wiring.seeds()


def test_synonyms_are_seeded_once_and_kept_by_the_authority(index):
    assert usecases.seed_synonyms() == 0
    a_resource(a_draft(name="海上灯标名录"))
    face.follow_search()
    assert find("亮亮").total == 0
    made = usecases.add_synonym("亮亮", "灯标", by=an_authority())
    usecases.synonyms.read_names.cache_clear()
    assert find("亮亮").total == 1
    assert find("liangliang").total == 1
    with pytest.raises(Conflict):
        usecases.add_synonym("亮亮", "灯标", by=an_authority())
    usecases.drop_synonym(made.pk, by=an_authority())
    usecases.synonyms.read_names.cache_clear()
    assert find("亮亮").total == 0
    assert [act.tag for act in audit.acts(tag="catalog.synonym.", limit=2)] == ["catalog.synonym.dropped", "catalog.synonym.added"]


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.AUTHORITY])
def test_nobody_else_keeps_synonyms(role):
    by = someone(role, DATA_BUREAU)
    with pytest.raises(Refused):
        usecases.add_synonym("某某", "某某某", by=by)
    with pytest.raises(Refused):
        usecases.drop_synonym(1, by=by)


@pytest.mark.parametrize(("term", "meaning"), [("", "x"), ("一", "二三"), ("一二", "一二"), ("一" * 41, "二三"), ("一\n二", "二三"), ("一二", "三" * 101)])
def test_pairs_that_are_none(term, meaning):
    with pytest.raises(Malformed):
        usecases.add_synonym(term, meaning, by=an_authority())


@pytest.mark.parametrize("pk", [0, -1, 10**9, 2**70])
def test_pairs_that_are_not_there(pk):
    with pytest.raises(Unknown):
        usecases.drop_synonym(pk, by=an_authority())


def test_the_pages_of_synonyms(client):
    usecases.seed_synonyms()
    client.force_login(an_account(roles=[Role.AUTHORITY], department=a_department(DATA_BUREAU)))
    assert "人社" in client.get("/catalog/synonyms", {"q": "人社"}).content.decode()
    assert client.post("/catalog/synonyms", {"term": "灯灯", "meaning": "灯塔"}).status_code == 302
    assert client.post("/catalog/synonyms", {"term": "灯灯", "meaning": "灯塔"}).status_code == 409
    pair = Synonym.objects.get(term="灯灯")
    assert client.post(f"/catalog/synonyms/{pair.pk}/drop").status_code == 302
    reader = an_account(roles=[Role.COMPILER], department=a_department(DATA_BUREAU))
    client.force_login(reader)
    assert client.post("/catalog/synonyms", {"term": "灯灯", "meaning": "灯塔"}).status_code == 403


def test_a_compiler_s_own_act_is_what_is_waited_for():
    by = a_compiler()
    before = audit.head()
    with transaction.atomic():
        audit.record("catalog.entry.revised", by=by, subject="x")
    assert audit.newest_of(by.account, shelf.OWN, after=before) == before + 1
    assert audit.newest_of("nobody", shelf.OWN, after=before) == 0
    assert [act.seq for act in audit.since(before)] == [before + 1]
    assert isinstance(by, Officer)
