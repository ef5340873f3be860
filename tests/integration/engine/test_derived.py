# SPDX-License-Identifier: Apache-2.0
"""Derived tables equal the kernel's masks over the rows the rules let out, and hold nothing else."""

from __future__ import annotations

import csv
from decimal import Decimal

import pytest
from deltalake import DeltaTable
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datong.crypto import ff1
from datong.engine import face as engine
from datong.engine.backends import derived as tables
from datong.engine.backends import manifests
from datong.engine.backends.index import ServingIndex
from datong.engine.errors import BackendFailed, ItemNotGranted
from datong.engine.plans import deriving, lookup
from datong.engine.plans.lookup import Access, RowRule
from datong.kernel import masks
from datong.kernel.errors import Malformed, Unknown
from datong.kernel.masks import Mask
from datong.kernel.sharing import ItemType as T

KEY = b"secret of a grant"
KINDS = {"证号": T.C, "姓名": T.C, "区划": T.C, "生日": T.D, "登记": T.T, "收入": T.N, "人数": T.I, "率": T.F, "在世": T.L}
SCHEMA = engine.Schema(tuple(engine.Column(name, kind, key=name == "证号") for name, kind in KINDS.items()))
MASKS = [
    Mask.parse(text)
    for text in ("none", "redact", "hash", "year", "partial:1:0", "partial:3:4", "partial:0:64", "null", "band:7", "format:digits", "format:resident_id")
]


def person(number):
    region = ("330106", "330203", "320102")[number % 3]
    return {
        "证号": f"{region}{number:012d}",
        "姓名": "" if number % 7 == 0 else f"欧阳'{number}🐎",
        "区划": region,
        "生日": f"19{number % 90 + 10}-0{number % 9 + 1}-1{number % 9}",
        "登记": f"2024-03-{number % 28 + 1:02d} 0{number % 9}:30:0{number % 9}",
        "收入": f"{number}.50",
        "人数": str(number - 20),
        "率": f"{number / 8}",
        "在世": "" if number % 5 == 0 else str(number % 2),
    }


@pytest.fixture(scope="module")
def landed(tmp_path_factory):
    """A lake table and its serving index, where look-ups see the same rows."""
    folder = tmp_path_factory.mktemp("数据 湖")
    with (folder / "人.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(KINDS))
        writer.writeheader()
        writer.writerows(person(number) for number in range(60))
    lake = folder / "lake" / "人"
    engine.land(engine.CsvSource(folder / "人.csv"), SCHEMA, {name: name for name in KINDS}, lake, batch="b1")
    engine.build_index(lake, SCHEMA, [], folder / "人.sqlite")
    return folder


def access(granted, rows=(), key=KEY):
    return Access(KINDS, ["证号"], [], {name: Mask.parse(str(mask)) for name, mask in granted.items()}, rows, key)


def read(folder):
    """Rows of a derived table as stored forms, by the Delta reader and not by what wrote them."""
    return [{name: plain(value) for name, value in row.items()} for row in DeltaTable(str(folder)).to_pyarrow_table().to_pylist()]


def plain(value):
    if isinstance(value, Decimal):
        return f"{value:f}".rstrip("0").rstrip(".")
    if hasattr(value, "tzinfo"):
        return value.isoformat().replace("+00:00", "Z")
    return value.isoformat() if hasattr(value, "isoformat") else value


def naive(landed, granted, rows):
    """Unmasked rows by the look-up under the same rules, then the kernel's masks one value at a time."""
    whole = access(dict.fromkeys(KINDS, "none"), rows)
    plan = lookup.compile_lookup(lookup.LookupRequest(whole, limit=1_000))
    with ServingIndex(landed / "人.sqlite") as index:
        found = plan.page(index.fetch(plan)).records
    return [
        {name: masks.apply(Mask.parse(str(granted[name])), row[name], key=KEY, kind=KINDS[name], permute=ff1.encrypt) for name in KINDS if name in granted}
        for row in found
    ]


RULES = st.lists(
    st.sampled_from(
        [
            RowRule("区划", "eq", ("330106",)),
            RowRule("区划", "in", ("330106", "320102")),
            RowRule("区划", "in", ()),
            RowRule("区划", "prefix", ("33",)),
            RowRule("姓名", "prefix", ("欧阳'1", "欧阳'2")),
            RowRule("生日", "from", ("1950-01-01",)),
            RowRule("登记", "until", ("2024-03-10",)),
            RowRule("登记", "from", ("2024-03-05",)),
            RowRule("人数", "in", ("1", "-3", "20")),
            RowRule("收入", "eq", ("7.5",)),
            RowRule("在世", "eq", ("true",)),
        ]
    ),
    max_size=3,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(list(KINDS)), st.sampled_from(MASKS), min_size=1), RULES)
