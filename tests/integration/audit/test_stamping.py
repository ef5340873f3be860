# SPDX-License-Identifier: Apache-2.0
"""A time-stamping authority stamps node checkpoints; what it answers wrongly is not kept, and nothing waits for one that is gone."""

import shutil
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client, override_settings

from datong.contexts.audit import face as audit
from datong.contexts.audit import queries, tasks, usecases
from datong.crypto import timestamps
from datong.crypto.keys import load_signer
from datong.crypto.timestamps import BadStamp
from datong.kernel import canonical
from datong.kernel.actors import Role
from datong.kernel.errors import Unavailable
from datong.ledger import merged, stamps
from datong.ledger.log import Log
from datong.ledger.verify import verify_directory
from factories.api import signed_in
from factories.organisations import an_account
from factories.time_stamping import a_desk, a_tsa

pytestmark = pytest.mark.django_db(transaction=True)
HERE = (ip_network("127.0.0.0/8"),)


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return a_tsa(tmp_path_factory.mktemp("authority") / "one")


@pytest.fixture
def evidence(authority):
    """A log of calls and a node checkpoint over it, with the roots of the authority beside them."""
    place = settings.NODE_FOLDER.evidence
    for name in (merged.NAME, stamps.NAME):
        (place / name).unlink(missing_ok=True)
    (place / stamps.ROOTS).write_bytes(authority.roots)
    grow(place)
    yield place
    shutil.rmtree(place / "gateway-5")
    for name in (merged.NAME, stamps.NAME, stamps.ROOTS):
        (place / name).unlink(missing_ok=True)


def grow(place):
    log = Log.open(place / "gateway-5", origin=f"{settings.NODE.code}/gateway-5", signer=load_signer(settings.NODE_FOLDER.key))
    with log as opened:
        opened.append([b"a call"])
    audit.merge_checkpoints()


@contextmanager
def asking(give, networks=HERE, **more):
    with a_desk(give) as desk:
        node = replace(settings.NODE, timestamp_url=desk.url, **more)
        with override_settings(NODE=node, TIMESTAMP_NETWORKS=networks):
            yield desk


def reports(place):
    return [one for one in verify_directory(place) if one.stamped]


def test_nobody_is_asked_unless_an_authority_is_set(evidence):
    assert usecases.stamp_checkpoint() is None and queries.newest_stamp() is None and reports(evidence) == []
    assert not queries.stamp_late(datetime.now(UTC))


def test_a_checkpoint_is_stamped_now_and_then_on_record_and_only_its_hash_goes_out(evidence, authority):
    with asking(authority.answer, timestamp_hours=1) as desk:
        assert queries.stamp_late(datetime.now(UTC))
        assert [usecases.stamp_checkpoint(), usecases.stamp_checkpoint()] == [0, None]
        grow(evidence)
        assert usecases.stamp_checkpoint() is None
        assert queries.stamp_due(queries.node_checkpoint(), datetime.now(UTC) + timedelta(hours=2))
        assert queries.stamp_late(datetime.now(UTC) + timedelta(hours=3)) and not queries.stamp_late(datetime.now(UTC))
    ((headers, question),) = desk.asked
    assert headers["content-type"] == "application/timestamp-query" and len(question) < 80
    kept = queries.newest_stamp()
    assert (kept.number, kept.authority, kept.trouble) == (0, "CN=Test TSA", "") and kept.stamped == stamps.last(evidence)
    (act,) = audit.acts(tag="audit.evidence.stamped")
    assert (act.account, act.facts["number"], act.facts["checkpoint"]) == ("system", 0, kept.stamped.node.name)
    assert [(one.ok, one.size, one.note) for one in reports(evidence)] == [(True, 1, "")]
    assert queries.stamp_of(f"{settings.NODE.code}/gateway-5", 0).number == 0
    assert queries.stamp_of(f"{settings.NODE.code}/gateway-5", 1) is None


