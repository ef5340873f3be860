# SPDX-License-Identifier: Apache-2.0
"""A lake in a real object store under the verbs of exchange, and whose versions stay when a lake is cleared up."""

from __future__ import annotations

import json
import os
import shutil
import time

import pytest
from django.conf import settings as node

from datong.contexts.audit.models import Act
from datong.contexts.exchange import usecases
from datong.contexts.exchange.usecases import deriving, vacuuming
from datong.contexts.exchange.usecases.landing import place_of
from datong.engine import face as engine
from datong.engine.backends import keeping, manifests
from datong.engine.places import Remote
from datong.kernel.sharing import Channel
from datong.wire import events
from factories import stores
from factories.catalog import DRAFT, a_draft, a_resource
from factories.exchange import a_csv_text, a_landed_batch, an_offer
from factories.sharing import a_grant, a_request, a_request_draft

pytestmark = pytest.mark.django_db
COLUMNS = ("公民身份号码", "姓名", "行政区划代码", "登记日期")
ROWS = [("11010519491231002X", "王五", "330106", "2020-01-05"), ("110105194912310038", "赵六", "110105", "2020-01-06")]
MORE = ("110105194912310046", "孙七", "330106", "2020-01-07")


@pytest.fixture
def grant():
    resource = a_resource(a_draft(name=f"{DRAFT.name}（湖）", sharing_methods=("call", "verify", "table")))
    return a_grant(request=a_request(a_request_draft(resource, channels=("table",))))


@pytest.fixture(autouse=True)
def nothing_of_before():
    """Folders of the node outlive a test, and numbers come again in each."""
    for folder in (node.NODE_FOLDER.path / deriving.FOLDER, node.NODE_FOLDER.path / events.FOLDER, node.NODE_FOLDER.kept):
        shutil.rmtree(folder, ignore_errors=True)


def land(grant, *more):
    a_landed_batch(grant.resource.current, an_offer(a_csv_text([*ROWS, *more], COLUMNS)))


def test_landing_and_deriving_go_the_whole_way_in_a_store_and_leave_nothing_behind(grant, settings):
    with stores.a_bucket() as bucket:
        settings.LAKE_BUCKET = bucket.lake("330000")
        land(grant)
        place = place_of(grant.resource_id)
        store = deriving.store_of(place.name)
        assert isinstance(place, Remote)
        assert engine.rows_of(place) == len(ROWS)
        assert usecases.make_tables() == 1
        first = usecases.outlet(grant.number, Channel.TABLE).folder
        assert manifests.derived(first).at == f"{store.key}/{first.name.partition('-')[2]}"
        assert set(keeping.listed(store)) == deriving.stored(place.name) != set()
        land(grant, MORE)
        assert usecases.make_tables() == 1
        old = time.time() - deriving.SPARED - 60
        for folder in deriving.home(place.name).glob("*-*"):
            os.utime(folder, (old, old))
        usecases.make_tables()
        assert not first.exists()
        assert set(keeping.listed(store)) == deriving.stored(place.name), "its files went with it"
        keeping.put(store, first.parent, [f"{next(first.parent.glob('*-*')).name}/manifest.json"])
        usecases.vacuum_lake()
        assert set(keeping.listed(store)) == deriving.stored(place.name) != set(), "what no manifest names went"
        assert usecases.sweep() >= 0


def test_clearing_up_is_an_act_and_keeps_what_a_follower_was_not_told(grant, settings, monkeypatch):
    cleared = []
    land(grant)
    land(grant, MORE)
    monkeypatch.setattr(vacuuming.engine, "apart", lambda _, place, needed, days: cleared.append((place.name, needed, days)) or 3)
    name = place_of(grant.resource_id).name
    assert usecases.vacuum_lake() == 3
    assert cleared == [(name, 1, node.NODE.lake_keep_days)]
    act = Act.objects.filter(tag=vacuuming.VACUUMED).get()
    said = json.loads(act.facts)
    assert (act.subject, said["files"], said["kept_from"]) == (grant.resource_id, 3, 1)
    events.publish(node.NODE_FOLDER.path / events.FOLDER / name / ("0" * 32), events.Manifest(digest="0" * 32, since=0, newest=0))
    usecases.vacuum_lake()
    assert cleared[-1] == (name, 0, node.NODE.lake_keep_days)


def test_what_a_delivery_under_way_reads_stays(settings, grant):
    assert list(vacuuming._in_use(grant.resource_id, "none")) == []
    settings.LAKE_HOLDERS = ("integration.exchange.test_lake_upkeep.holding",)
    assert list(vacuuming._in_use(grant.resource_id, "none")) == [7]


def holding(code):
    """Stand in for whoever reads a version."""
    return [7]
