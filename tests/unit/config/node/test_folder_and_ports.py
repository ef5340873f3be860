# SPDX-License-Identifier: Apache-2.0
"""Making a node, reading its file, choosing its ports."""

from __future__ import annotations

import os
import socket
import stat
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datong.config.node import create, env, ports, state
from datong.config.node.create import Wishes
from datong.config.node.folder import NodeConfig, NodeFolder, _toml
from datong.kernel.errors import Conflict, Malformed, Refused

WISHES = Wishes("330000", "浙江省", "provincial")


def test_a_node_is_made_closed_to_others(tmp_path):
    place, config = create.create(tmp_path / "node", WISHES)
    assert place.read() == config
    assert stat.S_IMODE(place.key.stat().st_mode) == stat.S_IMODE(place.file.stat().st_mode) == 0o600
    assert stat.S_IMODE(place.evidence.stat().st_mode) == 0o700
    assert not stat.S_IMODE(place.path.stat().st_mode) & 0o066


@pytest.mark.parametrize(
    ("said", "known"),
    [("[]", []), ('["10.0.0.5", "10.1.0.0/16"]', ["10.0.0.5/32", "10.1.0.0/16"]), ('["10.1.0.0/8"]', None), ('["x"]', None), ("[7]", None),
     ('"10.0.0.5"', None)],
)  # fmt: skip
def test_the_proxies_of_a_node_are_networks(tmp_path, said, known):
    place, _ = create.create(tmp_path / "node", WISHES)
    place.file.write_text(place.file.read_text("utf-8").replace("proxies = []", f"proxies = {said}"), "utf-8")
    if known is None:
        with pytest.raises(Malformed, match="proxies"):
            place.read()
    else:
        assert [str(one) for one in place.read().proxy_networks] == known


def test_a_node_is_never_made_over_another(tmp_path):
    place, _ = create.create(tmp_path / "node", WISHES)
    key = place.key.read_bytes()
    with pytest.raises(Conflict):
        create.create(tmp_path / "node", WISHES)
    assert place.key.read_bytes() == key


def test_a_node_half_made_is_made_whole_with_the_same_key(tmp_path):
    place, _ = create.create(tmp_path / "node", WISHES)
    key = place.key.read_bytes()
    place.file.unlink()
    create.create(tmp_path / "node", WISHES)
    assert place.key.read_bytes() == key


def test_a_folder_with_other_things_is_refused(tmp_path):
    (tmp_path / "thesis.doc").touch()
    with pytest.raises(Refused, match=r"thesis\.doc"):
        create.create(tmp_path, WISHES)


@pytest.mark.parametrize(
    ("wishes", "field"),
    [
        (Wishes("330", "浙江省", "provincial"), None),
        (Wishes("330000", "", "provincial"), "name"),
        (Wishes("330000", "a\nb", "provincial"), "name"),
        (Wishes("330000", "省" * 101, "provincial"), "name"),
        (Wishes("330000", "浙江省", "kingdom"), "role"),
        (Wishes("330000", "浙江省", "provincial", control_port=9000, gateway_port=9000), "gateway_port"),
    ],
)
def test_what_a_node_cannot_be_is_refused_by_name(tmp_path, wishes, field):
    with pytest.raises(Malformed) as wrong:
        create.create(tmp_path / "node", wishes)
    assert field is None or field in wrong.value.fields
    assert not (tmp_path / "node").exists()


@given(st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=100))
def test_names_survive_the_file(name):
    assert tomllib.loads(f"name = {_toml(name)}")["name"] == name


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("code = ", "TOML"),
        ('code = "330000"', "name: missing"),
        ('code = "330000"\nname = "x"\nrole = "county"\nsecret_key = "s"\ncolour = "red"', "colour: unknown"),
        ('code = "330000"\nname = "x"\nrole = "county"\nsecret_key = "s"\ncontrol_port = "80"', "control_port: wanted a number"),
        ('code = "330000"\nname = "x"\nrole = "county"\nsecret_key = "s"\ncontrol_port = 99999', "control_port: wanted a number"),
        ('code = "330000"\nname = "x"\nrole = "county"\nsecret_key = "s"\npublic_url = "data.zj"', "public_url: wanted an address"),
        ('code = "330000"\nname = "x"\nrole = "county"\nsecret_key = "s"\ngateway_url = "https://a/?b"', "gateway_url: wanted an address"),
        ('code = 330000\nname = "x"\nrole = "county"\nsecret_key = "s"', "code: wanted a text"),
    ],
)
def test_a_wrong_file_names_its_fault_and_the_manual(tmp_path, text, told):
    (tmp_path / "node.toml").write_text(text, "utf-8")
    with pytest.raises(Malformed, match=told) as wrong:
        NodeFolder(tmp_path).read()
    assert "settings.md" in (wrong.value.remedy or "")


