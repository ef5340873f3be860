# SPDX-License-Identifier: Apache-2.0
"""Workbooks of entries as they really come: merged heads and cells, 1904 dates, wrong names, encrypted, bombs, damage."""

import io
import zipfile
from datetime import date, time

import pytest
from django.conf import settings
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from datong.contexts.catalog import usecases
from datong.contexts.catalog.models import ImportJob, ImportRow, Version
from datong.kernel.errors import Malformed
from factories.books import ENTRY_HEAD, ITEM_HEAD, a_book, entries_book, imported, queued, saved
from factories.catalog import a_compiler

pytestmark = pytest.mark.django_db
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@pytest.fixture
def compiler():
    usecases.seed_classes()
    return a_compiler()


def entry(name, abstract="摘要"):
    return (name, "307001", abstract, "无条件共享", "每日")


def names():
    return list(Version.objects.order_by("pk").values_list("name", flat=True))


def test_heads_merged_across_and_downwards_are_read(compiler):
    top = ("信息资源名称", "分类代码", "基本属性", None, "共享", None)
    below = (None, None, "信息资源摘要", "更新周期", "共享类型", None)
    rows = [("××市政务信息资源目录",), top, below, ("甲", "307001", "摘要甲", "每日", "无条件共享", None)]
    book = a_book({"目录": rows})
    sheet = book["目录"]
    for area in ("A1:F1", "A2:A3", "B2:B3", "C2:D2", "E2:F2"):
        sheet.merge_cells(area)
    job = imported(book, by=compiler)
    assert (job.stage, job.imported, job.refused) == ("finished", 1, 0)
    made = Version.objects.get()
    said = (made.name, made.abstract, made.update_cycle, made.sharing_type)
    assert said == ("甲", "摘要甲", "daily", "unconditional")
    assert made.resource.code.startswith("307001/")


def test_cells_merged_over_two_entries_fault_the_second_by_its_row(compiler):
    book = entries_book([entry("甲"), entry(None, "乙的摘要"), entry("丙")])
    book["目录"].merge_cells("A2:A3")
    job = imported(book, by=compiler)
    assert (job.imported, job.refused, names()) == (2, 1, ["甲", "丙"])
    wrong = ImportRow.objects.get(state="refused")
    assert wrong.line == 3 and "name" in wrong.faults


def test_an_item_of_a_merged_name_is_told_and_never_given_to_another_entry(compiler):
    items = [("甲", "代码", "code", "C", 12, "是"), (None, "名称", "title", "C", 90, "")]
    book = a_book({"目录": [ENTRY_HEAD, entry("甲"), entry("乙")], "项": [ITEM_HEAD, *items]})
    book["项"].merge_cells("A2:A3")
    job = imported(book, by=compiler)
    first, second = Version.objects.order_by("pk")
    assert second.items.count() == 0
    assert first.items.count() + len(job.orphans) == 2


def test_codes_clock_times_and_weekdays_stay_what_they_were(compiler):
    typed = ["0123456", "00:10", "星期一", "1e5", "007.10"]
    job = imported(entries_book([entry(f"目录{n}", text) for n, text in enumerate(typed)]), by=compiler)
    assert job.imported == 5
    assert list(Version.objects.order_by("pk").values_list("abstract", flat=True)) == typed


def test_numbers_dates_and_times_read_as_excel_shows_them_and_1904_is_heeded(compiler):
    book = entries_book([entry("数", 110000), entry("日", date(2026, 1, 5)), entry("时", time(0, 10))])
    book.epoch = CALENDAR_MAC_1904
    assert imported(saved(book), by=compiler).imported == 3
    shown = ["110000", "2026-01-05", "00:10:00"]
    assert list(Version.objects.order_by("pk").values_list("abstract", flat=True)) == shown


def test_formulas_and_errors_fault_their_row_alone(compiler):
    book = entries_book([entry("甲"), entry("乙", "=A2&A3"), entry("丙", "#N/A"), entry("丁")])
    book["目录"]["C4"].data_type = "e"
    job = imported(book, by=compiler)
    assert (job.imported, job.refused, names()) == (2, 2, ["甲", "丁"])
    told = {row.line: row.faults["abstract"] for row in ImportRow.objects.filter(state="refused")}
    assert "公式" in told[3] and "错误" in told[4]


def a_bomb():
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as parcel:
        parcel.writestr("xl/workbook.xml", "<workbook/>")
        parcel.writestr("xl/worksheets/sheet1.xml", b"\0" * (64 << 20))
    return held.getvalue()


def an_encrypted_zip():
    content = bytearray(saved(entries_book([entry("甲")])))
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


HOSTILE = {
    "an old .xls called .xlsx": (OLE + bytes(600), "目录.xlsx"),
    "a CSV called .xlsx": (b"a,b\n1,2\n", "目录.xlsx"),
    "a picture called .xlsx": (b"\x89PNG\r\n\x1a\n" + bytes(64), "目录.xlsx"),
    "a book called .xls": (saved(entries_book([entry("甲")])), "目录.xls"),
    "a book called .csv": (saved(entries_book([entry("甲")])), "目录.csv"),
    "another zip": (b"PK\x05\x06" + bytes(18), "目录.xlsx"),
    "encrypted by Excel": (OLE + "EncryptedPackage".encode("utf-16-le"), "目录.xlsx"),
    "an encrypted zip": (an_encrypted_zip(), "目录.xlsx"),
    "a bomb": (a_bomb, "目录.xlsx"),
    "nothing": (b"", "目录.xlsx"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_what_is_no_honest_workbook_is_refused_at_once_with_a_sentence_and_not_kept(compiler, case):
    content, name = HOSTILE[case]
    content = content() if callable(content) else content
    before = sorted(settings.NODE_FOLDER.uploads.rglob("*.xls*"))
    with pytest.raises(Malformed) as refused:
        queued(content, by=compiler, name=name)
    assert refused.value.message and refused.value.fields
    assert not ImportJob.objects.exists()
    assert sorted(settings.NODE_FOLDER.uploads.rglob("*.xls*")) == before


def test_damage_anywhere_ends_in_a_sentence(compiler):
    whole = saved(entries_book([entry("甲"), entry("乙")]))
    for place in range(30, len(whole), 601):
        hurt = bytearray(whole)
        hurt[place] ^= 0xFF
        try:
            job = queued(bytes(hurt), by=compiler)
        except Malformed as fault:
            assert fault.message
            continue
        done = usecases.run_import(job.pk)
        assert done.stage == "finished" or done.error, place
