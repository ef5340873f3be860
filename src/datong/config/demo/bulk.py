# SPDX-License-Identifier: Apache-2.0
"""A grant as a table: a million rows, masked and cut to a city, read with pandas by the released Delta Sharing client.

Kept here: the client runs in the environment that `make demo` makes for it and knows nothing of Datong; where there is
none, the table is read by the protocol's own requests, and the step says so. At the end the grant is revoked, and
neither the token nor the address of a file given out before opens anything.
"""

from __future__ import annotations

import io
import json
import subprocess
import time
from pathlib import Path
from typing import Any, Final

import httpx
import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from datong.config.demo.chapters import Story, until
from datong.config.demo.million import CITY, IN_CITY, ROWS
from datong.config.demo.sharing import ask_for
from datong.config.demo.telling import Step, sure

TAG: Final = "visits"
ITEMS: Final = ("visit", "name", "phone", "region", "day", "ward", "fee")
MASKS: Final = {"name": "partial:1:0", "phone": "partial:3:4"}
LONGEST_MAKING: Final = 120
LONGEST_READING: Final = 180
CLIENT: Final = Path(__file__).resolve().parents[4] / "benchmarks" / ".envs" / "delta_sharing" / "bin" / "python"
READ: Final = """\
import json, sys
from importlib.metadata import version
import delta_sharing

rows = delta_sharing.load_as_pandas(sys.argv[1])
print(json.dumps({
    "by": f"delta-sharing {version('delta-sharing')} + pandas {version('pandas')}",
    "rows": len(rows),
    "columns": list(rows.columns),
    "names": int(rows["name"].str.fullmatch(r".\\*+").sum()),
    "phones": int(rows["phone"].str.fullmatch(r"10\\d\\*{4}\\d{4}").sum()),
    "regions": sorted(rows["region"].unique()),
}, ensure_ascii=False))
"""
"""What an analyst would write; it has the profile file and the address of the table."""


def steps(story: Story) -> list[Step]:
    """The steps of this chapter."""
    return [
        Step("table", "百万行表：授权后自动生成 a grant becomes a table", lambda: _made(story), "/grants"),
        Step("pandas", "用已发布的客户端读进 pandas a million masked rows read", lambda: _read(story), "/grants"),
        Step("stopped", "撤销后凭证和文件地址同时失效 revoked, nothing opens", lambda: _stopped(story), "/grants"),
    ]


def _made(story: Story) -> str:
    number = ask_for(
        story, "医保局", TAG, story.callers["医保局"].client_id, basis="《医疗保障基金使用监督管理条例》第二十二条",
        scene="门诊费用异常筛查", purpose="门诊费用智能审核", items=list(ITEMS), channels=["table"],
        rows=[{"field": "region", "op": "prefix", "values": [CITY]}], row_scope="杭州市", delivery_mode="full",
        update_cycle="monthly",
    )  # fmt: skip
    decision = {
        "items": [{"field": field, "mask": MASKS.get(field, "none")} for field in ITEMS],
        "require_purpose": False, "require_case": False, "opinion": "姓名、电话脱敏，限杭州市",
    }  # fmt: skip
    grant = story.of("卫健委", "provider_head").post(f"/requests/{number}/grant", decision)
    story.grants[TAG] = grant["number"]
    applicant, state = story.of("医保局", "consumer_applicant"), dict[str, Any]()

    def ready() -> bool:
        state.update(applicant.get(f"/grants/{grant['number']}/table"))
        return bool(state["state"] == "ready")

    took = until(ready, LONGEST_MAKING, f"the table was not made: {state}")
    sure(state["rows"] == IN_CITY, f"the table has {state['rows']} rows")
    return f"授权 {grant['number']}：{ROWS:,} 行中给 {state['rows']:,} 行（{state['size'] / 2**20:.0f} MiB），{took:.1f} 秒生成"


