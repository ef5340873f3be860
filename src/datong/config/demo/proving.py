# SPDX-License-Identifier: Apache-2.0
"""The last chapter: the evidence, verified offline; then one byte of a copy is flipped, and the verification says where."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from datong.config.demo.chapters import Story, until
from datong.config.demo.telling import Step, sure
from datong.crypto import keys
from datong.kernel import canonical
from datong.ledger import receipts
from datong.ledger.read import records


def steps(story: Story) -> list[Step]:
    """The steps of this chapter."""
    return [
        Step("usage", "使用情况可查 use is there to read", lambda: _usage(story), "/exchange/calls"),
        Step("receipts", "回执凭公钥离线核验 receipts verify with the public key alone", lambda: _receipts(story), "/evidence"),
        Step("evidence", "全部证据核验通过 the whole evidence verifies", lambda: _verified(story), "/evidence"),
        Step("tampered", "改动一个字节即被指出 one flipped byte is named", lambda: _tampered(story)),
    ]


def _usage(story: Story) -> str:
    number = story.grants["enterprises"]
    head = story.of("市监局", "provider_head")
    seen: dict[str, Any] = {}

    def there() -> bool:
        seen.update(head.get(f"/grants/{number}/usage"))
        return seen["refused"] >= 5

    until(there, 15, f"the calls of {number} were not collected: {seen}")
    return f"授权 {number}：调用 {seen['calls']} 次，拒绝 {seen['refused']} 次，返回 {seen['rows']} 条"


def _receipts(story: Story) -> str:
    verifier = keys.load_verifier((story.folder / "evidence" / "node.pub").read_bytes())
    for text in story.receipts:
        receipts.verify_receipt(receipts.decode(text), verifier)
    sure(story.receipts, "no receipt was kept")
    return f"{len(story.receipts)} 张回执（含拒绝的调用）逐一核验通过"


def _verify(evidence: Path) -> tuple[int, Any]:
    command = [sys.executable, "-m", "datong.config.cli.main", "ledger", "verify", str(evidence), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)  # noqa: S603  our own command
    return done.returncode, json.loads(done.stdout)


def _copy(story: Story, name: str) -> Path:
    """A copy of the evidence, as an auditor would carry it away."""
    target = story.folder / name
    shutil.rmtree(target, ignore_errors=True)
    return Path(shutil.copytree(story.folder / "evidence", target))


def _verified(story: Story) -> str:
    copy = _copy(story, "evidence-copy")
    code, said = _verify(copy)
    sure(code == 0, f"the verification of the evidence ended with {code}: {said}")
    acts = sum(1 for _ in records(copy / "acts"))
    calls = sum(1 for _ in records(copy / "gateway-0"))
    sure(acts and calls, "there is no evidence")
    return f"{acts} 个动作、{calls} 次调用，全部通过（datong ledger verify）"


def _tampered(story: Story) -> str:
    copy = _copy(story, "evidence-tampered")
    log = copy / "gateway-0"
    victim = next(index for index, body in records(log) if canonical.loads(body).get("status") == 403)
    body = dict(records(log))[victim]
    segment = next(path for path in sorted(log.glob("*.seg")) if body in path.read_bytes())
    content = bytearray(segment.read_bytes())
    place = content.index(body) + body.index(b'"status":403') + len(b'"status":')
    content[place] ^= 0b0110  # 403 becomes 203: a refusal made to look like an answer
    segment.write_bytes(bytes(content))
    code, said = _verify(copy)
    found = [one["first_bad"] for one in said["logs"] if not one["ok"]]
    sure(code == 1 and found == [victim], f"the flipped byte of record {victim} was reported as {found}, exit {code}")
    return f"把第 {victim} 条记录的 403 改成 203：核验失败，指出第 {found[0]} 条"
