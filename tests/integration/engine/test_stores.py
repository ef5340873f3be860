# SPDX-License-Identifier: Apache-2.0
"""Files of a real object store and a real file server: listed, fetched, gone on with, written whole, refused."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import httpx
import pytest

from datong.crypto import s3_signing
from datong.engine import face as engine
from datong.engine.backends.remote import s3, sftp, spill, web
from datong.engine.base import Column, Schema
from datong.engine.errors import SourceUnreadable
from datong.kernel.sharing import ItemType
from factories import stores

ROWS = "编号,姓名\n1,赵一\n2,钱二\n"
SCHEMA = Schema((Column("id", ItemType.I, key=True), Column("name", ItemType.C, 40)))
COLUMNS = {"id": "编号", "name": "姓名"}


@pytest.fixture(scope="module")
def bucket():
    with stores.a_bucket() as found:
        yield found


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with stores.a_file_server(tmp_path_factory.mktemp("sftp")) as found:
        yield found


@pytest.fixture(params=["s3", "sftp"])
def store(request, bucket, server):
    return bucket.store("交换 dir") if request.param == "s3" else server.store()


@pytest.fixture
def file(tmp_path):
    made = tmp_path / "人口.csv"
    made.write_text(ROWS, "utf-8")
    return made


def test_a_file_goes_there_whole_and_comes_back_as_rows(store, file, tmp_path):
    store.put(file, "sub/人口 a+b.csv")
    assert [one.name for one in store.entries("sub/人")] == ["sub/人口 a+b.csv"]
    assert store.stat("sub/人口 a+b.csv").size == len(ROWS.encode())
    source = engine.RemoteFile(store, "sub/人口 a+b.csv", tmp_path / "spill")
    assert source.inspect().columns == ("编号", "姓名")
    landed = engine.land(source, SCHEMA, COLUMNS, tmp_path / "lake", batch="1")
    assert (landed.rows_good, landed.rows_bad) == (2, 0)
    store.remove("sub/人口 a+b.csv")
    store.remove("sub/人口 a+b.csv")
    assert store.stat("sub/人口 a+b.csv") is None
    with pytest.raises(SourceUnreadable, match="没有这个文件"):
        source.inspect()


def test_what_was_fetched_is_not_fetched_again(store, file, tmp_path, monkeypatch):
    store.put(file, "rest.csv")
    entry = store.stat("rest.csv")
    part = tmp_path / "part"
    part.write_bytes(ROWS.encode()[:10])
    store.fetch(entry, part)
    assert part.read_text("utf-8") == ROWS
    whole = spill.fetched(store, entry, tmp_path / "spill")
    monkeypatch.setattr(type(store), "fetch", lambda *_: pytest.fail("fetched again"))
    assert spill.fetched(store, entry, tmp_path / "spill") == whole


def test_another_version_is_another_file(store, file, tmp_path):
    store.put(file, "moving.csv")
    before = store.stat("moving.csv")
    file.write_text(ROWS + "3,孙三\n", "utf-8")
    store.put(file, "moving.csv")
    with pytest.raises(SourceUnreadable, match="变了"):
        spill.fetched(store, before, tmp_path / "spill")
    assert spill.fetched(store, store.stat("moving.csv"), tmp_path / "spill").read_text("utf-8").endswith("孙三\n")


def test_a_file_beyond_the_bound_is_not_fetched(store, file, tmp_path):
    store.put(file, "large.csv")
    source = engine.RemoteFile(store, "large.csv", tmp_path / "spill", most=5)
    with pytest.raises(SourceUnreadable, match="文件超过"):
        source.inspect()


def test_a_trial_says_what_it_found(store, file):
    store.put(file, "there.csv")
    seen = engine.try_store(store)
    assert seen.passed and "已登录" in seen.words
    assert not seen.fingerprint or seen.fingerprint.startswith("SHA256:")


def test_a_wrong_secret_is_refused_and_never_said(bucket, server, monkeypatch):
    monkeypatch.setattr(web, "PAUSES", ())
    for store in (bucket.store(secret="wrong-Pass-77"), server.store(secret="wrong-Pass-77")):
        with pytest.raises(SourceUnreadable, match="拒绝了账号") as told:
            store.probe()
        assert "wrong-Pass-77" not in f"{told.value} {told.value.fields} {store!r}"


def test_large_objects_are_written_in_parts_and_taken_back_when_it_breaks(bucket, tmp_path, monkeypatch):
    monkeypatch.setattr(s3, "PART", 5 * 2**20)
    store, large = bucket.store(), tmp_path / "large.parquet"
    large.write_bytes(bytes(range(256)) * 44_000)
    store.put(large, "large.parquet")
    assert store.stat("large.parquet").size == large.stat().st_size
    copy = tmp_path / "copy"
    store.fetch(store.stat("large.parquet"), copy)
    assert copy.read_bytes() == large.read_bytes()
    monkeypatch.setattr(s3.S3Store, "_join", lambda *_: (_ for _ in ()).throw(SourceUnreadable("broke off")))
    with pytest.raises(SourceUnreadable, match="broke off"):
        store.put(large, "half.parquet")
    assert store.stat("half.parquet") is None


def test_a_link_lets_anybody_read_one_object_until_it_ends(bucket, file):
    store = bucket.store()
    store.put(file, "open/人口 a.csv")
    link = store.link("open/人口 a.csv", 60)
    assert stores.SECRET not in link
    with httpx.Client(trust_env=False) as anybody:
        assert anybody.get(link).text == ROWS
        assert anybody.get(link.replace("X-Amz-Expires=60", "X-Amz-Expires=600")).status_code == 403
        assert anybody.get(re.sub("open/[^?]*", "open/other.csv", link)).status_code == 403
        past = s3_signing.presigned(store._credential(), "GET", f"{store._bucket()}/open/a.csv", 5, datetime(2026, 1, 1, tzinfo=UTC))
        assert anybody.get(past).status_code == 403


def test_many_objects_are_listed_page_by_page(bucket, file, monkeypatch):
    store = bucket.store("many")
    for number in range(5):
        store.put(file, f"{number}.csv")
    asked = s3.S3Store._asked

    def two_at_a_time(self, client, method, key, *more, query=None, **others):
        query = {**query, "max-keys": "2"} if query and "list-type" in query else query
        return asked(self, client, method, key, *more, query=query, **others)

    monkeypatch.setattr(s3.S3Store, "_asked", two_at_a_time)
    assert [one.name for one in store.entries()] == [f"{number}.csv" for number in range(5)]


def test_a_key_signs_in_and_another_host_key_does_not(server):
    assert server.store(secret=server.account_key).probe().fingerprint == server.fingerprint
    with pytest.raises(SourceUnreadable, match="主机指纹") as told:
        server.store(fingerprint="SHA256:" + "A" * 43).probe()
    assert stores.PASSWORD not in str(told.value.fields)
    with pytest.raises(SourceUnreadable, match="私钥读不懂"):
        server.store(secret="-----BEGIN OPENSSH PRIVATE KEY-----\nxx\n-----END OPENSSH PRIVATE KEY-----").probe()


def test_a_write_that_breaks_off_leaves_nothing_under_the_name(server, file, monkeypatch):
    async def broken(*_):
        raise OSError("broke off")

    monkeypatch.setattr(sftp, "_rename", broken)
    with pytest.raises(SourceUnreadable):
        server.store().put(file, "broken.csv")
    assert not [one for one in server.root.iterdir() if one.name.startswith("broken")]


def test_inner_networks_are_reached_only_when_they_are_allowed(bucket, server):
    for store in (bucket.store(inside=()), server.store(inside=())):
        with pytest.raises(SourceUnreadable, match="内网"):
            store.probe()
