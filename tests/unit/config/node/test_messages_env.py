# SPDX-License-Identifier: Apache-2.0
"""The mail server and the networks of webhooks come from the environment, and a wrong one is never repeated."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from datong.config.node import env
from datong.kernel.errors import Malformed


def test_no_mail_server_is_none(monkeypatch):
    monkeypatch.delenv("DATONG_SMTP_URL", raising=False)
    assert env.mail() is None


def test_a_mail_server_reads(monkeypatch):
    monkeypatch.setenv("DATONG_SMTP_URL", "smtp://us%40er:p%2Fw@mail.example:587?from=a@b.cn&starttls=1")
    assert env.mail() == {
        "host": "mail.example", "port": 587, "sender": "a@b.cn", "username": "us@er", "password": "p/w", "starttls": True, "ssl": False,
    }  # fmt: skip
    monkeypatch.setenv("DATONG_SMTP_URL", "smtps://mail.example?from=a@b.cn")
    assert (env.mail()["port"], env.mail()["ssl"]) == (465, True)


@pytest.mark.parametrize(
    "url", ["http://x?from=a@b", "smtp://?from=a@b", "smtp://host", "smtp://h:99999?from=a@b", "smtp://u:secret@host?from=no"]
)
def test_a_wrong_one_is_refused_without_being_repeated(monkeypatch, url):
    monkeypatch.setenv("DATONG_SMTP_URL", url)
    with pytest.raises(Malformed) as refused:
        env.mail()
    assert "secret" not in str(refused.value) + str(refused.value.fields)


def test_networks_read(monkeypatch):
    monkeypatch.setenv("DATONG_WEBHOOK_NETWORKS", "10.0.0.0/8, fd00::/8")
    assert env.webhook_networks() == (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))
    monkeypatch.setenv("DATONG_WEBHOOK_NETWORKS", "everything")
    with pytest.raises(Malformed):
        env.webhook_networks()
