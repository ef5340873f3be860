# SPDX-License-Identifier: Apache-2.0
"""The gateways that the supervisor starts: one that is asked over HTTP, or several by their signs of life."""

from __future__ import annotations

from pathlib import Path

import pytest

from datong.config.node import env
from datong.config.node.folder import NodeConfig, NodeFolder
from datong.config.node.supervisor import gateways
from datong.gateway.limits.board import SEATS
from datong.kernel.errors import Malformed

CONFIG = {"code": "330000", "name": "浙江省", "role": "provincial", "secret_key": "x"}


def test_one_gateway_is_asked_at_its_port(tmp_path: Path):
    [one] = gateways(NodeFolder(tmp_path), NodeConfig(**CONFIG), {"A": "1"})
    assert (one.name, one.module, one.port, one.asks, one.environment) == ("gateway", "", 8701, None, {"A": "1"})


def test_several_have_a_seat_each_and_none_is_ready_before_it_gave_a_sign(tmp_path: Path):
    found = gateways(NodeFolder(tmp_path), NodeConfig(**CONFIG, gateways=SEATS), {})
    assert [one.name for one in found] == [f"gateway-{seat}" for seat in range(SEATS)]
    assert {one.module for one in found} == {"gateway"} and {one.port for one in found} == {8701}
    assert [one.environment["DATONG_GATEWAY_SEAT"] for one in found] == [str(seat) for seat in range(SEATS)]
    assert not any(one.asks is None or one.asks(1) or one.ask() for one in found)


@pytest.mark.parametrize("count", [0, SEATS + 1, "2", "true"])
def test_a_node_has_so_many_gateways(tmp_path: Path, count: object):
    place = NodeFolder(tmp_path)
    place.write(NodeConfig(**CONFIG))
    said = {"2": '"2"'}.get(count, str(count))
    place.file.write_text(place.file.read_text("utf-8").replace("gateways = 1", f"gateways = {said}"), "utf-8")
    with pytest.raises(Malformed, match="gateways"):
        place.read()


def test_a_seat_is_a_number(monkeypatch: pytest.MonkeyPatch):
    assert env.gateway_seat() == 0
    monkeypatch.setenv("DATONG_GATEWAY_SEAT", "3")
    assert env.gateway_seat() == 3
    monkeypatch.setenv("DATONG_GATEWAY_SEAT", "-1")
    with pytest.raises(Malformed):
        env.gateway_seat()
