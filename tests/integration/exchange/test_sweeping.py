# SPDX-License-Identifier: Apache-2.0
"""Sweeping: what was never attached goes after a day, replaced indexes after the lease, everything else stays."""

from __future__ import annotations

import os
import time

import pytest
from django.conf import settings

from datong.contexts.exchange import usecases
from datong.contexts.exchange.models import Batch
from datong.engine.backends.index import ServingIndex
from factories.exchange import a_batch, a_landed_batch, a_shared_resource, an_offer, index_of

pytestmark = pytest.mark.django_db
DAY = 86_400


def aged(file, seconds):
    moment = time.time() - seconds
    os.utime(file, (moment, moment), follow_symlinks=False)
    return file


def test_what_was_never_attached_goes_after_a_day(uploads):
    attached = a_batch().source.stored
    old, fresh = (usecases.hold(an_offer()).stored for _ in range(2))
    root = settings.NODE_FOLDER.uploads
    for name in (attached, old):
        aged(root / name, 2 * DAY)
    aged(root / fresh, DAY - 60)
    assert usecases.sweep() == 1
    assert uploads() == sorted([attached, fresh])
    assert usecases.sweep() == 0


def test_a_link_is_left_alone_and_never_followed(uploads, tmp_path):
    outside = tmp_path / "outside.csv"
    outside.write_text("theirs")
    aged(outside, 9 * DAY)
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "inside.csv").write_text("theirs")
    aged(folder / "inside.csv", 9 * DAY)
    root = settings.NODE_FOLDER.uploads
    (root / "link.csv").symlink_to(outside)
    (root / "way").symlink_to(folder)
    assert usecases.sweep() == 0
    assert outside.exists() and (folder / "inside.csv").exists() and (root / "link.csv").is_symlink()


def test_two_landed_indexes_stay_and_older_ones_go_while_a_gateway_reads_on():
    resource = a_shared_resource()
    batches = [a_landed_batch(resource) for _ in range(4)]
    files = [index_of(one) for one in batches]
    for file in files:
        aged(file, DAY)
    with ServingIndex(files[0]) as held:
        assert usecases.sweep() == 0, "replaced within the lease of a policy"
        Batch.objects.update(finished_at=batches[0].finished_at.replace(year=2020))
        assert usecases.sweep() == 2
        assert [file.exists() for file in files] == [False, False, True, True]
        assert len(held._connection.execute("select * from records").fetchall()) == 3


def test_indexes_of_failed_and_unknown_batches_go_and_those_at_work_stay():
    waiting = a_batch()
    folder = settings.NODE_FOLDER.serving / "x"
    folder.mkdir()
    names = {str(waiting.pk): True, "999999": False, "strange": False}
    for name in names:
        (folder / f"{name}.sqlite").touch()
        aged(folder / f"{name}.sqlite", DAY)
    (folder / "999998.sqlite").touch()
    usecases.sweep()
    assert {name: (folder / f"{name}.sqlite").exists() for name in names} == names
    assert (folder / "999998.sqlite").exists(), "too young to be judged"


def test_what_a_killed_landing_left_goes():
    lake, serving = settings.NODE_FOLDER.lake, settings.NODE_FOLDER.serving / "y"
    (lake / ".spill-abc").mkdir()
    (lake / ".spill-abc" / "part").touch()
    (lake / ".spill-new").mkdir()
    serving.mkdir()
    (serving / ".index-1.partial").touch()
    aged(lake / ".spill-abc", 2 * DAY)
    aged(serving / ".index-1.partial", 2 * DAY)
    assert usecases.sweep() == 2
    assert (lake / ".spill-new").exists() and not (lake / ".spill-abc").exists()