def test_no_node_says_how_to_make_one(tmp_path):
    with pytest.raises(Malformed, match="no node") as wrong:
        NodeFolder(tmp_path).read()
    assert "node init" in (wrong.value.remedy or "")


@pytest.mark.parametrize("text", ["0", "65536", "http", "-1", "٣", "1e3"])
def test_a_port_of_the_environment_is_a_port(monkeypatch, text):
    monkeypatch.setenv("DATONG_CONTROL_PORT", text)
    with pytest.raises(Malformed, match="DATONG_CONTROL_PORT"):
        env.with_environment(NodeConfig("330000", "x", "county", "s"))


def test_the_environment_wins_over_the_file(monkeypatch):
    monkeypatch.setenv("DATONG_CONTROL_PORT", "9100")
    monkeypatch.setenv("DATONG_HOST", "0.0.0.0")
    config = env.with_environment(NodeConfig("330000", "x", "county", "s"))
    assert (config.control_port, config.gateway_port, config.host) == (9100, 8701, "0.0.0.0")


@pytest.mark.parametrize(
    ("given", "control", "gateway"),
    [
        ({}, "http://127.0.0.1:8700", "http://127.0.0.1:8701"),
        ({"host": "0.0.0.0", "control_port": 80}, "http://localhost:80", "http://localhost:8701"),
        ({"host": "fd00::7", "secure": True}, "https://[fd00::7]:8700", "https://[fd00::7]:8701"),
        ({"public_url": "https://data.zj.example/"}, "https://data.zj.example", "https://data.zj.example:8701"),
        ({"public_url": "https://[fd00::7]:444"}, "https://[fd00::7]:444", "https://[fd00::7]:8701"),
        ({"gateway_url": "https://api.zj.example/dt/"}, "http://127.0.0.1:8700", "https://api.zj.example/dt"),
    ],
)
def test_the_public_addresses_are_given_or_made(given, control, gateway):
    config = NodeConfig("330000", "x", "county", "s", **given)
    assert (config.address, config.gateway_address) == (control, gateway)


def test_a_taken_port_is_passed_over_and_named():
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert not ports.is_free("127.0.0.1", port)
        assert ports.free_from("127.0.0.1", port) > port
        with pytest.raises(Refused, match=f"port {port} .* process {os.getpid()}") as refused:
            ports.check("127.0.0.1", port, "--control-port")
        assert "--control-port" in (refused.value.remedy or "")


def test_the_lock_is_one_persons_and_ends_with_its_process(tmp_path):
    place = NodeFolder(tmp_path)
    assert state.supervisor(place) is None
    held = state.take_lock(place)
    assert state.supervisor(place) == os.getpid()
    with pytest.raises(Conflict, match=str(os.getpid())):
        state.take_lock(place)
    os.close(held)
    assert state.supervisor(place) is None


def test_a_process_is_the_same_only_with_its_start_time():
    mine = {"pid": os.getpid(), "started": state.started_at(os.getpid())}
    assert state.alive(mine)
    assert state.alive({**mine, "started": mine["started"] - 100}) is None
    assert state.alive({"pid": "1", "started": None}) is None


@pytest.mark.parametrize("torn", ["", "{", "[]", "null", '{"processes": [{"name"'])
def test_a_torn_state_is_no_state(tmp_path, torn):
    place = NodeFolder(tmp_path)
    place.run.mkdir()
    (place.run / "state.json").write_text(torn, "utf-8")
    assert state.load(place) == {}


def test_a_path_that_the_lake_cannot_read_is_refused(tmp_path):
    with pytest.raises(Malformed):
        create.create(tmp_path / "a%20b", WISHES)
    assert not (tmp_path / "a%20b").exists()
