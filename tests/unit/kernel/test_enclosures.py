# SPDX-License-Identifier: Apache-2.0
"""Files handed in: what is taken, under which name, and what is told of what is not."""

import hashlib

import pytest

from datong.kernel import enclosures
from datong.kernel.enclosures import LARGEST, MOST, File
from datong.kernel.errors import Malformed


def test_two_files_of_one_name_are_both_kept_and_the_same_content_once():
    files = [File("a.pdf", [b"one"]), File("a.pdf", [b"t", b"wo"]), File("b.txt", [b"one"])]
    assert [(one.name, one.content) for one in enclosures.read(files)] == [("a.pdf", b"one"), ("a.pdf", b"two")]
    assert enclosures.read(files)[0].digest == hashlib.sha256(b"one").hexdigest()


@pytest.mark.parametrize(("given", "name"), [("C:\\公文\\通知.PDF", "通知.PDF"), ("../../etc/x.txt", "x.txt")])
def test_a_name_loses_its_folders(given, name):
    assert [one.name for one in enclosures.read([File(given, [b"x"])])] == [name]


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ([File("a.exe", [b"x"])], "pdf"),
        ([File("", [b"x"])], ""),
        ([File("a.pdf", [])], "空"),
        ([File("a.pdf", [b"x" * LARGEST, b"x"])], "MB"),
        ([File(f"{place}.txt", [b"x"]) for place in range(MOST + 1)], "最多"),
        ([File("a\x00.pdf", [b"x"])], ""),
    ],
)
def test_what_is_not_taken_is_told(files, told):
    with pytest.raises(Malformed) as refused:
        enclosures.read(files)
    assert told in refused.value.fields["files"]
