# SPDX-License-Identifier: Apache-2.0
"""Released Delta Sharing clients read a grant through a real gateway: masked, cut to its rows, as pandas.

Each client lives in an environment of its own below `.cache`, made at its pinned version on first use, by uv where it is
here and by pip otherwise. All read one gateway, whose table has four versions.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import venv
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from datong.engine.backends.manifests import derived
from datong.kernel import masks
from datong.wire.delta_sharing.profile import profile
from factories import tables
from factories.gateway_server import serving
from factories.gateways import ROWS, Node, landed, row

CLIENTS = ("1.4.2", "1.3.3", "1.0.5")
REVOKED, OTHER = "SQ-2", "dtds_" + "r" * 43
HERE = Path(__file__).resolve()
CACHE = HERE.parents[2] / ".cache" / "clients"
SPEC = importlib.util.spec_from_file_location("indexes", HERE.parents[2] / "requirements" / "indexes.py")
indexes = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(indexes)
PHONE = masks.Mask.parse("partial:3:4")


def python(version):
    """The Python of a client, with its own environment."""
    place = CACHE / f"delta-sharing-{version}"
    binary = place / "bin" / "python"
    if not (place / "made").exists():
        uv = [sys.executable, "-m", "uv"]
        here = subprocess.run([*uv, "--version"], capture_output=True, check=False).returncode == 0
        venv.create(place, with_pip=not here, clear=True)
        install = [*uv, "pip", "install", "--python", binary] if here else [binary, "-m", "pip", "install"]
        settings = indexes.for_uv(indexes.pip_settings(sys.executable)) if here else {}
        wanted = [*install, "--quiet", f"delta-sharing=={version}"]
        subprocess.run(wanted, check=True, timeout=600, env=os.environ | settings)
        (place / "made").touch()
    return binary


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """A served node with four versions of a table, one grant that may look back, one revoked; address and instants."""
    folder = tmp_path_factory.mktemp("clients")
    landed(folder)
    lake = folder / "lake" / "persons"
    tables.grown(lake)
    (folder / "node" / "run").mkdir(parents=True)
    node = Node(folder / "node")
    made = [tables.derived(lake, node.folder, tables.shared(), version=version, history=True) for version in range(4)]
    grants = [
        tables.shared(table=made[3], delivery_mode="incremental"),
        tables.shared(REVOKED, OTHER, table=made[3], stage="revoked"),
    ]
    (node.folder / "run" / "policy").write_bytes(node.policy(*grants, lease=3_600))
    with serving(node) as address:
        yield node, address, [derived(node.folder / one).timestamp for one in made]


def written(shared, place, token):
    place.write_text(json.dumps(profile(f"{shared[1]}/delta-sharing", token, "2099-12-31T16:00:00Z")), "utf-8")
    return place


def read(version, shared, tmp_path, *more):
    """What a client reads and prints."""
    file = written(shared, tmp_path / "profile.share", tables.TOKEN)
    script = HERE.parent / "clients" / "delta_sharing_client.py"
    done = subprocess.run([python(version), script, file, *more], capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def granted():
    """The rows the grant gives of the newest version, as text."""
    people = [row(number) for number in range(ROWS)]
    more = [one | {"id": f"330106X{number:04d}"} for number, one in enumerate(people[:30])]
    more[0]["name"] = "李改名"
    kept = [*people, *(one for number, one in enumerate(more) if number not in (1, 3, 4))]
    return sorted(
        [one["name"], masks.apply(PHONE, one["phone"]), one["region"], one["alive"].title()]
        for one in kept
        if one["region"].startswith("33")
    )


def check(said, version, shared):
    """Check what every client reads."""
    assert said["client"] == version
    assert said["shares"] == [tables.SHARE]
    assert said["tables"] == [f"{tables.SHARE}.data.{tables.TABLE}"]
    assert said["columns"] == ["name", "phone", "region", "alive"]
    assert sorted(said["rows"]) == granted()
    assert said["first"] == 3
    kept = [record for record in shared[0].evidence() if record["grant"] == tables.SHARE]
    assert {record["asked"] for record in kept} >= {"shares", "all-tables", "query", "file"}
    assert sum(record["rows"] for record in kept if record["kind"] == "call") >= len(said["rows"])


@pytest.mark.parametrize("version", CLIENTS[1:])
def test_older_clients_read_the_masked_table(version, shared, tmp_path):
    check(read(version, shared, tmp_path), version, shared)


def test_the_newest_client_reads_both_formats_earlier_versions_and_changes(shared, tmp_path):
    instant = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=shared[2][1])).isoformat(timespec="milliseconds")
    said = read(CLIENTS[0], shared, tmp_path, instant, written(shared, tmp_path / "revoked.share", OTHER))
    check(said, CLIENTS[0], shared)
    assert sorted(said["delta"]) == granted()
    assert (said["version"], said["delta first"]) == (3, 3)
    assert said["versions"] == [160, 180, 179, 177]
    assert (said["delta version"], said["timestamp"], said["inserted"]) == (180, 180, 180)
    assert said["changes"] == said["delta changes"]
    assert said["changes"] == sorted([
        ["2", "delete", "张1", "330203"], ["2", "update_preimage", "张0", "330106"], ["2", "update_postimage", "李改名", "330106"],
        ["3", "delete", "张3", "330106"], ["3", "delete", "张4", "330203"],
    ])  # fmt: skip
    assert "was revoked" in said["refused"]
