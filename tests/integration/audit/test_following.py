# SPDX-License-Identifier: Apache-2.0
"""Followers see every act once, in order, whatever goes on around them."""

import random
import threading
import time

import pytest
from django.db import connection, transaction

from datong.contexts.audit import face as audit
from datong.contexts.audit.models import Act, Cursor
from datong.ledger import read

pytestmark = pytest.mark.django_db(transaction=True)
WRITERS, TRANSACTIONS = 8, 15


def test_a_follower_reads_on_where_it_stopped(act):
    act("a", "b", "c")
    seen = []
    assert audit.follow("index", seen.append, limit=2) == 2
    assert audit.follow("index", seen.append, limit=2) == 1
    assert audit.follow("index", seen.append) == 0
    assert [one.subject for one in seen] == ["a", "b", "c"]


def test_each_follower_has_its_own_cursor(act):
    act("a")
    first, second = [], []
    audit.follow("one", first.append)
    audit.follow("two", second.append)
    assert [one.seq for one in first] == [one.seq for one in second] == [1]


def test_a_follower_that_fails_halfway_begins_again(act):
    act("a", "b")
    seen = []

    def fails_at_b(one):
        if one.subject == "b":
            raise RuntimeError
        Cursor.objects.create(follower="effect")
        seen.append(one)

    with pytest.raises(RuntimeError):
        audit.follow("index", fails_at_b)
    assert not Cursor.objects.filter(follower="effect").exists(), "what it wrote is rolled back with the cursor"
    assert audit.follow("index", seen.append) == 2


def test_an_act_is_announced_at_its_commit(act):
    connection.ensure_connection()
    listener = connection.get_new_connection(connection.get_connection_params())
    try:
        listener.autocommit = True
        listener.execute(f"listen {audit.CHANNEL}")
        act("a", "b")
        heard = [note.payload for note in listener.notifies(timeout=60, stop_after=2)]
    finally:
        listener.close()
    assert heard == ["1", "2"]


def write(clerk, seed, kept):
    """Commit or roll back transactions of random length."""
    dice = random.Random(seed)
    try:
        for _ in range(TRANSACTIONS):
            mine = []
            with transaction.atomic():
                for number in range(dice.randint(1, 4)):
                    mine.append(audit.record("audit.test.done", by=clerk, subject=f"{seed}-{number}"))
                    time.sleep(dice.random() / 2000)
                if rolled_back := dice.random() < 0.3:
                    transaction.set_rollback(True)
            if not rolled_back:
                kept.extend(mine)
    finally:
        connection.close()


def read_along(seen, done, follower):
    try:
        while True:
            last_round = done.is_set()
            while audit.follow(follower, lambda one: seen.append(one.seq), limit=7):
                pass
            if last_round:
                return
            time.sleep(0.001)
    finally:
        connection.close()


def test_concurrent_writers_and_followers(clerk, log):
    """No follower misses, repeats or reorders an act; numbers have no gaps; the evidence is the table."""
    kept, alone, shared, done = [], [], [], threading.Event()
    readers = [threading.Thread(target=read_along, args=(alone, done, "alone"))]
    readers += [threading.Thread(target=read_along, args=(shared, done, "shared")) for _ in range(2)]
    writers = [threading.Thread(target=write, args=(clerk, seed, kept)) for seed in range(WRITERS)]
    for thread in readers + writers:
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    for thread in readers:
        thread.join()
    total = len(kept)
    assert total > WRITERS
    assert sorted(kept) == list(range(1, total + 1))
    assert alone == list(range(1, total + 1))
    assert shared == list(range(1, total + 1))
    assert [index for index, _ in read.records(log)] == list(range(total))
    assert Act.objects.count() == total
