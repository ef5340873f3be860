# SPDX-License-Identifier: Apache-2.0
"""A node killed whole at random moments while people work and programs call: what was acknowledged is there afterwards.

Kept here: an act that was answered stands in the database and in the evidence; a call whose receipt left verifies
against the log of the gateway that answered, one of two; a landing killed in the middle is landed by the next start.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from datong.config.demo import entries
from datong.config.demo.clients import Caller, Person, Unexpected
from datong.crypto import keys
from datong.kernel import canonical
from datong.ledger import receipts
from datong.ledger.read import records
from factories.nodes import a_node, gone, machines
from factories.organisations import a_uscc

DATA = Path(__file__).parents[2] / "examples/data"
PASSWORD = "Datong-faults-4711"
ROUNDS = 2
HOME = a_uscc(1)
ROLES = {"ma": "provider_compiler", "hu": "provider_head", "ou": "authority", "shi": "consumer_applicant"}
BROKEN = (httpx.HTTPError, Unexpected)


@dataclass
class Work:
    """What was acknowledged: departments created, calls with their receipts."""

    departments: list[str] = field(default_factory=list)
    calls: list[tuple[str, str]] = field(default_factory=list)


@pytest.fixture(scope="module")
def node():
    with a_node(machines()[0]) as made:
        settings = made.folder / "node.toml"
        settings.write_text(settings.read_text("utf-8").replace("gateways = 1", "gateways = 2"), "utf-8")
        made.first = made.run("up", "--detach")
        assert made.first["exit"] == 0, made.first
        yield made


@pytest.fixture(scope="module")
def people(node):
    base, first = node.status()["pages"], node.first["administrator"]
    admin = Person(base, first["account"], first["password"])
    admin.renew(first["password"], PASSWORD)
    admin.post("/departments", {"uscc": HOME, "name": "省民政厅", "short_name": "民政厅", "region": "330000"})
    found = {"admin": admin}
    for name, role in ROLES.items():
        made = admin.post("/accounts", {"username": f"{name}.x", "name": name, "department": HOME})
        admin.post(f"/accounts/{name}.x/appointments", {"role": role})
        found[name] = Person(base, f"{name}.x", made["password"])
        found[name].renew(made["password"], PASSWORD)
    yield found
    for person in found.values():
        person.http.close()


@pytest.fixture(scope="module")
def caller(node, people):
    made = Caller(node.status()["gateway"], "330000")
    body = {"name": "应用", "address": "10.0.0.8", "responsible": "信息中心", "public_key": made.public_pem}
    made.client_id = people["shi"].post("/applications", body)["application"]["client_id"]
    yield made
    made.http.close()


def a_resource(people):
    """The villages, published."""
    entry = next(one for one in entries.ENTRIES if one.tag == "villages")
    if not any(one["code"] == entry.class_code for one in people["ou"].get("/classes", level=3)):
        people["ou"].post("/classes", {"code": entry.class_code, "name": "行政区划"})
    made = people["ma"].post("/entries", {**entry.meta, "class_code": entry.class_code, "items": list(entry.items)})
    people["ma"].post(f"/entries/{made['id']}/file")
    people["hu"].post(f"/entries/{made['id']}/consent", {"opinion": "同意"})
    code = people["ou"].post(f"/entries/{made['id']}/publish", {"opinion": "通过"})["code"]
    return code, entry


def keep_acting(admin, work, stop):
    number = 1000 + len(work.departments) * 7
    while not stop.is_set():
        number += 1
        uscc = a_uscc(number)
        try:
            admin.post("/departments", {"uscc": uscc, "name": f"部门{number}", "short_name": f"部{number}", "region": "330000"})
        except BROKEN:
            return
        work.departments.append(uscc)


def keep_calling(caller, work, stop):
    while not stop.is_set():
        with contextlib.suppress(*BROKEN):
            if not caller.token and caller.sign_in().status_code != 200:
                time.sleep(0.05)
                continue
            answer = caller.records("307001/99", purpose="试", id="1")
            if receipt := answer.headers.get("Datong-Receipt"):
                work.calls.append((answer.headers["Datong-Request-Id"], receipt))
            continue
        return


def killed_while_working(node, people, caller, work, moment):
    """Work until a moment comes, then SIGKILL everything at once."""
    pids, stop = node.pids(), threading.Event()
    workers = [
        threading.Thread(target=keep_acting, args=(people["admin"], work, stop)),
        threading.Thread(target=keep_calling, args=(caller, work, stop)),
    ]
    for worker in workers:
        worker.start()
    moment()
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    stop.set()
    for worker in workers:
        worker.join(60)
    assert gone(pids) == []


def test_whatever_is_killed_what_was_acknowledged_stands(node, people, caller):
    work, dice = Work(), random.Random()
    code, entry = a_resource(people)
    form = {"mapping": entries.as_json(entry.mapping), **entry.options}
    number = people["ma"].upload(f"/resources/{code}/sources", DATA / entry.file, **form)["number"]

    def landing():
        while people["ma"].get(f"/batches/{number}")["stage"] == "queued":
            time.sleep(0.05)
        time.sleep(dice.uniform(0.1, 1.5))

    for round_ in range(ROUNDS):
        killed_while_working(node, people, caller, work, (lambda: time.sleep(dice.uniform(0.3, 1.5))) if round_ else landing)
        assert node.run("up", "--detach")["exit"] == 0
    assert len(work.departments) > 5 and len(work.calls) > 5

    known = {one["uscc"] for one in everything(people["admin"], "/departments")}
    assert set(work.departments) <= known
    acts = {canonical.loads(body)["subject"] for _, body in records(node.folder / "evidence/acts") if b"department.created" in body}
    assert set(work.departments) <= acts <= known | {HOME}

    logs = {f"330000/{name}": dict(records(node.folder / "evidence" / name)) for name in ("gateway-0", "gateway-1")}
    verifier = keys.load_verifier((node.folder / "evidence/node.pub").read_bytes())
    for request, text in work.calls:
        receipt = receipts.decode(text)
        receipts.verify_receipt(receipt, verifier)
        assert logs[receipt.origin][receipt.index] == receipt.record and request.encode() in receipt.record
    verified = node.machine.datong("ledger", "verify", node.folder / "evidence", "--json")
    assert verified.returncode == 0 and json.loads(verified.stdout)["ok"], verified.stdout

    deadline = time.monotonic() + 60
    while (batch := people["ma"].get(f"/batches/{number}"))["stage"] in {"queued", "running"}:
        assert time.monotonic() < deadline, batch
        time.sleep(0.2)
    assert (batch["stage"], batch["rows_good"]) == ("landed", 620_573), f"{batch['error']} {batch['log']}"
    assert node.machine.datong("ledger", "verify", node.folder / "evidence").returncode == 0


def everything(person, path):
    """Every item of a list that goes by cursor."""
    found, after = [], ""
    while True:
        page = person.get(path, after=after, limit=200)
        if isinstance(page, list):
            return page
        found += page["items"]
        after = page["next"]
        if not after:
            return found
