# SPDX-License-Identifier: Apache-2.0
"""Figures of the control plane: true, of nobody in particular, and for the allow-list alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from datong.config.node.folder import NodeFolder
from datong.contexts.audit import face as audit
from datong.contexts.exchange import usecases
from datong.kernel.errors import Malformed
from factories.sharing import a_grant

pytestmark = pytest.mark.django_db


def told(**headers: str) -> dict[str, str]:
    answer = Client().get("/metrics", **headers)
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")
    lines = answer.content.decode().splitlines()
    return dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))


def test_acts_jobs_and_policy_are_told():
    a_grant()
    usecases.publish_policy(timezone.now())
    figures = told()
    assert int(figures["datong_acts_total"]) == audit.head() > 0
    assert int(figures["datong_policy_version"]) >= 1
    assert 0 < float(figures["datong_policy_lease_seconds"]) <= 3_600
    assert not any("G2026" in line or "浙江" in line for line in figures)


def test_a_node_without_a_policy_tells_none():
    assert "datong_policy_version" not in told()


@pytest.mark.parametrize(
    ("peer", "said", "changes", "may"),
    [
        ("127.0.0.1", "", {}, True),
        ("10.0.0.7", "", {}, False),
        ("10.0.0.7", "", {"metrics": ("10.0.0.0/24",)}, True),
        ("127.0.0.1", "", {"metrics": ()}, False),
        ("127.0.0.1", "127.0.0.1", {}, False),
        ("10.0.0.5", "10.0.0.7", {"metrics": ("10.0.0.7",), "proxies": ("10.0.0.5",)}, True),
        ("10.0.0.5", "10.0.0.7, 10.0.0.8", {"metrics": ("10.0.0.7",), "proxies": ("10.0.0.5",)}, False),
        ("", "", {}, False),
    ],
)
def test_they_are_for_the_list_alone_and_look_unknown_to_others(settings, peer, said, changes, may):
    settings.NODE = replace(settings.NODE, **changes)
    more = {"HTTP_X_FORWARDED_FOR": said} if said else {}
    answer = Client().get("/metrics", REMOTE_ADDR=peer, **more)
    assert answer.status_code == (200 if may else 404)


def test_a_list_that_does_not_read_is_refused_at_the_start(tmp_path):
    place = NodeFolder(tmp_path)
    place.write(replace(settings.NODE, metrics=("everywhere",)))
    with pytest.raises(Malformed, match="metrics: wanted a list of networks"):
        place.read()
    place.write(replace(settings.NODE, metrics=("10.0.0.7",)))
    assert place.read().metrics == ("10.0.0.7",)
