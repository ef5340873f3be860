# SPDX-License-Identifier: Apache-2.0
"""809 art. 22: the delivery clock stops at the first call that was truly answered, measured by the data plane."""

import shutil

import pytest
from django.conf import settings

from datong.contexts.exchange import usecases
from datong.contexts.periods.models import Clock
from datong.crypto import keys
from datong.kernel import canonical
from datong.ledger.log import Log
from datong.wire.instants import instant
from factories.sharing import a_grant

pytestmark = pytest.mark.django_db


def call(grant, status, at, *, channel="call", rows=1):
    told = {"client": "app-1", "department": "x", "resource": "307001/1", "channel": channel, "code": "", "rows": rows}
    return canonical.dumps({"kind": "call", "request_id": f"{grant}{at}", "grant": grant, "status": status, "at": at, **told})


def test_the_first_answered_call_stops_the_clock_and_a_refused_one_does_not():
    refused, answered = a_grant(), a_grant()
    later = "2099-01-01T00:00:0{}Z".format
    with_log(
        [call(refused.number, 403, later(1)), call(answered.number, 200, later(2)), call(answered.number, 200, later(3)), call("", 200, later(4))]
    )
    assert usecases.collect_calls() == 4
    assert Clock.objects.get(subject=refused.number).stopped_at is None
    clock = Clock.objects.get(subject=answered.number)
    assert clock.stopped_at.timestamp() == instant(later(2), field="at")
    assert clock.stopped_by == "sharing.grant.delivered"


@pytest.mark.parametrize("channel", ["call", "verify"])
def test_a_call_that_finds_nothing_does_not_stop_the_clock_and_the_first_that_does_so_on_any_channel(channel):
    made = a_grant()
    with_log([call(made.number, 200, "2099-01-01T00:00:01Z", channel=channel, rows=0)])
    assert usecases.collect_calls() == 1
    assert Clock.objects.get(subject=made.number).stopped_at is None
    with_log([call(made.number, 200, "2099-01-01T00:00:02Z", channel=channel)])
    usecases.collect_calls()
    assert Clock.objects.get(subject=made.number).stopped_by == "sharing.grant.delivered"


@pytest.fixture(autouse=True)
def _no_log_stays():
    yield
    shutil.rmtree(settings.NODE_FOLDER.evidence / "gateway-7", ignore_errors=True)


def with_log(records):
    log = Log.open(settings.NODE_FOLDER.evidence / "gateway-7", origin="test", signer=keys.load_signer(settings.NODE_FOLDER.key))
    try:
        log.append(records)
    finally:
        log.close()
