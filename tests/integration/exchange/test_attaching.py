# SPDX-License-Identifier: Apache-2.0
"""挂接: every kind of file, who may, what is told when it does not fit, and that nothing half-written stays."""

from __future__ import annotations

import errno
import io
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.conf import settings
from procrastinate.contrib.django.models import ProcrastinateJob

from datong.contexts.audit.models import Act
from datong.contexts.catalog.domain import Stage
from datong.contexts.exchange import usecases
from datong.contexts.exchange.models import Batch, Source
from datong.engine.backends.index import ServingIndex
from datong.kernel.actors import Role
from datong.kernel.errors import Malformed, Refused, Unavailable, Unknown
from factories.catalog import PROVIDER, a_compiler, a_draft, a_provider_head, a_resource, an_authority, someone
from factories.exchange import (
    HEADER,
    ROWS,
    a_batch,
    a_csv_text,
    a_landed_batch,
    a_shared_resource,
    an_offer,
    index_of,
    items,
)
from factories.sheets import rows_of

pytestmark = pytest.mark.django_db
TRAINS = Path(__file__).parents[3] / "examples/data/trains/train_timetable_20160310.xlsx"


def lake(batch):
    return settings.NODE_FOLDER.lake / batch.source.resource_id.replace("/", "-")


def served(batch):
    with ServingIndex(index_of(batch)) as index:
        return index._connection.execute("select * from records order by 1").fetchall()


def parquet():
    out = io.BytesIO()
    pq.write_table(pa.table(dict(zip(HEADER, zip(*ROWS, strict=True), strict=True))), out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (a_csv_text().encode(), "区划.csv"),
        (a_csv_text().encode("gb18030"), "区划.txt"),
        (a_csv_text().encode("utf-8-sig"), "区划.CSV"),
        (a_csv_text().encode("utf-16"), "区划.csv"),
        (a_csv_text().replace(",", "\t").encode(), "区划.txt"),
        (parquet(), "区划.parquet"),
    ],
    ids=["utf-8", "gb18030", "bom", "utf-16", "tabs", "parquet"],
)
def test_every_kind_of_file_lands_and_serves(content, name):
    batch = a_landed_batch(offer=an_offer(content, name))
    assert (batch.stage, batch.rows_good, batch.rows_bad, batch.error) == ("landed", 3, 0, "")
    assert served(batch) == list(ROWS)
    assert [row["code"] for row in rows_of(lake(batch))] == [row[0] for row in ROWS]


def test_quoted_newlines_and_leading_zeros_stay():
    rows = [("010000000000", "两\r\n行", "逗,号"), ("020000000000", '引"号', "")]
    batch = a_landed_batch(offer=an_offer(a_csv_text(rows)))
    assert served(batch) == [("010000000000", "两\r\n行", "逗,号"), ("020000000000", '引"号', None)]


def test_the_real_timetable_lands_from_its_sheet():
    fields = items(("code", "车次", "C"), ("kind", "类型", "C"))
    draft = a_draft(
        name="列车车次", sharing_type="unconditional", sharing_scope="", sharing_use=(), items=fields, level="general_1",
        withheld_basis_rank="", withheld_basis="", withheld_reason="",
    )  # fmt: skip
    with pytest.raises(Malformed) as caught:
        a_batch(a_shared_resource(draft), an_offer(TRAINS.read_bytes(), "列车.xlsx", options={"sheet": "没有"}))
    assert "车次" in caught.value.fields["sheet"]
    resource = a_shared_resource(draft)
    by = a_compiler()
    seen = usecases.inspect_upload(resource.resource.code, an_offer(TRAINS.read_bytes(), "列车.xlsx", options={"sheet": "车次"}), by=by)
    assert "车次" in seen["sheets"]
    mapping = {"code": seen["columns"][0], "kind": seen["columns"][1]}
    batch = a_landed_batch(resource, an_offer(TRAINS.read_bytes(), "列车.xlsx", options={"sheet": "车次"}, mapping=mapping))
    assert batch.stage == "landed" and batch.rows_good > 3000, batch.error


def test_bad_rows_are_set_aside_and_repeated_keys_among_them():
    rows = [*ROWS, ("330100000000", "又一个杭州", ""), ("", "没有代码", ""), ("9" * 13, "太长", "")]
    batch = a_landed_batch(offer=an_offer(a_csv_text(rows)))
    assert (batch.rows_good, batch.rows_bad, batch.rows_read) == (3, 3, 6)
    aside = usecases.quarantine(batch.pk, by=a_compiler())
    assert [(row["line"], row["code"]) for row in aside] == [(5, "repeated"), (6, "missing"), (7, "too_long")]
    with pytest.raises(Unknown):
        usecases.quarantine(batch.pk, by=a_compiler("别的部门"))


