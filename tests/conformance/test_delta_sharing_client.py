# SPDX-License-Identifier: Apache-2.0
"""The released Delta Sharing client reads a grant through a real gateway: masked, cut to its rows, as pandas.

The client lives in an environment of its own below `.cache`, made by pip at its pinned version on first use.
"""

from __future__ import annotations

import json
import subprocess
import venv
from pathlib import Path

import pytest

from datong.kernel import masks
from datong.wire.delta_sharing.profile import profile
from factories import tables
from factories.gateway_server import serving
from factories.gateways import ROWS, Node, landed, row

CLIENT = "1.4.2"
HERE = Path(__file__).resolve()
CACHE = HERE.parents[2] / ".cache" / "clients" / f"delta-sharing-{CLIENT}"
PHONE = masks.Mask.parse("partial:3:4")
pytestmark = pytest.mark.xdist_group("delta-sharing-client")


@pytest.fixture(scope="session")
def python():
    """The client's own Python."""
    binary = CACHE / "bin" / "python"
    if not (CACHE / "made").exists():
        venv.create(CACHE, with_pip=True, clear=True)
        subprocess.run([binary, "-m", "pip", "install", "--quiet", f"delta-sharing=={CLIENT}"], check=True, timeout=600)
        (CACHE / "made").touch()
    return binary


@pytest.fixture
def node(tmp_path):
    landed(tmp_path)
    folder = tmp_path / "node"
    folder.mkdir()
    node = Node(folder)
    (folder / "run").mkdir()
    return node


def offered(node, tmp_path, **changes):
    grant = tables.shared(**changes)
    made = tables.derived(tmp_path / "lake" / "persons", node.folder, grant)
    (node.folder / "run" / "policy").write_bytes(node.policy(tables.shared(table=made, **changes)))


def read(python, tmp_path, address):
    file = tmp_path / "profile.share"
    file.write_text(json.dumps(profile(f"{address}/delta-sharing", tables.TOKEN, "2099-12-31T16:00:00Z")), "utf-8")
    script = HERE.parent / "clients" / "delta_sharing_client.py"
    return subprocess.run([python, script, file], capture_output=True, text=True, timeout=200, check=False)


def test_the_released_client_reads_the_masked_table(python, node, tmp_path):
    offered(node, tmp_path)
    with serving(node) as address:
        done = read(python, tmp_path, address)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    people = [row(number) for number in range(ROWS)]
    assert told["client"] == CLIENT
    assert told["shares"] == [tables.SHARE]
    assert told["tables"] == [f"{tables.SHARE}.data.{tables.TABLE}"]
    assert told["version"] == 0
    assert told["columns"] == ["name", "phone", "region", "alive"]
    assert told["rows"] == [
        [one["name"], masks.apply(PHONE, one["phone"]), one["region"], one["alive"].title()]
        for one in people
        if one["region"].startswith("33")
    ]
    assert told["first"] == 3
    kept = [record for record in node.evidence() if record["grant"] == tables.SHARE]
    assert {record["asked"] for record in kept} >= {"shares", "all-tables", "metadata", "query", "file"}
    assert sum(record["rows"] for record in kept if record["kind"] == "call") >= len(told["rows"])


def test_a_revoked_grant_is_told_to_its_reader(python, node, tmp_path):
    offered(node, tmp_path, stage="revoked")
    with serving(node) as address:
        done = read(python, tmp_path, address)
    assert done.returncode
    assert "was revoked" in done.stderr
