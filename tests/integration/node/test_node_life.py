# SPDX-License-Identifier: Apache-2.0
"""The life of a node as an operator sees it: made, up, killed in every part, up again, down."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import urllib.request

import psutil
import pytest

from factories.nodes import a_node, gone, machines

MACHINES = machines()
COLD, RESTING_MIB = 60.0, 400.0
NURSERIES = {"nursery-gateway", "nursery-control"}


@pytest.fixture(scope="module", params=MACHINES, ids=["this user", "ordinary user"][: len(MACHINES)])
def life(request):
    with a_node(request.param) as made:
        made.first = made.run("up", "--detach")
        yield made


@pytest.fixture
def node(life):
    """The node, up: whatever the test before did to it."""
    if not life.now()["running"]:
        assert life.run("up", "--detach")["exit"] == 0
    return life


def test_it_is_ready_in_time_and_says_the_first_password_once(node):
    assert node.first["exit"] == 0, node.first
    assert node.first["seconds"] <= COLD
    assert node.first["administrator"]["account"] == "admin"
    password = node.first["administrator"]["password"]
    logs = "".join(file.read_text("utf-8", "replace") for file in node.folder.glob("log/*"))
    assert password and password not in logs


def test_it_answers_and_rests_lightly(node):
    now = node.status()
    assert now["ready"] and now["exit"] == 0
    assert {one["name"] for one in now["processes"]} == {"supervisor", "control", "gateway", "worker", "postgres", *NURSERIES}
    node.wait_until(lambda now: now["memory_mib"] <= RESTING_MIB)  # at rest: the worker's first beats need more
    for address in (now["pages"], now["gateway"]):
        for path in ("/healthz", "/readyz"):
            with urllib.request.urlopen(address + path) as answer:
                assert answer.status == 200


def test_its_secrets_are_its_users_alone(node):
    for file in (node.folder / "node.key", node.folder / "node.toml"):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE((node.folder / "run" / "pg").stat().st_mode) == 0o700


def test_a_second_start_is_refused_and_harms_nothing(node):
    again = node.run("up", "--detach")
    assert again["exit"] == 5 and again["code"] == "conflict"
    assert node.status()["ready"]


def settled(node, part):
    """A part as it is when the node has got over what befell its database: the worker ends with its connection and comes anew."""
    pids = []

    def same_for_a_while(now):
        pids.append([one["pid"] for one in now["processes"]] if now["ready"] else None)
        return len(pids) > 10 and pids[-1] is not None and pids[-10:] == [pids[-1]] * 10

    node.wait_until(same_for_a_while)
    return node.part(part)


@pytest.mark.parametrize("part", ["control", "gateway", "worker", "postgres"])
def test_a_part_that_is_killed_comes_back(node, part):
    before = settled(node, part)
    psutil.Process(before["pid"]).kill()
    node.wait_until(lambda now: now["ready"] and any(one["restarts"] > before["restarts"] for one in now["processes"] if one["name"] == part))
    assert node.part(part)["pid"] != before["pid"]


def test_a_part_whose_nursery_is_killed_with_it_comes_back_and_all_are_the_supervisors_own(node):
    killed = {name: node.part(name)["pid"] for name in ("nursery-gateway", "gateway")}
    for pid in killed.values():
        os.kill(pid, signal.SIGKILL)

    def back(now):
        there = {one["name"]: one["pid"] for one in now["processes"] if one["ready"]}
        return all(there.get(name) not in {None, pid} for name, pid in killed.items())

    node.wait_until(back)
    supervisor = node.part("supervisor")["pid"]
    assert {psutil.Process(node.part(name)["pid"]).ppid() for name in ("gateway", "control", "worker", *NURSERIES)} == {supervisor}


def test_its_doctor_finds_nothing_and_its_evidence_is_whole(node):
    found = node.run("doctor")
    assert [one for one in found["checks"] if one["state"] == "fault"] == []
    verified = node.machine.datong("ledger", "verify", node.folder / "evidence", "--json")
    assert verified.returncode == 0 and json.loads(verified.stdout)["ok"]


def test_accounts_are_kept_from_the_command_line(node):
    made = node.machine.datong("user", "add", "li.na", "--name", "李娜", "--role", "auditor", "--node", node.folder, "--json")
    assert made.returncode == 0, made.stderr
    listed = json.loads(node.machine.datong("user", "list", "--node", node.folder, "--json").stdout)
    assert {one["username"]: one["roles"] for one in listed} == {"admin": ["system_administrator"], "li.na": ["auditor"]}
    refused = node.machine.datong("user", "appoint", "li.na", "security_officer", "--node", node.folder)
    assert refused.returncode == 4 and "Traceback" not in refused.stderr


def test_a_killed_supervisor_takes_all_with_it_and_the_next_start_recovers(node):
    size = node.status()["evidence"]["acts"]
    pids = node.pids()
    psutil.Process(node.part("supervisor")["pid"]).send_signal(signal.SIGKILL)
    assert gone(pids) == []
    assert node.status()["running"] is False
    up = node.run("up", "--detach")
    assert up["exit"] == 0 and up["administrator"] is None
    assert node.status()["evidence"]["acts"] >= size
    assert node.machine.datong("ledger", "verify", node.folder / "evidence").returncode == 0


def test_all_parts_killed_at_once_are_recovered_from(node):
    pids = node.pids()
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    assert gone(pids) == []
    (node.folder / "run" / "state.json").write_text('{"processes": [{"name"', "utf-8")
    assert node.run("up", "--detach")["exit"] == 0
    assert node.status()["ready"]


def test_a_taken_port_is_refused_by_name(node):
    with socket.create_server(("127.0.0.1", 0)) as other, a_node(node.machine) as second:
        port = other.getsockname()[1]
        refused = second.run("up", "--detach", "--control-port", port)
        assert refused["exit"] == 4
        assert str(port) in refused["detail"] and "--control-port" in refused["remedy"]


def test_two_nodes_run_side_by_side(node):
    with a_node(node.machine) as second:
        assert second.run("up", "--detach")["exit"] == 0
        ours, theirs = node.status(), second.status()
        assert ours["ready"] and theirs["ready"]
        assert len({ours["pages"], ours["gateway"], theirs["pages"], theirs["gateway"]}) == 4


def test_it_goes_down_and_leaves_nothing_running(node):
    pids = node.pids()
    assert node.run("down")["exit"] == 0
    assert gone(pids) == []
    assert node.status()["exit"] == 3
    assert node.run("down")["exit"] == 3
    assert not (node.folder / "pg" / "postmaster.pid").exists()