def test_a_file_without_one_sound_row_fails_with_its_reasons():
    batch = a_landed_batch(offer=an_offer(a_csv_text([("9" * 13, "太长", "")])))
    assert batch.stage == "failed" and batch.error.startswith("没有一行合格 (none of 1 rows is sound) code: ")
    assert usecases.quarantine(batch.pk, by=a_compiler())[0]["code"] == "too_long"


def test_what_was_attached_is_an_act_a_job_and_a_batch():
    batch = a_batch()
    tags = list(Act.objects.filter(subject=batch.source.resource_id).order_by("-seq").values_list("tag", flat=True)[:2])
    assert tags == ["exchange.batch.queued", "exchange.source.attached"]
    job = ProcrastinateJob.objects.get(task_name="exchange.land", args={"batch": batch.pk})
    assert job.lock == f"exchange.land {batch.source.resource_id}"


def test_every_column_that_is_missing_is_named_at_once(uploads):
    resource = a_shared_resource()
    offer = an_offer(a_csv_text(header=("甲", "乙", "丙")), mapping={"title": "没有这列", "nosuch": "甲"})
    with pytest.raises(Malformed) as caught:
        usecases.attach(resource.resource.code, offer, by=a_compiler())
    assert set(caught.value.fields) == {"code", "title", "police_note", "nosuch"}
    assert "没有这列" in caught.value.fields["title"] and caught.value.remedy
    assert uploads() == [] and not Batch.objects.exists() and not Source.objects.exists()


def test_columns_are_found_by_name_by_field_or_as_told():
    offer = an_offer(a_csv_text(header=("code", " 区划名称 ", "备注")), mapping={"police_note": "备注"})
    assert a_batch(offer=offer).source.mapping == {"code": "code", "title": "区划名称", "police_note": "备注"}


def test_an_item_withheld_by_law_never_enters_the_exchange():
    columns = ("公民身份号码", "姓名", "行政区划代码", "登记日期", "案件备注")
    row = ("11010519491231002X", "王五", "330106", "2020-01-05", "线人")
    batch = a_landed_batch(a_resource(a_draft(name="人口甲")), an_offer(a_csv_text([row], columns)))
    assert batch.stage == "landed", batch.error
    assert "case_note" not in batch.source.mapping
    assert "线人" not in str(rows_of(lake(batch))) + str(served(batch))
    with pytest.raises(Malformed) as caught:
        a_batch(a_resource(a_draft(name="人口乙")), an_offer(a_csv_text([row], columns), mapping={"case_note": "案件备注"}))
    assert list(caught.value.fields) == ["case_note"]


def test_a_resource_withheld_as_a_whole_takes_no_data(uploads):
    withheld = a_resource(a_draft(name="侦查信息", sharing_type="withheld", sharing_methods=()))
    with pytest.raises(Refused) as caught:
        usecases.attach(withheld.resource.code, an_offer(), by=a_compiler())
    assert "第十四条" in caught.value.rule
    assert uploads() == []


@pytest.mark.parametrize(
    "by",
    [
        lambda: a_compiler("别的部门"), a_provider_head, an_authority, lambda: someone(Role.APPLICANT, PROVIDER),
        lambda: someone(Role.AUDITOR, PROVIDER), lambda: someone(Role.SECURITY, PROVIDER),
    ],
    ids=["another department", "head", "authority", "applicant", "auditor", "security"],
)  # fmt: skip
@pytest.mark.parametrize("verb", [usecases.attach, usecases.inspect_upload])
def test_only_the_providers_compiler_attaches(verb, by, uploads):
    resource = a_shared_resource()
    with pytest.raises(Refused) as caught:
        verb(resource.resource.code, an_offer(), by=by())
    assert caught.value.rule and caught.value.remedy
    assert uploads() == []


@pytest.mark.parametrize("stage", [Stage.DRAFT, Stage.CONSENTED, Stage.WITHDRAWN])
def test_only_a_published_resource_takes_data(stage):
    resource = a_resource(stage=stage)
    with pytest.raises(Unknown):
        usecases.attach(resource.resource.code or "307001/999", an_offer(), by=a_compiler())


