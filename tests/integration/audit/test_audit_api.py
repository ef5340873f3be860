# SPDX-License-Identifier: Apache-2.0
"""The audit API: acts, state of the evidence, verification, receipts."""

import pytest
from django.conf import settings

from datong.crypto.keys import load_signer
from datong.kernel.actors import Role
from datong.ledger.log import Log
from factories.api import Person, signed_in
from factories.organisations import a_department, an_account

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def auditor():
    an_account("auditor", roles=[Role.AUDITOR])
    return signed_in("auditor")


@pytest.fixture
def compiler():
    an_account("compiler", roles=[Role.COMPILER], department=a_department("编目厅"))
    return signed_in("compiler")


@pytest.mark.parametrize("path", ["/acts", "/evidence", "/evidence/key"])
def test_strangers_are_sent_away(path):
    answer = Person().get(path)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert answer["Content-Type"] == "application/problem+json"


def test_the_auditor_reads_everything_page_by_page(auditor):
    first = auditor.get("/acts", limit=2).json()
    assert first["items"][0]["tag"] == "organisations.session.opened"
    second = auditor.get("/acts", limit=2, before=first["next"]).json()
    assert [one["seq"] for one in second["items"]] == [first["next"] - 1, first["next"] - 2]
    assert auditor.get("/acts", before=2, limit=5).json()["next"] is None


def test_a_compiler_reads_the_own_department(compiler, act):
    act("elsewhere")
    subjects = {one["subject"] for one in compiler.get("/acts").json()["items"]}
    assert subjects == {"compiler"}


@pytest.mark.parametrize("query", [{"limit": 0}, {"limit": 501}, {"before": 0}, {"before": 2**64}, {"tag": "A'--"}, {"subject": "a\x00"}])
def test_bad_filters_are_named(auditor, query):
    answer = auditor.get("/acts", **query)
    assert answer.status_code == 422
    assert next(iter(query)) in str(answer.json()["errors"])


def test_evidence_and_key_are_shown(compiler):
    (log,) = [one for one in compiler.get("/evidence").json()["logs"] if one["name"] == "acts"]
    assert log["origin"] == "330000/acts"
    assert log["size"] > 0
    assert log["trouble"] == ""
    key = compiler.get("/evidence/key").json()
    assert key["public_key"].startswith("-----BEGIN PUBLIC KEY-----")


def test_verification_is_for_those_who_watch(auditor, compiler):
    refused = compiler.post("/evidence/verify")
    assert refused.status_code == 403
    assert refused.json()["remedy"]
    answer = auditor.post("/evidence/verify").json()
    assert answer["ok"]
    assert auditor.get("/acts", tag="audit.evidence.verified").json()["items"][0]["account"] == "auditor"


def test_a_changed_byte_is_found_and_told(auditor, log):
    segment = next(log.glob("*.seg"))
    data = bytearray(segment.read_bytes())
    data[60] ^= 1
    segment.write_bytes(data)
    answer = auditor.post("/evidence/verify")
    report = next(one for one in answer.json()["reports"] if one["origin"] == "330000/acts")
    assert answer.status_code == 200
    assert not answer.json()["ok"]
    assert report["first_bad"] == 0


def test_a_receipt_is_verified_for_anyone_signed_in(compiler, tmp_path):
    with Log.open(tmp_path / "log", origin="330000/x", signer=load_signer(settings.NODE_FOLDER.key)) as log:
        receipt = log.append([b'{"kind":"call"}'])[0].encode()
    found = compiler.post("/evidence/receipts", {"receipt": receipt}).json()
    assert (found["verified"], found["record"]) == (True, {"kind": "call"})
    broken = receipt[:-6] + ("A" if receipt[-6] != "A" else "B") + receipt[-5:]
    found = compiler.post("/evidence/receipts", {"receipt": broken}).json()
    assert not found["verified"]
    assert found["reason"]
    assert compiler.post("/evidence/receipts", {"receipt": "nonsense"}).status_code == 422


def test_a_write_without_token_is_refused(auditor):
    auditor.token = "x" * 32
    answer = auditor.post("/evidence/verify")
    assert (answer.status_code, answer.json()["code"]) == (403, "refused")