def _read(story: Story) -> str:
    number = story.grants[TAG]
    applicant = story.of("医保局", "consumer_applicant")
    said = applicant.post(f"/grants/{number}/recipient")
    again = applicant.get(f"/grants/{number}/recipients")
    sure(said["bearerToken"] not in json.dumps(again), "a token is shown twice")
    file = story.folder / "demo-files" / "config.share"
    file.touch(mode=0o600)
    file.write_text(json.dumps(said), "utf-8")
    address = applicant.get(f"/grants/{number}/table")["address"]
    until(lambda: _ask(said, "/shares").status_code == 200, 20, "the token did not reach the gateway")
    begun = time.monotonic()
    told = _by_client(file, address) if CLIENT.exists() else _by_protocol(said, address)
    took = time.monotonic() - begun
    sure(told["rows"] == told["names"] == told["phones"] == IN_CITY, f"what was read: {told}")
    sure(tuple(told["columns"]) == ITEMS, f"columns: {told['columns']}")
    sure(all(region.startswith(CITY) for region in told["regions"]), f"regions: {told['regions']}")
    story.keys["profile"] = (str(file), address)
    return f"{told['by']}：{told['rows']:,} 行 {len(told['columns'])} 列，姓名和电话全部脱敏，只有杭州市，{took:.1f} 秒"


def _by_client(profile: Path, address: str) -> dict[str, Any]:
    """Read by the released client, in its own environment."""
    command = [str(CLIENT), "-c", READ, f"{profile}#{address}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=LONGEST_READING)  # noqa: S603  our own text
    sure(done.returncode == 0, f"the client ended with {done.returncode}: {done.stderr[-600:]}")
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def _by_protocol(said: dict[str, Any], address: str) -> dict[str, Any]:
    """Read as a client would, by plain requests, where no client is installed."""
    parts = [pq.read_table(io.BytesIO(httpx.get(url, timeout=60).raise_for_status().content)) for url in _urls(said, address)]
    rows = pa.concat_tables(parts)
    return {
        "by": "按协议读取（本机没有 delta-sharing 客户端；make demo 会装）",
        "rows": rows.num_rows,
        "columns": rows.column_names,
        "names": pc.sum(pc.match_substring_regex(rows["name"], r"^.\*+$")).as_py(),
        "phones": pc.sum(pc.match_substring_regex(rows["phone"], r"^10\d\*{4}\d{4}$")).as_py(),
        "regions": sorted(pc.unique(rows["region"]).to_pylist()),
    }


def _ask(said: dict[str, Any], path: str, method: str = "GET") -> httpx.Response:
    body = b"{}" if method == "POST" else None
    headers = {"Authorization": f"Bearer {said['bearerToken']}"}
    return httpx.request(method, f"{said['endpoint']}{path}", headers=headers, content=body, timeout=60)


def _urls(said: dict[str, Any], address: str) -> list[str]:
    share, schema, table = address.split(".")
    answer = _ask(said, f"/shares/{share}/schemas/{schema}/tables/{table}/query", "POST")
    sure(answer.status_code == 200, f"the query was answered {answer.status_code}: {answer.text[:300]}")
    return [one["file"]["url"] for one in map(orjson.loads, answer.content.splitlines()) if "file" in one]


def _stopped(story: Story) -> str:
    path, address = story.keys["profile"]
    said = json.loads(Path(path).read_text("utf-8"))
    urls = _urls(said, address)
    sure(httpx.head(urls[0], timeout=60).status_code == 200, "the address of a file does not open before the revocation")
    story.of("数据局", "authority").post(f"/grants/{story.grants[TAG]}/revoke", {"note": "审核项目结束"})
    took = until(lambda: _ask(said, "/shares").status_code == 403, 10, "the revoked grant is still read")
    sure(took < 1, f"the revocation took {took:.2f} s")
    left = httpx.get(urls[0], timeout=60).status_code
    sure(left == 403, f"the address of a file answers {left} after the revocation")
    return f"撤销后 {took * 1000:.0f} 毫秒内：列表 403，先前给出的文件地址 {left}"
