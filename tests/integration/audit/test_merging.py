# SPDX-License-Identifier: Apache-2.0
"""The node's collector signs over all its logs; who may see the evidence sees it, and a log taken away is told."""

import shutil

import pytest
from django.conf import settings
from django.utils.html import escape

from datong.contexts.audit import face as audit
from datong.contexts.audit import queries
from datong.crypto.keys import load_signer
from datong.kernel import canonical
from datong.kernel.actors import Role
from datong.ledger import merged
from datong.ledger.log import Log
from datong.ledger.recovery import Damaged
from factories.api import signed_in
from factories.organisations import an_account

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def gateway():
    place = settings.NODE_FOLDER.evidence / "gateway-7"
    with Log.open(place, origin=f"{settings.NODE.code}/gateway-7", signer=load_signer(settings.NODE_FOLDER.key)) as log:
        log.append([b"a call"])
    yield place
    shutil.rmtree(place, ignore_errors=True)
    (settings.NODE_FOLDER.evidence / merged.NAME).unlink()


@pytest.fixture
def auditor():
    an_account("auditor", roles=[Role.AUDITOR])
    return signed_in("auditor")


def test_the_newest_is_given_to_whoever_is_signed_in_and_shown_to_who_sees_all(auditor, gateway):
    assert auditor.get("/evidence/checkpoint").status_code == 404
    audit.merge_checkpoints()
    line = canonical.dumps(auditor.get("/evidence/checkpoint").json())
    assert merged.parse(line) == queries.node_checkpoint()
    shown = auditor.client.get("/evidence").content.decode()
    assert "节点检查点" in shown and escape(line.decode()) in shown
    reports = auditor.post("/evidence/verify").json()["reports"]
    assert [one["merged"] for one in reports if one["origin"] == settings.NODE.code] == [True]
    file = settings.NODE_FOLDER.evidence / merged.NAME
    whole = file.read_bytes()
    file.write_bytes(b"{}\n")
    assert auditor.get("/evidence/checkpoint").status_code == 503 and auditor.client.get("/evidence").status_code == 200
    file.write_bytes(whole)


def test_the_collector_pins_acts_and_calls_and_tells_what_is_taken_away(act, gateway):
    act("一件事")
    assert audit.merge_checkpoints() == 0 and audit.merge_checkpoints() is None
    made = queries.node_checkpoint()
    assert {"acts", "gateway-7"} <= {mark.origin.split("/")[1] for mark in made.logs}
    act("又一件事")
    shutil.rmtree(gateway)
    with pytest.raises(Damaged, match="gateway-7 is missing"):
        audit.merge_checkpoints()
    newest = queries.node_checkpoint()
    assert newest.number == 1 and newest.of(f"{settings.NODE.code}/acts").size == made.of(f"{settings.NODE.code}/acts").size + 1
