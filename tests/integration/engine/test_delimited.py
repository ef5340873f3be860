# SPDX-License-Identifier: Apache-2.0
"""Delimited text: encodings, physical lines, stray quotes, bounds."""

import pytest

from datong.engine.backends.sources.delimited import CsvSource
from datong.engine.base import Limits
from datong.engine.errors import SourceUnreadable
from datong.kernel.errors import DatongError
from factories.sheets import a_csv

TEXT = "编码,名称\n0012,浙江省\n0034,丽水市\n"


def read(source):
    """All rows by line, and all faults by line."""
    seen = source.inspect()
    rows, faults = {}, {}
    for block in source.blocks(seen):
        rows |= dict(zip(block.lines, zip(*block.columns, strict=True), strict=True))
        faults |= {fault.line: (fault.code, fault.raw) for fault in block.faults}
    return rows, faults


@pytest.mark.parametrize(
    ("encoding", "found"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("gb18030", "gb18030"), ("utf-16", "utf-16"), ("utf-32", "utf-32")],
)
def test_encodings_are_found(tmp_path, encoding, found):
    source = a_csv(tmp_path, TEXT, encoding)
    seen = source.inspect()
    assert (seen.encoding, seen.columns) == (found, ("编码", "名称"))
    assert read(source) == ({2: ("0012", "浙江省"), 3: ("0034", "丽水市")}, {})


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_unmarked_utf_16_shows_by_its_zeros(tmp_path, encoding):
    assert a_csv(tmp_path, "code,name\n1,abc\n", encoding).inspect().encoding == encoding


def test_a_declared_encoding_is_believed_and_checked(tmp_path):
    source = a_csv(tmp_path, TEXT, "gb18030")
    assert CsvSource(source.path, encoding="GB18030").inspect().columns == ("编码", "名称")
    with pytest.raises(SourceUnreadable, match="not utf-8"):
        CsvSource(source.path, encoding="utf-8").inspect()


@pytest.mark.parametrize("encoding", ["base64", "rot13", "unicode_escape", "utf-7", "", "no such"])
def test_other_codecs_of_python_are_no_encodings(tmp_path, encoding):
    with pytest.raises(SourceUnreadable, match="not known"):
        CsvSource(a_csv(tmp_path, TEXT).path, encoding=encoding).inspect()


def test_four_byte_characters_of_gb18030_survive(tmp_path):
    rows, _ = read(a_csv(tmp_path, "字\n㐂𠮷\n镕堃\n", "gb18030"))
    assert rows == {2: ("㐂𠮷",), 3: ("镕堃",)}


def test_bytes_of_no_encoding_are_refused_with_a_remedy(tmp_path):
    with pytest.raises(SourceUnreadable) as caught:
        a_csv(tmp_path, b"a,b\n\xff\xff\xff\x80\xff,1\n").inspect()
    assert "encoding" in caught.value.fields
    assert caught.value.remedy


@pytest.mark.parametrize(("sign", "text"), [("\t", "a\tb\n1\t2\n"), (";", "a;b\n1,5;2\n"), ("|", 'a|"b,,,"\n1|2\n')])
def test_delimiters_are_read_off_the_header(tmp_path, sign, text):
    seen = a_csv(tmp_path, text).inspect()
    assert (seen.delimiter, len(seen.columns)) == (sign, 2)


@pytest.mark.parametrize("delimiter", ["", ",,", "\n", '"'])
def test_a_delimiter_is_one_sign(tmp_path, delimiter):
    with pytest.raises(SourceUnreadable):
        CsvSource(a_csv(tmp_path, TEXT).path, delimiter=delimiter).inspect()


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_are_physical_lines(tmp_path, end):
    text = end.join(["a,b", "1,x", '2,"two', 'lines"', "", "3,y", ""])
    rows, faults = read(a_csv(tmp_path, text))
    assert rows == {2: ("1", "x"), 3: ("2", f"two{end}lines"), 6: ("3", "y")}
    assert not faults


def test_ragged_rows_and_nul_bytes_are_faults_of_their_own_line(tmp_path):
    rows, faults = read(a_csv(tmp_path, 'a,b\n1,2\n3\n4,5,"6,7"\n8,\0\n9,10\n'))
    assert rows == {2: ("1", "2"), 6: ("9", "10")}
    assert faults == {3: ("ragged", "3"), 4: ("ragged", '4,5,"6,7"'), 5: ("nul", "8,\\0")}


@pytest.mark.parametrize("stray", ['2,"open', '2,"a"b', '2,"a" '])
def test_a_stray_quote_costs_one_line(tmp_path, stray):
    rows, faults = read(a_csv(tmp_path, f'a,b\n1,"x\ny"\n{stray}\n3,z\n4,w\n'))
    assert rows == {2: ("1", "x\ny"), 5: ("3", "z"), 6: ("4", "w")}
    assert faults == {4: ("bad_quotes", stray)}


def test_a_stray_quote_far_from_the_next_is_still_one_line(tmp_path):
    body = "".join(f"{n},v\n" for n in range(60_000))
    path = a_csv(tmp_path, f'a,b\nx,"open\n{body}').path
    rows, faults = read(CsvSource(path, limits=Limits(cell_chars=100_000)))
    assert len(rows) == 60_000
    assert list(faults) == [2]


def test_a_line_without_end_is_refused_before_memory_is_gone(tmp_path):
    source = CsvSource(a_csv(tmp_path, "a,b\n1,2\n" + "x" * 5000).path, limits=Limits(line_bytes=1000))
    with pytest.raises(SourceUnreadable, match="line 3 is longer"):
        read(source)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\n\n  \n", "empty"),
        (b"\xef\xbb\xbf", "no header"),
        (b",,\n1,2,3\n", "no header"),
        (b"PK\x03\x04 and more", "workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Excel"),
        (b",".join([b"x"] * 2001) + b"\n", "columns"),
    ],
)
def test_what_is_no_table_says_so(tmp_path, content, words):
    with pytest.raises(SourceUnreadable, match=words) as caught:
        a_csv(tmp_path, content).inspect()
    assert caught.value.fields


def test_unnamed_and_repeated_columns_get_names_of_their_own(tmp_path):
    seen = a_csv(tmp_path, "车次,出发时间, ,出发时间,#3\nG1,08:00,x,09:00,y\n").inspect()
    assert seen.columns == ("车次", "出发时间#1", "#3", "出发时间#2", "#3'")
    assert seen.duplicates == ("出发时间",)
    assert seen.rows == (("G1", "08:00", "x", "09:00", "y"),)


@pytest.mark.parametrize("noise", [bytes(range(256)) * 40, b"\x00" * 5000, b'"' * 3001, b'a,b\n"' + b"x\n" * 2000, "\u2028,\x85\n1,2".encode()])
def test_noise_is_read_or_refused_and_never_breaks(tmp_path, noise):
    source = a_csv(tmp_path, noise)
    try:
        read(source)
    except DatongError as error:
        assert error.fields
