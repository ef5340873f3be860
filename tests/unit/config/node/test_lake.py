# SPDX-License-Identifier: Apache-2.0
"""Where the lake lies, as node.toml and the environment say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from datong.config.node import lake
from datong.config.node.folder import NodeConfig, NodeFolder
from datong.engine.places import Remote, table
from datong.kernel.errors import Malformed

HERE = NodeConfig(code="330000", name="浙江", role="provincial", secret_key="k" * 50)
THERE = replace(HERE, lake_url="s3://gov-data/330000/", lake_endpoint="https://s3.example.gov.cn/", lake_access="GOV")


@pytest.fixture(autouse=True)
def secret(monkeypatch):
    monkeypatch.setenv("DATONG_LAKE_SECRET", "s3cret-of-the-lake")


def test_it_lies_in_the_folder_unless_told_otherwise(tmp_path):
    assert lake.bucket(HERE) is None
    assert table(tmp_path / "lake", tmp_path / "cache", None, "330-1") == tmp_path / "lake" / "330-1"


def test_a_bucket_is_told_without_its_secret(tmp_path):
    found = lake.bucket(THERE)
    assert (found.endpoint, found.name, found.prefix, found.region) == ("https://s3.example.gov.cn", "gov-data", "330000", "us-east-1")
    assert found.options["aws_secret_access_key"] == "s3cret-of-the-lake"
    place = table(tmp_path / "lake", tmp_path / "cache", found, "330-1")
    assert place == Remote(found, "lake/330-1", tmp_path / "cache" / "330-1")
    assert (place.url, place.name, place.parent) == ("s3://gov-data/330000/lake/330-1", "330-1", tmp_path / "cache")
    assert place.with_name("330-1__quarantine").url == "s3://gov-data/330000/lake/330-1__quarantine"
    assert "s3cret" not in repr(place)


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"lake_url": "gov-data"}, "lake_url"), ({"lake_url": "s3://UPPER"}, "lake_url"), ({"lake_url": "s3://a b"}, "lake_url"),
        ({"lake_url": "s3://gov-data/../x?y"}, "lake_url"), ({"lake_endpoint": ""}, "lake_endpoint"),
        ({"lake_endpoint": "s3.example"}, "lake_endpoint"), ({"lake_links": "ftp://x"}, "lake_links"), ({"lake_access": ""}, "lake_access"),
    ],
)  # fmt: skip
def test_what_does_not_read_is_named(changed, named):
    with pytest.raises(Malformed) as told:
        lake.bucket(replace(THERE, **changed))
    assert list(told.value.fields) == [named]
    assert "s3cret" not in str(told.value)


def test_a_bucket_without_a_secret_is_refused_at_the_start(monkeypatch):
    monkeypatch.delenv("DATONG_LAKE_SECRET")
    with pytest.raises(Malformed, match="DATONG_LAKE_SECRET"):
        lake.bucket(THERE)


def test_what_is_written_reads_the_same(tmp_path):
    folder = NodeFolder(tmp_path)
    folder.write(THERE)
    assert folder.read() == THERE
    assert lake.room(THERE) == 50 << 30
    assert "s3cret" not in folder.file.read_text()
