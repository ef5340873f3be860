# SPDX-License-Identifier: Apache-2.0
"""Notes by page and API: for everybody signed in, and what was kept yesterday is proved to be a beginning of today's."""

import os
import shutil

import pytest
from django.conf import settings

from datong.crypto.keys import load_signer
from datong.kernel.actors import Role
from datong.ledger import notes, noting
from datong.ledger.log import Log
from factories.api import signed_in
from factories.evidence import a_signer
from factories.exports import a_call, a_log_of_calls, verified_elsewhere
from factories.organisations import a_department, an_account

pytestmark = pytest.mark.django_db(transaction=True)
GATEWAY = "gateway-7"


@pytest.fixture
def compiler():
    an_account("compiler", roles=[Role.COMPILER], department=a_department("编目厅"))
    return signed_in("compiler")


@pytest.fixture
def auditor():
    an_account("auditor", roles=[Role.AUDITOR])
    return signed_in("auditor")


@pytest.fixture
def place():
    folder = settings.NODE_FOLDER.evidence / GATEWAY
    grow(folder)
    yield folder
    shutil.rmtree(folder)


def grow(folder, count=10):
    with Log.open(folder, origin=f"330000/{GATEWAY}", signer=load_signer(settings.NODE_FOLDER.key)) as log:
        log.append([a_call(number) for number in range(log.size, log.size + count)])


def test_whoever_is_signed_in_gets_a_note_and_proves_growth_from_it(compiler, place, tmp_path):
    asked = compiler.get(f"/evidence/{GATEWAY}/note")
    assert (asked.status_code, asked["Content-Type"]) == (200, "text/plain; charset=utf-8")
    (log,) = [one for one in compiler.get("/evidence").json()["logs"] if one["name"] == GATEWAY]
    yesterday = notes.opened(asked.content, notes.parse_key(log["verifier_key"]))
    grow(place)
    os.utime(place / noting.NAME, (0, 0))
    page = compiler.client.get(f"/evidence/notes/{GATEWAY}")
    assert page["Content-Disposition"] == f'attachment; filename="{GATEWAY}.note"'
    today = notes.opened(page.content, notes.parse_key(log["verifier_key"]))
    assert (yesterday.size, today.size) == (10, 20)
    pair = compiler.get(f"/evidence/{GATEWAY}/consistency", first=yesterday.size, second=today.size)
    (tmp_path / "pair.json").write_bytes(pair.content)
    for name, note in (("yesterday", yesterday), ("today", today)):
        (tmp_path / name).write_bytes(note.line())
    key, known = settings.NODE_FOLDER.evidence / "node.pub", [tmp_path / "yesterday", tmp_path / "today"]
    (found,) = verified_elsewhere(tmp_path / "pair.json", key=key, known=known)
    assert (found["status"], found["notes"][-1]) == (0, f"330000/{GATEWAY} goes on from its known state of 20 records")


def test_who_sees_all_finds_note_and_key_on_the_page(auditor, place):
    shown = auditor.client.get("/evidence").content.decode()
    assert f"/evidence/notes/{GATEWAY}" in shown and f"330000/{GATEWAY}+" in shown


def test_a_log_by_sm2_says_so_and_no_log_says_nothing(auditor, compiler, tmp_path):
    by_sm2 = a_log_of_calls(tmp_path / "log", (3,), signer=a_signer("sm2"))
    folder = shutil.copytree(by_sm2, settings.NODE_FOLDER.evidence / "gateway-9")
    answer = compiler.get("/evidence/gateway-9/note")
    assert (answer.status_code, "C2SP 没有规定 SM2 签名" in answer.json()["detail"]) == (404, True)
    assert "C2SP 没有规定 SM2 签名" in auditor.client.get("/evidence").content.decode()
    assert compiler.get("/evidence/nothing/note").status_code == 404
    shutil.rmtree(folder)
