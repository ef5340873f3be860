# SPDX-License-Identifier: Apache-2.0
"""Proofs by the API: checkpoints and their growth for everybody signed in, records for those who may see them."""

import base64
import json

import pytest
from django.conf import settings

from datong.contexts.audit import face as audit
from datong.contexts.audit.queries import proofs
from datong.crypto.keys import load_signer, load_verifier
from datong.kernel.actors import Role
from datong.ledger import receipts, subtrees
from datong.ledger.log import Log
from datong.ledger.merkle import leaf_hash, verify_inclusion
from factories.api import signed_in
from factories.exports import a_call, verified_elsewhere
from factories.organisations import a_department, an_account

pytestmark = pytest.mark.django_db(transaction=True)
GATEWAY = "gateway-7"


@pytest.fixture
def auditor():
    an_account("auditor", roles=[Role.AUDITOR])
    return signed_in("auditor")


@pytest.fixture
def compiler():
    an_account("compiler", roles=[Role.COMPILER], department=a_department("编目厅"))
    return signed_in("compiler")


@pytest.fixture(scope="module")
def calls():
    """A gateway's log with checkpoints of 10, 20 … 100 records."""
    place = settings.NODE_FOLDER.evidence / GATEWAY
    with Log.open(place, origin=f"330000/{GATEWAY}", signer=load_signer(settings.NODE_FOLDER.key)) as log:
        for start in range(0, 100, 10):
            log.append([a_call(number) for number in range(start, start + 10)])
    yield place
    for file in place.iterdir():
        file.unlink()
    place.rmdir()


def test_a_record_is_proved(auditor, calls):
    for size in (None, 60):
        found = auditor.get(f"/evidence/{GATEWAY}/proofs/33", **({"size": size} if size else {})).json()
        record, mark = base64.b64decode(found["record"]), found["checkpoint"]
        assert (record, found["facts"], mark["size"]) == (a_call(33), json.loads(a_call(33)), size or 100)
        path = [bytes.fromhex(step) for step in found["path"]]
        verify_inclusion(33, mark["size"], leaf_hash(record), path, bytes.fromhex(mark["root"]))
        verifier = load_verifier((settings.NODE_FOLDER.evidence / "node.pub").read_bytes())
        receipts.verify_receipt(receipts.decode(found["receipt"]), verifier)


def test_growth_is_proved_in_the_form_the_offline_verifier_takes(compiler, calls, tmp_path):
    answer = compiler.get(f"/evidence/{GATEWAY}/consistency", first=30, second=80)
    (tmp_path / "pair").write_bytes(answer.content)
    (found,) = verified_elsewhere(tmp_path / "pair", key=settings.NODE_FOLDER.evidence / "node.pub")
    assert (found["status"], found["size"]) == (0, 80)


def test_checkpoints_come_page_by_page(compiler, calls):
    first = compiler.get(f"/evidence/{GATEWAY}/checkpoints", limit=4).json()
    assert ([one["size"] for one in first["items"]], first["next"]) == ([100, 90, 80, 70], 70)
    rest = compiler.get(f"/evidence/{GATEWAY}/checkpoints", before=first["next"]).json()
    assert ([one["size"] for one in rest["items"]], rest["next"]) == ([60, 50, 40, 30, 20, 10], None)


def test_own_acts_are_proved_and_nothing_else(compiler, calls, act):
    (seq,) = act("elsewhere")
    own = compiler.get("/acts").json()["items"][0]["seq"]
    assert compiler.get(f"/evidence/acts/proofs/{own - 1}").json()["facts"]["account"] == "compiler"
    refused = [
        compiler.get(f"/evidence/{log}/proofs/{index}")
        for log, index in (("acts", seq - 1), ("acts", 10**6), (GATEWAY, 1), ("none", 1))
    ]
    assert {(one.status_code, one.json()["detail"]) for one in refused} == {(404, refused[0].json()["detail"])}


ABSENT = [
    ("/evidence/none/checkpoints", {}), ("/evidence/../checkpoints", {}), ("/evidence/none/consistency", {"first": 1, "second": 2}),
    (f"/evidence/{GATEWAY}/proofs/100", {}), (f"/evidence/{GATEWAY}/proofs/5", {"size": 55}),
    (f"/evidence/{GATEWAY}/consistency", {"first": 20, "second": 10}), (f"/evidence/{GATEWAY}/consistency", {"first": 10, "second": 15}),
]  # fmt: skip
MALFORMED = [
    (f"/evidence/{GATEWAY}/proofs/-1", {}), (f"/evidence/{GATEWAY}/proofs/x", {}), (f"/evidence/{GATEWAY}/proofs/{2**64}", {}),
    (f"/evidence/{GATEWAY}/proofs/5", {"size": 0}), (f"/evidence/{GATEWAY}/consistency", {"first": 10}),
    (f"/evidence/{GATEWAY}/checkpoints", {"limit": 201}), (f"/evidence/{'x' * 65}/checkpoints", {}),
]  # fmt: skip


def test_what_is_not_there_and_what_cannot_be_read_is_said(auditor, calls):
    assert {
        path: auditor.get(path, **query).status_code for path, query in ABSENT if auditor.get(path, **query).status_code != 404
    } == {}
    assert {
        path: auditor.get(path, **query).status_code for path, query in MALFORMED if auditor.get(path, **query).status_code != 422
    } == {}


def test_a_damaged_log_proves_nothing(auditor, calls):
    segment = next(calls.glob("*.seg"))
    whole = segment.read_bytes()
    try:
        segment.write_bytes(whole[:50] + b"x" + whole[51:])
        answer = auditor.get(f"/evidence/{GATEWAY}/proofs/0")
        assert (answer.status_code, answer.json()["code"]) == (503, "evidence_damaged")
    finally:
        segment.write_bytes(whole)


def test_the_beat_prepares_proofs_part_by_part(calls, monkeypatch):
    (calls / subtrees.NAME).unlink(missing_ok=True)
    monkeypatch.setattr(proofs, "PREPARED", 64)
    assert [audit.prepare_proofs(), audit.prepare_proofs()] == [False, True]
