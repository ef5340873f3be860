# SPDX-License-Identifier: Apache-2.0
"""The verifier printed in the documentation runs as it stands, without Datong, and is not fooled."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from factories.evidence import a_log, a_signer, some_records

PAGE = Path(__file__).parents[2] / "docs/explanation/evidence.md"


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    folder = tmp_path_factory.mktemp("program")
    (folder / "verify.py").write_text(re.search(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)[1])
    (folder / "node.pub").write_bytes(a_signer().public_pem())
    (folder / "other.pub").write_bytes(a_signer(number=2).public_pem())
    return folder


@pytest.fixture(scope="module")
def receipts(tmp_path_factory):
    with a_log(tmp_path_factory.mktemp("log") / "log") as log:
        bodies = [*some_records(6), "浙江省的记录".encode(), b"x" * 3000]
        return [receipt for body in bodies for receipt in log.append([body])]


def verify(folder, text, key="node.pub"):
    command = [sys.executable, "-I", str(folder / "verify.py"), str(folder / key), text]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)


@pytest.mark.parametrize("index", [0, 4, 6, 7])
def test_a_receipt_verifies_by_the_public_key_alone(program, receipts, index):
    done = verify(program, receipts[index].encode())
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"record {index} of {index + 1} in 330000/test")


def test_another_key_or_a_changed_record_does_not(program, receipts):
    text = receipts[4].encode()
    assert "InvalidSignature" in verify(program, text, "other.pub").stderr
    assert "not in the signed tree" in verify(program, text[:-8] + "AAAA" + text[-4:]).stderr
    assert "not a receipt" in verify(program, "AAAA" * 30).stderr