def a_bomb():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as parcel:
        parcel.writestr("[Content_Types].xml", "<x/>")
        parcel.writestr("xl/workbook.xml", "<x/>")
        parcel.writestr("xl/worksheets/sheet1.xml", b"0" * 300_000_000)
    return out.getvalue()


HOSTILE = {
    "empty": (b"", "a.csv"),
    "only a header": (b"", "a.xlsx"),
    "a workbook that is none": (b"not a zip", "a.xlsx"),
    "a workbook called csv": (b"PK\x03\x04", "a.csv"),
    "parquet that is none": (b"PAR1", "a.parquet"),
    "no ending": (b"x", "a"),
    "a program": (b"x", "a.exe"),
    "a way out": (a_csv_text().encode(), "../../etc/passwd"),
    "bytes of no encoding": (b"\xff\xfe\xff\x81\x00,\x9f" * 99, "a.csv"),
    "a zip bomb": (a_bomb, "a.xlsx"),
    "half a workbook": (TRAINS.read_bytes()[:100_000], "a.xlsx"),
    "a name that cannot be shown": (a_csv_text().encode(), "a\u202e\x00.csv"),
}


@pytest.mark.parametrize(("content", "name"), HOSTILE.values(), ids=HOSTILE)
def test_hostile_files_are_refused_and_leave_nothing(content, name, uploads):
    resource = a_shared_resource()
    content = content() if callable(content) else content
    for verb in (usecases.attach, usecases.inspect_upload):
        with pytest.raises(Malformed) as caught:
            verb(resource.resource.code, an_offer(content, name), by=a_compiler())
        assert caught.value.fields
    assert uploads() == [] and not Batch.objects.exists()


@pytest.mark.parametrize(
    "options",
    [{"encoding": "\0"}, {"encoding": "rot13"}, {"encoding": "x" * 300}, {"sheet": "\ud800"}, {"delimiter": "\0"}, {"delimiter": "\n"}],
)
def test_hostile_options_are_refused(options, uploads):
    resource = a_shared_resource()
    with pytest.raises(Malformed) as caught:
        usecases.attach(resource.resource.code, an_offer(options=options), by=a_compiler())
    assert caught.value.fields and uploads() == []


@pytest.mark.parametrize("name", ["'; drop table x; --.csv", "<script>alert(1)</script>.csv", "..\\..\\x.csv", "名" * 300 + ".csv", "-rf.csv"])
def test_the_name_of_a_kept_file_is_ours(name, uploads):
    batch = a_batch(offer=an_offer(name=name))
    assert batch.source.name == name[:200]
    stem, suffix = Path(batch.source.stored).name.split(".")
    assert len(stem) == 32 and suffix == "csv" and uploads() == [batch.source.stored]


def test_a_full_disk_is_told_and_leaves_nothing(monkeypatch, uploads):
    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("datong.contexts.exchange.usecases.holding.os.fsync", full)
    with pytest.raises(Unavailable) as caught:
        a_batch()
    assert "No space" in caught.value.message and caught.value.remedy
    assert uploads() == [] and not Source.objects.exists()


def test_a_sender_that_breaks_off_leaves_nothing(uploads):
    def pieces():
        yield b"code"
        raise ConnectionResetError

    resource = a_shared_resource()
    with pytest.raises((ConnectionResetError, Unavailable)):
        usecases.attach(resource.resource.code, usecases.Offer("a.csv", pieces()), by=a_compiler())
    assert uploads() == []


def test_too_much_is_refused_while_it_comes(monkeypatch, uploads):
    monkeypatch.setattr("datong.contexts.exchange.usecases.holding.LARGEST_UPLOAD", 10)
    with pytest.raises(Malformed) as caught:
        a_batch()
    assert "2 GiB" in caught.value.fields["file"] and uploads() == []


def test_a_look_is_taken_in_a_process_of_its_own_that_may_not_last(a_process, monkeypatch, uploads):
    resource = a_shared_resource()
    seen = usecases.inspect_upload(resource.resource.code, an_offer(), by=a_compiler())
    assert seen["columns"] == list(HEADER) and seen["proposed"]["code"] == "区划代码" and len(seen["rows"]) == 3
    monkeypatch.setattr("datong.contexts.exchange.usecases.sources.LONGEST_LOOK", 0.01)
    with pytest.raises(Malformed):
        usecases.inspect_upload(resource.resource.code, an_offer(), by=a_compiler())
    assert uploads() == []
