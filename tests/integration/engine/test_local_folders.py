# SPDX-License-Identifier: Apache-2.0
"""Folders of this machine: what is allowed is read, whatever else a path or a link leads to is not."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest

from datong.engine import face as engine
from datong.engine.errors import SourceAway, SourceUnreadable, TargetRefuses


@pytest.fixture
def share(tmp_path):
    folder = tmp_path / "share"
    (folder / "in").mkdir(parents=True)
    (folder / "in" / "data.csv").write_text("code,name\n1,甲\n", "utf-8")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.csv").write_text("secret\nx\n", "utf-8")
    return folder


def store(folder: Path, *below: str, allowed: Path | None = None) -> engine.LocalStore:
    return engine.LocalStore(str(folder.joinpath(*below)), (str(allowed or folder),))


def rows(source) -> list[tuple[str, ...]]:
    seen = source.inspect()
    return [row for block in source.blocks(seen) for row in zip(*block.columns, strict=True)]


def test_a_file_below_an_allowed_folder_is_read(share, tmp_path):
    for one, name in ((store(share), "in/data.csv"), (store(share, "in", allowed=share), "data.csv")):
        assert [entry.name for entry in one.entries()] == [name]
        assert rows(engine.RemoteFile(one, name, tmp_path / "spill")) == [("1", "甲")]
    assert store(share, "in", allowed=share).probe().words.startswith("目录可读，有 1 个文件")
    assert store(share).stat("in/none.csv") is None


def test_another_version_is_another_file(share, tmp_path):
    one = store(share)
    entry = one.stat("in/data.csv")
    (share / "in" / "data.csv").write_text("code,name\n2,乙\n", "utf-8")
    with pytest.raises(SourceUnreadable, match="变了"):
        one.fetch(entry, tmp_path / "copy")
    assert rows(engine.RemoteFile(one, "in/data.csv", tmp_path / "spill")) == [("2", "乙")]


@pytest.mark.parametrize("allowed", [(), ("relative",), ("/nowhere/at/all",), ("/data/sh",)])
def test_nothing_is_allowed_unless_it_is_named(share, allowed):
    one = engine.LocalStore(str(share), allowed)
    for act in (one.probe, lambda: one.stat("in/data.csv"), lambda: list(one.entries())):
        with pytest.raises(SourceUnreadable, match="未允许"):
            act()


@pytest.mark.parametrize("beside", ["share2", "share/../outside", "outside"])
def test_what_only_begins_alike_is_not_below(share, beside):
    (share.parent / "share2").mkdir()
    with pytest.raises(SourceUnreadable):
        store(share.parent / beside, allowed=share).probe()


@pytest.mark.parametrize(
    "name",
    ["../outside/secret.csv", "in/../../outside/secret.csv", "/etc/passwd", "in//data.csv", "./in/data.csv", "in/\0.csv", ""],
)
def test_no_path_leads_out(share, name):
    with pytest.raises(SourceUnreadable):
        store(share).stat(name)


def test_no_link_device_or_pipe_is_opened(share, tmp_path):
    (share / "file.csv").symlink_to(tmp_path / "outside" / "secret.csv")
    (share / "near.csv").symlink_to("in/data.csv")
    (share / "folder").symlink_to(tmp_path / "outside")
    os.mkfifo(share / "pipe.csv")
    one = store(share)
    for name in ("file.csv", "near.csv", "folder/secret.csv", "pipe.csv", "in"):
        with pytest.raises(SourceUnreadable):
            one.stat(name)
    assert [entry.name for entry in one.entries()] == ["in/data.csv"]
    with pytest.raises(SourceUnreadable):
        store(share, "folder", allowed=share).probe()


def test_an_allowed_folder_may_be_a_link_itself(share, tmp_path):
    (tmp_path / "linked").symlink_to(share)
    assert store(tmp_path / "linked").stat("in/data.csv").size


def test_nothing_is_written(share):
    for act in (lambda: store(share).put(share / "in" / "data.csv", "x.csv"), lambda: store(share).remove("in/data.csv")):
        with pytest.raises(TargetRefuses):
            act()
    with pytest.raises(SourceUnreadable):
        store(share, "none", allowed=share).probe()


def test_a_table_of_a_sqlite_file_is_read_when_nobody_writes(share, tmp_path):
    with sqlite3.connect(share / "in" / "people.db") as held:
        held.execute("create table people (code text, name text)")
        held.execute("insert into people values ('01', '甲')")
    source = engine.RemoteFile(store(share), "in/people.db", tmp_path / "spill", table="people")
    assert rows(source) == [("01", "甲")]
    with pytest.raises(SourceUnreadable):
        rows(engine.RemoteFile(store(share), "in/people.db", tmp_path / "spill", table="none"))
    (share / "in" / "people.db-wal").write_bytes(b"x")
    with pytest.raises(SourceAway, match="正在写入"):
        rows(source)