def test_the_stamp_is_shown_given_as_a_file_and_told_when_it_is_late(evidence, authority):
    an_account("auditor", roles=[Role.AUDITOR])
    auditor = signed_in("auditor")
    assert auditor.get("/evidence/stamp").status_code == auditor.client.get("/evidence/stamp.json").status_code == 404
    with asking(authority.answer):
        assert "过期未盖" in auditor.client.get("/evidence").content.decode()
        usecases.stamp_checkpoint()
        shown = auditor.client.get("/evidence").content.decode()
        assert "过期未盖" not in shown and "CN=Test TSA" in shown
    line = auditor.client.get("/evidence/stamp.json").content
    assert stamps.parse(line) == stamps.last(evidence) and canonical.dumps(auditor.get("/evidence/stamp").json()) == line.rstrip()
    assert "CN=Test TSA" in auditor.client.get("/evidence/records/gateway-5/0").content.decode()
    (report,) = [one for one in auditor.post("/evidence/verify").json()["reports"] if one["stamped"]]
    assert (report["ok"], report["size"], report["note"]) == (True, 1, "")
    page = Client()
    page.force_login(get_user_model().objects.get(username="auditor"))
    assert "逐个核对了 1 个时间戳" in page.post("/evidence/verify").content.decode()
    (evidence / stamps.ROOTS).unlink()
    shown = auditor.client.get("/evidence").content.decode()
    assert "CN=Test TSA" not in shown and "不能证明是谁盖的章" in shown
    (evidence / stamps.NAME).write_bytes(b"{}\n")
    told = page.post("/evidence/verify").content.decode()
    assert "校验不通过" in told and "从第 0 个起有问题" in told
    assert "时间戳文件已损坏" in auditor.client.get("/evidence").content.decode()
    assert auditor.client.get("/evidence/records/gateway-5/0").status_code == 200


def test_what_is_no_stamp_of_this_very_checkpoint_here_and_now_is_not_kept(evidence, authority, tmp_path):
    other = a_tsa(tmp_path / "other")

    def another(question):
        return authority.answer(timestamps.question(b"something else", 7))

    def replayed(question):
        return authority.answer(timestamps.question(stamps.data_of(queries.node_checkpoint()), 7))

    def refused(question):
        return authority.answer(question.replace(timestamps.SHA256, bytes.fromhex("608648016503040209")))

    answers = {
        "something else": another, "another question": replayed, "none of the roots": other.answer, "status 2": refused,
        "cannot be read": lambda _: b"<html>no</html>", "cannot be read ": lambda _: b"\x30\x83\x7f\xff\xff" + bytes(5_000_000),
    }  # fmt: skip
    for said, give in answers.items():
        with asking(give), pytest.raises(BadStamp, match=said.strip()):
            usecases.stamp_checkpoint()
    with asking(authority.answer), pytest.raises(BadStamp, match="时钟"):
        usecases.stamp_checkpoint(datetime.now(UTC) + timedelta(minutes=6))
    assert stamps.last(evidence) is None and audit.acts(tag="audit.evidence.stamped") == []


def test_one_that_is_gone_fails_nothing_and_is_asked_again(evidence, authority):
    with asking(authority.answer) as desk:
        desk.status = 503
        with pytest.raises(Unavailable, match="HTTP 503"):
            usecases.stamp_checkpoint()
        tasks.stamp_checkpoint(0)
        assert stamps.last(evidence) is None
        desk.status = 200
        tasks.stamp_checkpoint(0)
        assert stamps.last(evidence).node.number == 0
    with override_settings(NODE=replace(settings.NODE, timestamp_url=desk.url), TIMESTAMP_NETWORKS=HERE):
        grow(evidence)
        with pytest.raises(Unavailable, match="ConnectError"):
            usecases.stamping._stamped(queries.node_checkpoint(), datetime.now(UTC))


def test_an_inner_network_is_not_reached_unless_it_is_named_and_roots_are_needed(evidence, authority):
    with asking(authority.answer, networks=()) as desk, pytest.raises(Unavailable, match="may not be reached"):
        usecases.stamp_checkpoint()
    assert desk.asked == []
    (evidence / stamps.ROOTS).unlink()
    with asking(authority.answer) as desk, pytest.raises(Unavailable, match="roots"):
        usecases.stamp_checkpoint()
    assert desk.asked == []


def test_verification_names_a_stamp_that_was_exchanged_and_a_checkpoint_that_left_the_series(evidence, authority, tmp_path):
    with asking(authority.answer):
        usecases.stamp_checkpoint()
    copy = shutil.copytree(evidence, tmp_path / "evidence")
    line = (copy / stamps.NAME).read_bytes()
    (copy / stamps.ROOTS).write_bytes(a_tsa(tmp_path / "other").roots)
    assert "none of the roots" in reports(copy)[0].reason
    (copy / stamps.ROOTS).unlink()
    assert reports(copy)[0].ok and "not checked" in reports(copy)[0].note
    (copy / stamps.NAME).write_bytes(line * 2)
    assert (reports(copy)[0].size, reports(copy)[0].first_bad, reports(copy)[0].offset) == (1, 1, len(line))
    (copy / stamps.NAME).write_bytes(line.replace(b'"number":0', b'"number":1'))
    assert not reports(copy)[0].ok
    (copy / stamps.NAME).write_bytes(line)
    (copy / merged.NAME).write_bytes(b"")
    (series,) = [one for one in verify_directory(copy) if one.merged]
    assert "number 0 is known from elsewhere" in series.reason
