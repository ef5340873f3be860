# SPDX-License-Identifier: Apache-2.0
"""Acts become evidence at their commit, or the request fails and the next seal catches up."""

import shutil

import pytest
from django.conf import settings
from django.db import connection, transaction

from datong.contexts.audit import domain
from datong.contexts.audit import face as audit
from datong.contexts.audit.models import Act
from datong.contexts.audit.queries import view
from datong.contexts.audit.usecases import sealing
from datong.kernel.errors import Unavailable
from datong.ledger import read
from datong.ledger.verify import verify_directory

pytestmark = pytest.mark.django_db(transaction=True)


def leaves(log):
    return [body for _, body in read.records(log)]


def rows():
    return [domain.record_of(view(row)) for row in Act.objects.order_by("seq")]


def test_the_evidence_is_there_when_the_commit_returns(act, log):
    act("a", "b")
    assert leaves(log) == rows()
    act("c")
    assert leaves(log) == rows()
    assert all(report.ok for report in verify_directory(log.parent))


def test_one_transaction_seals_once(act, log):
    act("a", "b", "c")
    assert len((log / "checkpoints").read_text().splitlines()) == 1


def test_nothing_uncommitted_is_sealed(clerk, act, log):
    act("a")
    with transaction.atomic():
        audit.record("audit.test.done", by=clerk, subject="b")
        assert audit.seal() == 0
        assert len(leaves(log)) == 1
        transaction.set_rollback(True)
    assert audit.seal() == 0
    assert len(leaves(log)) == 1


def test_an_act_of_a_released_savepoint_is_sealed_too(clerk, log):
    with transaction.atomic():
        with pytest.raises(RuntimeError), transaction.atomic():
            audit.record("audit.test.done", by=clerk, subject="lost")
            raise RuntimeError
        with transaction.atomic():
            audit.record("audit.test.done", by=clerk, subject="kept")
    assert len(leaves(log)) == 1


def test_without_evidence_the_answer_fails_and_the_next_seal_catches_up(act, log):
    act("a")
    shutil.move(log, log.parent / "aside")
    log.write_text("in the way")
    with pytest.raises(Unavailable):
        act("b")
    assert audit.acts(subject="b"), "the act itself is committed"
    log.unlink()
    shutil.move(log.parent / "aside", log)
    assert audit.seal() == 1
    assert leaves(log) == rows()


def test_a_missing_key_is_unavailable_not_a_crash(act, monkeypatch, tmp_path):
    sealing._signer.cache_clear()
    monkeypatch.setattr(type(settings.NODE_FOLDER), "key", tmp_path / "gone")
    with pytest.raises(Unavailable):
        act("a")


def forget_newest(count):
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute("set local session_replication_role = replica")
        cursor.execute("delete from audit_act where seq > (select max(seq) from audit_act) - %s", [count])
        cursor.execute("update audit_counter set value = value - %s", [count])


def test_a_database_older_than_its_evidence_is_not_sealed(act):
    act("a", "b", "c")
    forget_newest(2)
    with pytest.raises(Unavailable, match="evidence holds 3 acts"):
        audit.seal()


def test_a_database_that_went_another_way_is_not_sealed(act):
    act("a", "b", "c")
    forget_newest(2)
    sealing._continues.clear()
    with pytest.raises(Unavailable):
        act("other b", "other c")
    with pytest.raises(Unavailable):
        audit.seal()


def test_many_acts_are_sealed_in_batches(act, monkeypatch, log):
    monkeypatch.setattr(sealing, "BATCH", 4)
    act(*[str(n) for n in range(11)])
    assert leaves(log) == rows()
    assert len((log / "checkpoints").read_text().splitlines()) == 3
