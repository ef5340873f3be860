# SPDX-License-Identifier: Apache-2.0
"""合成数据: repeatable, valid where it claims to be, spoilt where it says so, and nobody's."""

import csv
import io
from datetime import date
from pathlib import Path

import pytest

from datong.config.demo import synthetic, words
from datong.config.demo.synthetic import (
    BAD_KINDS,
    ENTERPRISE_COLUMNS,
    MARK,
    PERSON_COLUMNS,
    enterprises,
    persons,
    places,
    read_alike,
    write_enterprises,
    write_persons,
)
from datong.kernel.identifiers import check_region, check_resident_id, check_uscc

FIRMS = list(enterprises(800))
PEOPLE = list(persons(800))
EXAMPLES = Path(__file__).parents[4] / "examples" / "data"


def test_the_same_seed_gives_the_same_bytes(tmp_path):
    one, two = (write_enterprises(tmp_path / name, 200).path.read_bytes() for name in "ab")
    assert one == two
    assert one != write_enterprises(tmp_path / "c", 200, seed=1).path.read_bytes()
    assert write_persons(tmp_path / "d", 50).path.read_bytes() == write_persons(tmp_path / "e", 50).path.read_bytes()


def test_a_longer_run_begins_like_a_shorter():
    assert list(enterprises(50)) == FIRMS[:50]
    assert list(persons(50)) == PEOPLE[:50]


def test_every_row_says_what_it_is():
    assert {row["origin"] for row in [*FIRMS, *PEOPLE]} == {MARK}


def test_keys_check_and_are_unique():
    assert len({check_uscc(row["uscc"]) for row in FIRMS}) == len(FIRMS)
    assert len({check_resident_id(row["resident_id"]) for row in PEOPLE}) == len(PEOPLE)
    assert all(check_region(row["region"]) for row in [*FIRMS, *PEOPLE])


def test_a_record_can_be_nobodys():
    """County 99 has never been given, and no mobile number begins with 10."""
    assert not [code for code, _, _ in places("") if code.endswith("99")]
    assert {row["uscc"][6:8] for row in FIRMS} == {"99"}
    assert {row["resident_id"][4:6] for row in PEOPLE if row["resident_id"][0] != "8"} == {"99"}
    assert {row["phone"][:2] for row in PEOPLE} == {"10"}
    assert {len(row["phone"]) for row in PEOPLE} == {11}


def test_a_few_residents_are_of_81_82_and_83():
    abroad = [row for row in PEOPLE if row["resident_id"][:2] in {"81", "82", "83"}]
    assert len(abroad) == 8
    assert all(row["region"] == row["resident_id"][:6] for row in abroad)


def test_id_birth_and_sex_agree():
    for row in PEOPLE:
        assert row["resident_id"][6:14] == date.fromisoformat(row["birth"]).strftime("%Y%m%d")
        assert row["sex"] == "女男"[int(row["resident_id"][16]) % 2]


def test_some_names_are_dirty_and_some_need_gb18030():
    names = [row["name"] for row in FIRMS]
    assert any("\u3000" in name for name in names)
    rare = [row["legal_representative"] for row in FIRMS if set(row["legal_representative"]) & set(words.RARE_GIVEN)]
    with pytest.raises(UnicodeEncodeError):
        "".join(rare).encode("gbk")


def test_look_alikes_may_come_from_the_shipped_list():
    alike = read_alike(EXAMPLES / "divisions-quhua" / "form_similar_v1.json")
    assert len(alike) > 1000
    assert all(one != other for one, other in alike.items())
    with_list, without = list(enterprises(500, alike=alike)), list(enterprises(500, alike={}))
    assert 0 < sum(one["name"] != two["name"] for one, two in zip(with_list, without, strict=True)) < 30


def test_the_enterprise_file_has_newlines_in_quotes_and_bad_rows_where_it_says(tmp_path):
    made = write_enterprises(tmp_path / "enterprises.csv", 300, bad=10)
    data = made.path.read_bytes()
    with pytest.raises(UnicodeDecodeError):
        data.decode("utf-8")
    text = data.decode("gb18030")
    reader = csv.reader(io.StringIO(text, newline=""))
    assert next(reader) == list(ENTERPRISE_COLUMNS.values())
    rows, line = {}, 2
    for cells in reader:
        rows[line] = cells
        line = reader.line_num + 1
    assert len(rows) == 310
    assert any("\n" in cells[-3] for cells in rows.values())
    assert sorted({spoilt.kind for spoilt in made.bad}) == sorted(BAD_KINDS)
    assert len(made.bad) == 10
    seen = {
        "bad_date": lambda cells: cells[4] == "2019-02-30",
        "bad_number": lambda cells: cells[3] == "壹佰万元",
        "missing_key": lambda cells: cells[0] == "",
        "overlong_key": lambda cells: len(cells[0]) == 20,
        "ragged": lambda cells: len(cells) == 4,
    }
    for spoilt in made.bad:
        assert seen[spoilt.kind](rows.pop(spoilt.line))
    assert made.good == 300
    assert made.keys == tuple(cells[0] for cells in rows.values())
    assert all(len(cells) == len(ENTERPRISE_COLUMNS) and check_uscc(cells[0]) for cells in rows.values())


def test_a_file_may_be_clean(tmp_path):
    assert write_enterprises(tmp_path / "clean.csv", 20, bad=0).bad == ()


def test_the_person_file_is_utf8_and_whole(tmp_path):
    made = write_persons(tmp_path / "persons.csv", 120)
    rows = list(csv.reader(io.StringIO(made.path.read_text("utf-8"), newline="")))
    assert rows[0] == list(PERSON_COLUMNS.values())
    assert made.keys == tuple(cells[0] for cells in rows[1:])
    assert (made.good, made.bad) == (120, ())


@pytest.mark.parametrize(("prefix", "count"), [("33", 90), ("11", 16)])
def test_places_are_the_counties_of_a_province(prefix, count):
    found = places(prefix)
    assert len(found) == count
    assert all(code.startswith(prefix) and city and county for code, city, county in found)


def test_a_key_already_drawn_is_drawn_anew(monkeypatch):
    drawn = iter(["one", "one", "one", "two"])
    monkeypatch.setattr(synthetic, "_uscc", lambda *_: next(drawn))
    assert [row["uscc"] for row in enterprises(2)] == ["one", "two"]


def test_unknown_places_make_nothing():
    assert places("00") == []
    with pytest.raises(IndexError):
        next(enterprises(1, prefix="00"))
