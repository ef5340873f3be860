# SPDX-License-Identifier: Apache-2.0
"""A grant in use: suspended and let work again; an error found by an application, corrected at its source, and reaching it.

Kept here: the report comes through the gateway, as from any application; the corrected rows land as a new batch of the
same file; the user is told, and the very next calls show the corrected value. At the end the grant is revoked.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from datong.config.demo import entries
from datong.config.demo.chapters import LONGEST_LANDING, Story, until
from datong.config.demo.clients import Caller, Person
from datong.config.demo.sharing import CASE, PURPOSE_CHECK, REVOCATION_BITES, revoke
from datong.config.demo.telling import Step, sure

TAG = "enterprises"
ITEM = "status"
RIGHT = "注销"
ENCODING = "gb18030"
CORRECTED = "enterprises-corrected.csv"
TAKEN_IN = 30
REACHES = 20


def steps(story: Story) -> list[Step]:
    """The steps of this chapter."""
    return [
        Step("suspend", "暂停授权立即生效，整改后恢复 suspended at once, resumed later", lambda: _suspended(story), "/grants"),
        Step("report", "应用经网关提出校核 an application reports an error", lambda: _reported(story), "/corrections"),
        Step("mended", "核实、更正并告知使用方 verified, corrected, users told", lambda: _mended(story), "/corrections"),
        Step("reaches", "再次调用得到更正后的值 the next call returns what is right", lambda: _reaches(story), "/exchange/calls"),
        Step("revoke", "撤销授权立即生效 a revocation bites", lambda: revoke(story), "/grants"),
    ]


def _ask(story: Story) -> httpx.Response:
    """The call of the 医保局 for the first enterprise."""
    key = story.keys[TAG][0]
    return story.callers["医保局"].records(story.codes[TAG], purpose=PURPOSE_CHECK, case=CASE, uscc=key)


def _suspended(story: Story) -> str:
    head, number = story.of("市监局", "provider_head"), story.grants[TAG]
    sure(_ask(story).status_code == 200, "the grant did not answer before it was suspended")
    head.post(f"/grants/{number}/suspend", {"note": "调用量异常，限期说明原因"})
    said: dict[str, Any] = {}
    took = until(_becomes(story, 403, said), 10, "the suspended grant still answers")
    sure(took < REVOCATION_BITES, f"the suspension took {took:.2f} s")
    refused = str(said["code"])
    sure(refused == "grant_suspended", f"after the suspension: {said}")
    told = story.of("医保局", "consumer_applicant").get("/notices")["items"]
    sure(any(one["subject"] == number for one in told), "the consumer was not told of the suspension")
    head.post(f"/grants/{number}/resume", {"note": "已说明原因并整改"})
    back = until(_becomes(story, 200, said), 10, "the resumed grant does not answer")
    return f"暂停后 {took * 1000:.0f} 毫秒内 403 {refused}；恢复后 {back * 1000:.0f} 毫秒内重新可用"


def _becomes(story: Story, status: int, said: dict[str, Any]) -> Callable[[], bool]:
    def so() -> bool:
        answer = _ask(story)
        said.update(status=answer.status_code, code=answer.json().get("code"))
        return answer.status_code == status

    return so


def _reported(story: Story) -> str:
    caller, key = story.callers["医保局"], story.keys[TAG][0]
    found = str(_ask(story).json()["records"][0][ITEM])
    right = RIGHT if found != RIGHT else "存续"
    said = {
        "kind": "data", "key": {"uscc": key}, "item": ITEM, "found": found, "expected": right,
        "evidence": "参保单位提交的登记机关通知书", "case": CASE,
    }  # fmt: skip
    answer = caller.report(story.codes[TAG], said)
    sure(answer.status_code == 202, f"the report was answered {answer.status_code}: {answer.text[:200]}")
    href, stands = answer.json()["href"], {"state": ""}

    def taken_in() -> bool:
        stands.update(caller.ask(href).json())
        return bool(stands.get("number"))

    until(taken_in, TAKEN_IN, f"the report did not reach the provider: {stands}")
    story.keys["report"] = (str(stands["number"]), found, right, href)
    return f"网关受理校核 {stands['number']}：登记状态“{found}”应为“{right}”，{stands['due']} 前答复（10 个工作日）"


def _mended(story: Story) -> str:
    compiler, user = story.of("市监局", "provider_compiler"), story.of("医保局", "consumer_applicant")
    number, found, right, _ = story.keys["report"]
    compiler.post(f"/corrections/{number}/verify")
    early = compiler.post(f"/corrections/{number}/correct", {"opinion": "已更正"}, status=422)
    sure(early["errors"], "a correction without corrected data was let through")
    batch = landed_anew(story, compiler, story.keys[TAG][0], found, right)
    done = compiler.post(f"/corrections/{number}/correct", {"batch": batch, "opinion": "已按登记机关档案更正"})
    sure((done["stage"], done["corrected_batch"]) == ("corrected", batch), f"the report is {done}")
    told = [one for one in user.get("/notices")["items"] if one["subject"] == number and f"批次 {batch}" in one["words"]]
    sure(told, "the user was not told of the correction")
    return f"未挂接新数据时办结被退回（422）；批次 {batch} 更正一行，全部使用部门已告知：{told[0]['words'].split(' (')[0]}"


def landed_anew(story: Story, compiler: Person, key: str, found: str, right: str) -> int:
    """Attach the provider's file again with one more cell corrected, and wait until it serves."""
    entry = next(one for one in entries.ENTRIES if one.tag == TAG)
    files = story.folder / "demo-files"
    before = files / CORRECTED if (files / CORRECTED).exists() else files / Path(entry.file).name
    path = _corrected_file(before, key, found, right)
    form = {"mapping": entries.as_json(entry.mapping), **entry.options}
    number = int(compiler.upload(f"/resources/{story.codes[TAG]}/sources", path, **form)["number"])
    batch: dict[str, Any] = {}

    def over() -> bool:
        batch.update(compiler.get(f"/batches/{number}"))
        return batch["stage"] in {"landed", "failed"}

    until(over, LONGEST_LANDING, f"batch {number} did not end")
    sure(batch["stage"] == "landed", f"the corrected file: {batch['error']}")
    return number


def _corrected_file(before: Path, key: str, found: str, right: str) -> Path:
    rows = list(csv.reader(io.StringIO(before.read_bytes().decode(ENCODING), newline="")))
    [row] = [row for row in rows if row and row[0] == key]
    row[row.index(found)] = right
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    path = before.with_name(CORRECTED)
    path.write_bytes(text.getvalue().encode(ENCODING))
    return path


def _reaches(story: Story) -> str:
    caller: Caller = story.callers["医保局"]
    _, found, right, href = story.keys["report"]
    seen: dict[str, str] = {}

    def served() -> bool:
        answer = _ask(story)
        sure(answer.status_code == 200, f"a call after the correction answered {answer.status_code}: {answer.text[:200]}")
        seen["value"] = answer.json()["records"][0][ITEM]
        return seen["value"] == right

    took = until(served, REACHES, f"the corrected value does not reach the user, but {seen}")
    stands = caller.ask(href).json()
    sure(stands["state"] == "corrected" and stands["case_continues"], f"the application reads of its report: {stands}")
    number = story.keys["report"][0]
    rated = story.of("医保局", "consumer_applicant").post(f"/corrections/{number}/rate", {"rating": "very_satisfied"})
    sure(rated["stage"] == "closed", f"the rated report is {rated['stage']}")
    return f"{took * 1000:.0f} 毫秒内同一调用由“{found}”变为“{right}”；应用查得已更正，提出方评价“非常满意”"
