# SPDX-License-Identifier: Apache-2.0
"""Files fetched from the gateway: whole, in parts, continued; every read checked anew and kept as evidence."""

from __future__ import annotations

import base64
import hashlib
import shutil
from urllib.parse import urlsplit

import orjson
import pytest
from django.conf import settings
from django.db import transaction

from datong.contexts.deliveries import usecases
from datong.contexts.deliveries.usecases import writing
from datong.contexts.exchange.models import PolicySnapshot
from datong.contexts.exchange.usecases import publish_policy
from datong.contexts.sharing import usecases as sharing
from datong.ledger import read
from factories.answering import answering
from factories.catalog import a_provider_head
from factories.deliveries import a_bulk_grant, a_carried_delivery
from factories.sharing import an_applicant

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def grant(django_db_setup, django_db_blocker):
    """A grant that every test finds as it was."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield a_bulk_grant()
        transaction.set_rollback(True)


@pytest.fixture
def world(grant, tmp_path):
    """A delivery, its file, an address of it as path and query, and a gateway under the node's policy."""
    shutil.rmtree(writing.home("x").parent, ignore_errors=True)
    row = a_carried_delivery(grant)
    name = row.files[0]["name"]
    address, _ = usecases.give_address(row.number, name, by=an_applicant())
    parts = urlsplit(address)
    assert address.startswith(settings.NODE.gateway_address)
    with answering(tmp_path) as gateway:
        yield gateway, row, (writing.home(row.number) / name).read_bytes(), f"{parts.path}?{parts.query}"


def records(folder):
    return [orjson.loads(body) for _, body in read.records(folder / "gateway-0", 0)]


def test_a_file_comes_whole_with_its_digests(world, tmp_path):
    gateway, row, data, address = world
    found = gateway.ask("GET", address)
    assert (found.status, found.body) == (200, data)
    headers = dict(found.headers)
    digest = hashlib.sha256(data)
    assert headers["repr-digest"] == f"sha-256=:{base64.b64encode(digest.digest()).decode()}:"
    assert headers["etag"] == f'"{digest.hexdigest()}"' and headers["datong-sm3"] == row.files[0]["sm3"]
    assert headers["content-disposition"] == f'attachment; filename="{row.files[0]["name"]}"'
    (kept,) = records(tmp_path)
    assert (kept["kind"], kept["channel"], kept["rows"], kept["size"], kept["status"]) == ("call", "file", 3, len(data), 200)
    assert (kept["delivery"], kept["grant"], kept["sha256"]) == (row.number, row.grant_id, digest.hexdigest())


def test_parts_continue_and_only_the_first_counts(world, tmp_path):
    gateway, _, data, address = world
    etag = dict(gateway.ask("HEAD", address).headers)["etag"]
    first = gateway.ask("GET", address, headers={"Range": "bytes=0-9"})
    rest = gateway.ask("GET", address, headers={"Range": "bytes=10-", "If-Range": etag})
    assert (first.status, rest.status, first.body + rest.body) == (206, 206, data)
    other = gateway.ask("GET", address, headers={"Range": "bytes=10-", "If-Range": '"another"'})
    assert (other.status, other.body) == (200, data)
    assert gateway.ask("GET", address, headers={"Range": f"bytes={len(data)}-"}).status == 416
    kinds = [(one["kind"], one["rows"], one["start"]) for one in records(tmp_path)]
    assert kinds == [("file", 0, 0), ("call", 3, 0), ("file", 0, 10), ("call", 3, 0), ("file", 0, 0)]


@pytest.mark.parametrize("change", [
    lambda one: one.replace("signature=", "signature=0"), lambda one: one.replace("ends=", "ends=9"),
    lambda one: one.partition("?")[0], lambda one: one.replace(".csv?", ".csv.sha256?"),
    lambda one: one.replace("/v1/deliveries/", "/v1/deliveries/../"), lambda one: one.replace("_J", "%2F..%2F_J"),
])  # fmt: skip
def test_an_address_that_was_changed_opens_nothing(world, change):
    gateway, _, _, address = world
    assert gateway.ask("GET", change(address)).status in (401, 404)


def test_an_address_ends(world):
    gateway, _, _, address = world
    gateway.clock.now += 3601
    publish_policy()
    assert gateway.ask("GET", address).status in (401, 503)


def test_a_suspended_grant_and_a_withdrawn_delivery_give_nothing(world, tmp_path, django_capture_on_commit_callbacks):
    gateway, row, data, address = world
    sharing.suspend_grant(row.grant_id, "查用途", by=a_provider_head())
    publish_policy()
    assert gateway.app.holder.offer(bytes(PolicySnapshot.objects.latest("version").document))
    refused = gateway.ask("GET", address)
    assert (refused.status, refused.json["code"]) == (403, "grant_suspended")
    assert records(tmp_path)[-1]["grant"] == row.grant_id
    sharing.resume_grant(row.grant_id, "已整改", by=a_provider_head())
    publish_policy()
    assert gateway.app.holder.offer(bytes(PolicySnapshot.objects.latest("version").document))
    assert gateway.ask("GET", address).body == data
    with django_capture_on_commit_callbacks(execute=True):
        usecases.withdraw(row.number, by=an_applicant())
    assert gateway.ask("GET", address).status == 404


def test_nothing_is_written_there(world):
    gateway, _, _, address = world
    assert gateway.ask("POST", address, body=b"x").status == 405
