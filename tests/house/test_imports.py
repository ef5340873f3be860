# SPDX-License-Identifier: Apache-2.0
"""The import contracts hold, and our own kind of contract catches what it is for."""

from __future__ import annotations

import configparser
import os
import subprocess
import sys

import grimp
from datong_contracts import FrontDoorContract
from django.conf import settings

from factories.house import ROOT, SOURCE


def test_every_contract_is_kept():
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT / "tests" / "house")])}
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()", "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_contracts_are_all_there():
    held = configparser.ConfigParser()
    held.read(ROOT / ".importlinter")
    names = {section.rpartition(":")[2] for section in held.sections() if ":contract:" in section}
    wanted = "storeys ladder rooms doors no_django_below pure_rules engine_rooms backends drivers acyclic"
    assert names >= set(wanted.split())


def test_a_trespass_is_seen():
    graph = grimp.ImportGraph()
    for name in ("contexts", "contexts.high", "contexts.high.usecases", "contexts.low", "contexts.low.face", "contexts.low.models"):
        graph.add_module(name)
    graph.add_import(importer="contexts.high.usecases", imported="contexts.low.face")
    contract = FrontDoorContract("doors", {}, {"container": "contexts", "door": "face"})
    assert contract.check(graph, verbose=False).kept
    graph.add_import(importer="contexts.high.usecases", imported="contexts.low.models")
    check = contract.check(graph, verbose=False)
    assert check.metadata["trespass"] == ["contexts.high.usecases -> contexts.low.models"]
    assert not check.kept


def test_every_context_is_an_application_and_the_other_way_round():
    folders = {one.parent.name for one in (SOURCE / "contexts").glob("*/__init__.py")}
    assert folders == set(settings.CONTEXTS)
