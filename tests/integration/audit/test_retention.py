# SPDX-License-Identifier: Apache-2.0
"""Calls leave the evidence after their years, on record; nothing younger than the law wants, and no act ever."""

import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.test import override_settings
from procrastinate.contrib.django import app
from typer.testing import CliRunner

from datong.config.cli import ledger
from datong.contexts.audit import face as audit
from datong.contexts.audit import tasks, usecases
from datong.contexts.audit.usecases import retention
from datong.crypto.keys import load_signer, load_verifier
from datong.kernel.actors import Role
from datong.kernel.errors import Refused
from datong.ledger import frames, read
from datong.ledger.log import Log
from datong.ledger.verify import verify_log
from factories.api import signed_in
from factories.organisations import an_account

pytestmark = pytest.mark.django_db(transaction=True)
NAME = "gateway-6"


@pytest.fixture
def calls():
    """Five segments, all signed now."""
    place = settings.NODE_FOLDER.evidence / NAME
    with Log.open(place, origin=f"330000/{NAME}", signer=load_signer(settings.NODE_FOLDER.key), segment_bytes=100) as log:
        for number in range(5):
            log.append([b"call %d " % number * 20])
    yield place
    for file in place.iterdir():
        file.unlink()
    place.rmdir()


def in_years(years):
    return datetime.now(UTC) + timedelta(days=366 * years)


def test_what_is_older_than_its_years_goes_by_whole_segments_and_on_record(calls):
    (gone,) = retention.prune(now=in_years(settings.NODE.keep_calls_years))
    assert gone == retention.Pruned(NAME, 4, 4)
    assert [index for index, _ in read.records(calls)] == [4] and len(frames.segments(calls)) == 1
    report = verify_log(calls, load_verifier((settings.NODE_FOLDER.evidence / "node.pub").read_bytes()))
    assert (report.ok, report.removed) == (True, 4)
    (act,) = audit.acts(tag="audit.evidence.pruned")
    assert (act.account, act.subject, act.facts["first"], act.facts["kept_from"]) == ("system", NAME, 0, 4)
    assert retention.prune(now=in_years(settings.NODE.keep_calls_years)) == []


@pytest.fixture
def nights():
    """Where the time lies up to which nights have passed; there was none yet."""
    place = settings.NODE_FOLDER.run / retention.NIGHTS
    place.unlink(missing_ok=True)
    yield place
    place.unlink(missing_ok=True)


@pytest.mark.parametrize("torn", [None, b"", b"\0" * 9, b"-9" * 20])
def test_a_clock_that_leaps_on_by_years_takes_nothing_away(calls, nights, torn):
    if torn is not None:
        nights.write_bytes(torn)
    leapt = in_years(2 * settings.NODE.keep_calls_years)
    for now in (datetime.now(UTC), leapt, leapt + timedelta(days=1), datetime.now(UTC), leapt):
        assert retention.prune_by_night(now=now) == []
    assert len(frames.segments(calls)) == 5 and audit.acts(tag="audit.evidence.prune") == []


def test_by_night_what_is_old_goes_log_by_log_and_what_hinders_one_is_on_record(calls, nights, monkeypatch):
    night = in_years(settings.NODE.keep_calls_years)
    broken = settings.NODE_FOLDER.evidence / "gateway-3"
    with Log.open(broken, origin="330000/gateway-3", signer=load_signer(settings.NODE_FOLDER.key), segment_bytes=100) as log:
        for number in range(3):
            log.append([b"call %d " % number * 20])
    segment = frames.segments(broken)[0].path
    segment.write_bytes(segment.read_bytes().replace(b"call 0", b"call 7"))
    try:
        nights.write_text(str(int(night.timestamp()) - 86_400))
        assert retention.prune_by_night(now=night) == [retention.Pruned(NAME, 4, 4)]
        assert len(frames.segments(broken)) == 3
    finally:
        shutil.rmtree(broken)
    (failed,) = audit.acts(tag="audit.evidence.prune_failed")
    assert (failed.account, failed.subject) == ("system", "gateway-3") and "damaged" in failed.facts["reason"]
    (gone,) = [one for one in audit.acts(tag="audit.evidence.pruned") if one.subject == NAME]
    assert gone.facts["kept_from"] == 4 and retention.prune_by_night(now=night) == []
    an_account("auditor", roles=[Role.AUDITOR])
    shown = signed_in("auditor").client.get("/evidence").content.decode()
    assert NAME in shown and "第 0 号到第 4 号之前" in shown
    monkeypatch.setattr(usecases, "prune_by_night", lambda: [retention.Pruned(NAME, 1, 1)])
    tasks.prune_by_night(0)
    planned = {task.task.name: task.cron for task in app.periodic_registry.periodic_tasks.values()}
    assert planned[tasks.PRUNE] == "45 18 * * *"


def test_nothing_younger_than_three_years_goes_whatever_is_asked(calls):
    now = in_years(2)
    for before in (now, now - timedelta(days=365 * 3 - 2)):
        with pytest.raises(Refused) as refused:
            retention.prune(before, now=now)
        assert refused.value.remedy
    assert retention.prune(now - timedelta(days=366 * 3), now=now) == []
    assert len(frames.segments(calls)) == 5 and audit.acts(tag="audit.evidence.pruned") == []


def test_a_node_may_keep_calls_longer(calls):
    with override_settings(NODE=replace(settings.NODE, keep_calls_years=10)):
        assert retention.prune(now=in_years(9)) == []


def test_acts_stay(calls):
    audit.seal()
    retention.prune(now=in_years(50))
    acts = settings.NODE_FOLDER.evidence / "acts"
    assert next(read.records(acts))[0] == 0


def test_a_leap_day_has_its_year_too():
    assert retention.due(3, datetime(2028, 2, 29, tzinfo=UTC)) == datetime(2025, 2, 28, tzinfo=UTC)


def test_the_command_asks_the_same(calls, monkeypatch):
    for name, value in {"DATONG_NODE": str(settings.NODE_FOLDER.path), "DJANGO_SETTINGS_MODULE": "datong.config.settings"}.items():
        monkeypatch.setenv(name, value)
    told = CliRunner().invoke(ledger.app, ["prune", "--before", "2020-01-01", "--json"])
    assert (told.exit_code, json.loads(told.stdout)) == (0, []), told.exception
    refused = CliRunner().invoke(ledger.app, ["prune", "--before", datetime.now(UTC).date().isoformat()])
    assert isinstance(refused.exception, Refused)
