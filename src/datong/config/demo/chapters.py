# SPDX-License-Identifier: Apache-2.0
"""The first chapters: people, catalogue, data. Every step goes through the control plane's API as its officer.

Kept here: what the story knows of itself, and the steps until rows are served.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from datong.config.demo import entries, million, synthetic
from datong.config.demo.clients import Caller, Person
from datong.config.demo.telling import Step, sure
from datong.kernel.actors import Role

T = TypeVar("T")
R = TypeVar("R")
LONGEST_LANDING = 180
AT_ONCE = 3
HEAVY = ("visits", "villages")
SUBCLASSES = {
    "101101": "人口基本信息",
    "102101": "企业登记信息",
    "103101": "行政区划",
    "201101": "交通出行",
    "202101": "传染病防控",
}


SYNTHETIC: dict[str, Callable[[Path], synthetic.Made]] = {
    "synthetic/enterprises.csv": synthetic.write_enterprises,
    "synthetic/persons.csv": synthetic.write_persons,
    "synthetic/visits.parquet": million.write_visits,
}


@dataclass(slots=True)
class Story:
    """What the story knows of itself: addresses, people, codes, grants."""

    control: str
    gateway: str
    node: str
    folder: Path
    data: Path
    administrator: tuple[str, str]
    password: str = field(default_factory=lambda: f"Datong-{secrets.token_urlsafe(9)}")
    people: dict[str, Person] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    grants: dict[str, str] = field(default_factory=dict)
    callers: dict[str, Caller] = field(default_factory=dict)
    keys: dict[str, tuple[str, ...]] = field(default_factory=dict)
    receipts: list[str] = field(default_factory=list)

    def person(self, account: str) -> Person:
        """An officer, signed in once."""
        if account not in self.people:
            self.people[account] = Person(self.control, account, self.password)
        return self.people[account]

    def of(self, short: str, role: str) -> Person:
        """The officer of a department who holds a role."""
        found = next(one for one in entries.DEPARTMENTS if one.short == short)
        account = next(name for name, (_, roles) in found.people.items() if role in roles)
        return self.person(account)

    def accounts(self) -> list[tuple[str, str, str]]:
        """Account, name and roles of everybody, for the closing table."""
        return [
            *(
                (account, f"{name}（{one.short}）", "、".join(_role(role) for role in roles))
                for one in entries.DEPARTMENTS
                for account, (name, roles) in one.people.items()
            ),
            (self.administrator[0], "系统管理员", _role(Role.SYSADMIN)),
        ]


def _role(role: str) -> str:
    return f"{Role(role).label} {Role(role).value}"


def steps(story: Story) -> list[Step]:
    """The steps of these chapters."""
    return [
        Step("people", "建立部门、人员和角色 departments, people, roles", lambda: _people(story), "/departments"),
        Step("exclusive", "三员不得兼任 exclusive roles are refused", lambda: _exclusive(story), "/accounts"),
        Step("catalogue", "编目、同意、审核、发布 compile, consent, review, publish", lambda: _catalogue(story), "/search"),
        Step("withheld", "不予共享须有法律依据 withholding needs a law", lambda: _withheld(story)),
        Step("attach", "挂接真实数据并入湖 attach real data, land it", lambda: _attach(story), "/exchange/batches"),
        Step("quarantine", "问题行另存并说明原因 bad rows are set aside", lambda: _quarantine(story), "/exchange/batches"),
    ]


def _people(story: Story) -> str:
    account, first = story.administrator
    admin = Person(story.control, account, first)
    admin.renew(first, story.password)
    story.people[account] = admin
    for one in entries.DEPARTMENTS:
        admin.post("/departments", {"uscc": one.uscc, "name": one.name, "short_name": one.short, "region": "330000"})
    everybody = [
        (username, {"username": username, "name": name, "department": one.uscc}, roles)
        for one in entries.DEPARTMENTS
        for username, (name, roles) in one.people.items()
    ]
    at_once(lambda each: _enter(story, admin, *each), everybody)
    return f"{len(entries.DEPARTMENTS)} 个部门，{len(everybody)} 人，各自改过首次口令"


def _enter(story: Story, admin: Person, username: str, account: dict[str, str], roles: Iterable[str]) -> None:
    """Account and roles by the administrator, then the first sign-in by the person."""
    made = admin.post("/accounts", account)
    for role in roles:
        admin.post(f"/accounts/{username}/appointments", {"role": role})
    person = Person(story.control, username, made["password"])
    person.renew(made["password"], story.password)
    story.people[username] = person


def _exclusive(story: Story) -> str:
    admin = story.people[story.administrator[0]]
    refused = admin.post("/accounts/sj_js/appointments", {"role": "security_officer"}, status=403)
    sure(refused["rule"], "the refusal names no rule")
    return f"审计员兼任安全保密员：403 {refused['rule']}"


def _catalogue(story: Story) -> str:
    authority = story.of("数据局", "authority")
    known = {one["code"] for one in authority.get("/classes", level=3)}
    for code, name in SUBCLASSES.items():
        if code not in known:
            authority.post("/classes", {"code": code, "name": name})
    for entry in entries.ENTRIES:
        compiler, head = story.of(entry.provider, "provider_compiler"), story.of(entry.provider, "provider_head")
        body = {**entry.meta, "class_code": entry.class_code, "items": list(entry.items)}
        made = compiler.post("/entries", body)
        compiler.post(f"/entries/{made['id']}/file")
        head.post(f"/entries/{made['id']}/consent", {"opinion": "同意报送"})
        done = authority.post(f"/entries/{made['id']}/publish", {"opinion": "四性审核通过"})
        sure(done["stage"] == "published", f"{entry.meta['name']} is {done['stage']}")
        story.codes[entry.tag] = done["code"]
    kinds = [entry.meta["sharing_type"] for entry in entries.ENTRIES]
    return f"{len(kinds)} 项资源已发布：无条件 {kinds.count('unconditional')}，有条件 {kinds.count('conditional')}"


def _withheld(story: Story) -> str:
    compiler = story.of("公安厅", "provider_compiler")
    entry = next(one for one in entries.ENTRIES if one.tag == "persons")
    meta = {
        **entry.meta, "name": "重点人员信息【合成数据】", "sharing_type": "withheld", "sharing_methods": [],
        "withheld_basis_rank": "department_rule", "withheld_basis": "某部门规章第三条", "withheld_reason": "内部规定不宜共享",
    }  # fmt: skip
    body = {**meta, "class_code": entry.class_code, "items": list(entry.items)}
    answer = compiler.attempt("/entries", body)
    if answer.status_code in {200, 201}:
        answer = compiler.attempt(f"/entries/{answer.json()['id']}/file", {})
    sure(answer.status_code in {403, 422}, f"withholding by a department's own rule answered {answer.status_code}")
    errors = answer.json().get("errors", {})
    sure("withheld_basis_rank" in errors, f"the refusal does not name the rank of the basis: {errors}")
    return f"以部门规章为依据：{answer.status_code}，{errors['withheld_basis_rank']}"


def _attach(story: Story) -> str:
    made = story.folder / "demo-files"
    made.mkdir(exist_ok=True)
    heavy_first = sorted(entries.ENTRIES, key=lambda entry: entry.tag not in HEAVY)
    batches = dict(at_once(lambda entry: (entry.tag, _handed_in(story, entry, made)), heavy_first))
    landed = {tag: _landed(story, tag, number) for tag, number in batches.items()}
    sure(landed["villages"]["rows_good"] == 620_573, f"villages: {landed['villages']}")
    sure(landed["visits"]["rows_good"] == million.ROWS, f"visits: {landed['visits']}")
    story.keys["batches"] = tuple(str(batches[tag]) for tag in ("enterprises",))
    total = sum(one["rows_good"] for one in landed.values())
    return f"{len(landed)} 个批次入湖 {total:,} 行，其中村级单位 620,573 行、门诊就诊【合成数据】{million.ROWS:,} 行"


def _handed_in(story: Story, entry: entries.Entry, made: Path) -> int:
    """Hand a file in as its provider; 合成数据 is written first."""
    path = story.data / entry.file
    if entry.file in SYNTHETIC:
        written = SYNTHETIC[entry.file](made / path.name)
        path, story.keys[entry.tag] = written.path, tuple(written.keys)
    compiler = story.of(entry.provider, "provider_compiler")
    form = {"mapping": entries.as_json(entry.mapping), **entry.options}
    return int(compiler.upload(f"/resources/{story.codes[entry.tag]}/sources", path, **form)["number"])


def _landed(story: Story, tag: str, number: int) -> dict[str, Any]:
    entry = next(one for one in entries.ENTRIES if one.tag == tag)
    compiler = story.of(entry.provider, "provider_compiler")
    batch: dict[str, Any] = {}

    def over() -> bool:
        nonlocal batch
        batch = compiler.get(f"/batches/{number}")
        return batch["stage"] in {"landed", "failed"}

    until(over, LONGEST_LANDING, f"batch {number} ({tag}) did not end")
    sure(batch["stage"] == "landed", f"{tag}: {batch['error']}")
    return batch


def _quarantine(story: Story) -> str:
    number = story.keys["batches"][0]
    rows = story.of("市监局", "provider_compiler").get(f"/batches/{number}/quarantine")
    sure(rows and all(row["line"] and row["reason"] for row in rows), "no row was set aside")
    return f"企业登记文件（GB18030）中 {len(rows)} 行另存，例如第 {rows[0]['line']} 行：{rows[0]['reason']}"


def at_once(work: Callable[[T], R], each: Iterable[T]) -> list[R]:
    """Let a few people do their part at the same time; what each came to, in order.

    Raises:
        DatongError: the first that went wrong.
    """
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(work, each))


def until(fact: Callable[[], bool], seconds: float, words: str) -> float:
    """Wait until something is so; returns how long it took in seconds.

    Raises:
        NotSo: it did not become so in time.
    """
    begun = time.monotonic()
    while not fact():
        sure(time.monotonic() - begun < seconds, words)
        time.sleep(0.05)
    return time.monotonic() - begun
