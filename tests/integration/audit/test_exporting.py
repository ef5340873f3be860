# SPDX-License-Identifier: Apache-2.0
"""The evidence of a grant taken away by the page: one file that proves itself elsewhere, or the reason why there is none."""

import pytest
from django.conf import settings
from django.test import Client

from datong.contexts.audit import face as audit
from datong.crypto.keys import load_signer
from datong.kernel.actors import Role
from datong.ledger.log import Log
from factories.api import signed_in
from factories.evidence import a_log
from factories.exports import a_call, verified_elsewhere
from factories.organisations import an_account

pytestmark = pytest.mark.django_db(transaction=True)
PLACE, GRANT = "/evidence/export", "S3"


@pytest.fixture
def held():
    """The receipt that the other side holds of a call at a gateway of this node, whose log has grown since."""
    place = settings.NODE_FOLDER.evidence / "gateway-7"
    with Log.open(place, origin="330000/gateway-7", signer=load_signer(settings.NODE_FOLDER.key)) as log:
        receipt = log.append([a_call(number) for number in range(10)])[3].encode()
        log.append([a_call(number) for number in range(10, 40)])
    yield receipt
    for file in place.iterdir():
        file.unlink()
    place.rmdir()


def browser_of(name, role):
    an_account(name, roles=[role])
    browser = Client()
    browser.cookies = signed_in(name).client.cookies
    return browser


@pytest.fixture
def auditor():
    return browser_of("auditor", Role.AUDITOR)


def test_the_file_is_verified_elsewhere_and_goes_on_from_what_the_other_side_holds(auditor, held, tmp_path):
    page = auditor.get(f"/evidence/records?log=gateway-7&grant={GRANT}").content.decode()
    assert f'action="{PLACE}#export"' in page and f"导出 {GRANT}" in page
    answer = auditor.post(PLACE, {"log": "gateway-7", "grant": GRANT, "known": held})
    assert answer.status_code == 200 and answer["Content-Disposition"] == f'attachment; filename="evidence-{GRANT}.jsonl"'
    (tmp_path / "dispute.jsonl").write_bytes(answer.getvalue())
    found = verified_elsewhere(tmp_path / "dispute.jsonl", key=settings.NODE_FOLDER.evidence / "node.pub")[0]
    assert (found["status"], found["records"]) == (0, 9)  # eight calls, and the act of taking them away
    (act,) = audit.acts(tag="audit.evidence.exported")
    assert (act.account, act.subject, act.facts) == ("auditor", GRANT, {"where": {"grant": GRANT}, "known": True})


def test_where_the_log_does_not_go_on_there_is_no_file_but_the_finding(auditor, held, tmp_path):
    with a_log(tmp_path / "log", origin="330000/gateway-7", signer=load_signer(settings.NODE_FOLDER.key)) as log:
        log.append([a_call(number) for number in range(1, 12)])
        forked = log.checkpoint.line().decode()
    answer = auditor.post(PLACE, {"log": "gateway-7", "grant": GRANT, "known": forked})
    assert answer.status_code == 409 and "接续不上" in answer.content.decode() and "attachment" not in answer.headers.values()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"grant": ""}, "写明授权或者调用编号"),
        ({"grant": GRANT, "known": "一张纸"}, "须是一张回执"),
        ({"grant": GRANT, "known": "foreign"}, "不是本节点的日志"),
    ],
)
def test_what_hinders_is_told_above_the_records(auditor, held, tmp_path, typed, said):
    if typed.get("known") == "foreign":
        with a_log(tmp_path / "log") as log:
            typed = typed | {"known": log.append([a_call(1)])[0].encode()}
    answer = auditor.post(PLACE, {"log": "gateway-7"} | typed)
    assert answer.status_code == 422 and said in answer.content.decode()


def test_nobody_else_takes_evidence_away(held):
    answer = browser_of("keeper", Role.SYSADMIN).post(PLACE, {"log": "gateway-7", "grant": GRANT})
    assert answer.status_code == 403
    assert audit.acts(tag="audit.evidence.exported") == []