def test_equals_the_reference(landed, granted, rows):
    made = tables.derive(landed / "lake" / "人", SCHEMA, access(granted, rows), landed / "derived")
    wanted = naive(landed, granted, rows)
    assert read(made) == wanted
    said = manifests.derived(made)
    assert said.rows == len(wanted)
    assert said.size == sum(one.size for one in said.files)


def test_what_is_not_granted_is_in_no_byte_of_it(landed):
    rows = [RowRule("区划", "eq", ("330106",))]
    made = tables.derive(landed / "lake" / "人", SCHEMA, access({"姓名": "redact", "人数": "none"}, rows), landed / "bytes")
    everything = b"".join(path.read_bytes() for path in made.rglob("*") if path.is_file())
    for hidden in ("欧阳", "证号", "区划", "330106", "320102", "_batch", "_source", "人.csv"):
        assert hidden.encode() not in everything
    assert b"minValues" not in everything


def test_equal_policies_share_a_table_and_others_do_not(landed):
    lake, folder = landed / "lake" / "人", landed / "shared"
    rows = [RowRule("区划", "in", ("330106", "320102")), RowRule("人数", "in", ("1",))]
    turned = [RowRule("人数", "in", ("1",)), RowRule("区划", "in", ("320102", "330106"))]
    first = tables.derive(lake, SCHEMA, access({"姓名": "partial:1:0", "区划": "none"}, rows), folder)
    mark = (first / manifests.MANIFEST).stat().st_mtime_ns
    again = tables.derive(lake, SCHEMA, access({"区划": "none", "姓名": "partial:1:0"}, turned, b"another grant"), folder)
    assert again == first
    assert (again / manifests.MANIFEST).stat().st_mtime_ns == mark
    others = [
        access({"姓名": "partial:2:0", "区划": "none"}, rows),
        access({"姓名": "partial:1:0"}, rows),
        access({"姓名": "partial:1:0", "区划": "none"}, rows[:1]),
    ]
    assert len({deriving.policy_digest(one, SCHEMA) for one in others} | {first.name.split("-")[1]}) == 4


def test_hash_masks_keep_the_tables_of_two_grants_apart():
    one, two = (deriving.policy_digest(access({"证号": "hash"}, key=key), SCHEMA) for key in (b"one", b"two"))
    assert one != two


def test_ids_of_files_stay_and_say_nothing(landed):
    made = [
        manifests.derived(tables.derive(landed / "lake" / "人", SCHEMA, access({"人数": "none"}), landed / "stable"))
        for _ in range(2)
    ]
    assert made[0] == made[1]
    assert all(len(one.id) == 32 and set(one.id) <= set("0123456789abcdef") for one in made[0].files)


def test_a_table_without_rows_is_a_table(landed):
    made = tables.derive(landed / "lake" / "人", SCHEMA, access({"人数": "none"}, [RowRule("区划", "in", ())]), landed / "none")
    assert read(made) == []
    assert '"人数"' in manifests.derived(made).schema


@pytest.mark.parametrize(
    ("granted", "rows", "why"),
    [({}, (), ItemNotGranted), ({"别的": "none"}, (), ItemNotGranted), ({"姓名": "none"}, (RowRule("姓名", "case"),), Malformed)],
)
def test_policies_no_table_is_made_of(landed, granted, rows, why):
    with pytest.raises(why):
        tables.derive(landed / "lake" / "人", SCHEMA, access(granted, rows), landed / "refused")
    assert not (landed / "refused").exists()


def test_nothing_landed_is_said(tmp_path):
    with pytest.raises(Unknown):
        tables.derive(tmp_path / "lake", SCHEMA, access({"人数": "none"}), tmp_path / "derived")


def test_a_failure_leaves_nothing_behind(landed, monkeypatch):
    folder = landed / "failing"
    monkeypatch.setattr(tables, "_logged", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(BackendFailed):
        tables.derive(landed / "lake" / "人", SCHEMA, access({"人数": "none"}), folder)
    assert list(folder.iterdir()) == []


def test_manifests_absent_and_damaged(tmp_path):
    assert manifests.derived(tmp_path) is None
    (tmp_path / manifests.MANIFEST).write_text("{", "utf-8")
    with pytest.raises(BackendFailed):
        manifests.derived(tmp_path)
