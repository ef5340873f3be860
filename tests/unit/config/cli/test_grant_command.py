# SPDX-License-Identifier: Apache-2.0
"""`datong grant verify`: a document, a key, an exit status; by Ed25519 and by SM2."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from datong.config.cli.grant import app
from datong.config.node.create import Wishes, create
from datong.config.node.folder import NodeFolder
from datong.crypto import keys
from datong.kernel.errors import Malformed, Unknown
from datong.wire import grants as wire

DOCUMENT = {
    "number": "G20261121-0001", "resource": "307001/1", "department": "11330000002482109N", "channels": ["call"],
    "items": [{"field": "name", "mask": "none"}], "purpose": "低保资格核查", "not_before": "2026-11-21",
    "not_after": "2027-11-20", "supersedes": None,
}  # fmt: skip


@pytest.fixture(params=["ed25519", "sm2"])
def node(request: pytest.FixtureRequest, tmp_path: Path) -> NodeFolder:
    return create(tmp_path / "node", Wishes("330000", "浙江省", "provincial", signature=request.param))[0]


def written(node: NodeFolder, **changes: Any) -> Path:
    envelope = wire.sign(DOCUMENT, keys.load_signer(node.key))
    envelope["grant"] |= changes
    file = node.path / "grant.json"
    file.write_text(json.dumps(envelope, ensure_ascii=False, indent=2), "utf-8")
    return file


def run(*words: str, **more: Any) -> Any:
    return CliRunner().invoke(app, ["verify", *words], **more)


def test_a_document_holds_by_the_public_key_alone(node):
    public = str(node.evidence / "node.pub")
    told = run(str(written(node)), "--key", public, "--json")
    assert (told.exit_code, json.loads(told.stdout)["ok"]) == (0, True)
    assert json.loads(told.stdout)["algorithm"] == keys.load_signer(node.key).algorithm
    assert run("-", "--key", public, input=written(node).read_bytes()).exit_code == 0


def test_without_a_key_that_of_the_node_here_is_taken(node, monkeypatch):
    monkeypatch.setenv("DATONG_NODE", str(node.path))
    told = run(str(written(node)))
    assert told.exit_code == 0 and "as it was signed" in told.stdout


@pytest.mark.parametrize("changes", [{"purpose": "商业查询"}, {"not_after": "2099-12-31"}, {"items": []}, {"extra": 1}])
def test_a_document_that_was_changed_does_not_hold(node, changes):
    told = run(str(written(node, **changes)), "--key", str(node.evidence / "node.pub"), "--json")
    assert (told.exit_code, json.loads(told.stdout)["ok"]) == (1, False)


def test_another_key_does_not_hold(node, tmp_path):
    (tmp_path / "other.pub").write_bytes(keys.generate(tmp_path / "other.key").public_pem())
    assert run(str(written(node)), "--key", str(tmp_path / "other.pub")).exit_code == 1


@pytest.mark.parametrize("text", ["", "[]", "null", "{", "[" * 100_000, "\0"])
def test_what_is_no_document_is_malformed(node, text):
    file = node.path / "bad.json"
    file.write_text(text)
    assert isinstance(run(str(file), "--key", str(node.evidence / "node.pub")).exception, Malformed)


def test_a_file_that_is_not_there_is_unknown(node):
    assert isinstance(run("nothing.json", "--key", str(node.evidence / "node.pub")).exception, Unknown)


def test_a_node_signs_by_what_it_was_made_for():
    with pytest.raises(Malformed):
        create(Path("/nowhere"), Wishes("330000", "浙江省", "provincial", signature="rsa"))
