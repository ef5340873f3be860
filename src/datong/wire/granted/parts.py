# SPDX-License-Identifier: Apache-2.0
"""Pieces every place shares: references, headers of answers, the headers of calls with what the grant wants of them."""

from typing import Any, Final
from urllib.parse import quote

from datong.wire.granted.offer import Offer
from datong.wire.policy import Client

Part = dict[str, Any]

PROOFS: Final = ("Datong-Receipt", "Datong-Request-Id", "Datong-Salt", "Datong-Grant")
TOLD: Final = {
    "Datong-Receipt": "回执：凭节点公钥即可证明这次答复已留痕 (proof that this answer is in the evidence log)",
    "Datong-Request-Id": "请求编号 (under which the evidence has this call)",
    "Datong-Salt": "盐：核对记录中的散列用，别处不存 (with it the hashes in the record can be checked)",
    "Datong-Grant": "所依据的授权 (the grant the answer rests on)",
    "Datong-Next": "CSV 和 Arrow 的下一页 (cursor of the next page, in CSV and Arrow)",
    "ETag": "答复的标记 (entity tag, weak)",
}


def ref(name: str) -> Part:
    """A schema by its name."""
    return {"$ref": f"#/components/schemas/{name}"}


def headers(*names: str) -> Part:
    """Headers of an answer by their names."""
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def answered(description: str, schema: Part, *more: str, status: int = 200) -> Part:
    """An answer in JSON, with its receipt."""
    content = {"application/json": {"schema": schema}}
    return {str(status): {"description": description, "headers": headers(*PROOFS, *more), "content": content}}


def told_headers() -> Part:
    """Every header of an answer."""
    return {name: {"description": words, "schema": {"type": "string"}} for name, words in TOLD.items()}


def parameters(offer: Offer) -> Part:
    """Headers of calls. Values stand here as they are sent: percent-encoded UTF-8."""
    grant = offer.grant
    case = {"type": "string", "minLength": 1, "maxLength": 900}
    number = {"type": "string", "enum": [quote(grant.number)], "default": quote(grant.number)}
    made = {
        "Grant": header("Datong-Grant", "授权编号；几份授权都可用时必须写 (needed when several would answer)", number),
        "Case": header("Datong-Case", "办件编号，百分号编码 (number of the case at hand)", case, needed=offer.grant.by_case),
        "User": header("Datong-User", "谁在问，百分号编码 (who asks at the caller's)", {"type": "string", "maxLength": 900}),
        "IfNoneMatch": header("If-None-Match", "手里答复的 ETag (of the answer held)", {"type": "string", "maxLength": 1_000}),
    }  # fmt: skip
    if grant.purpose:
        words = f"授权的用途“{grant.purpose}”，百分号编码 (the granted purpose, percent-encoded)"
        granted = {"type": "string", "enum": [quote(grant.purpose)]}
        made["Purpose"] = header("Datong-Purpose", words, granted, needed=grant.require_purpose)
    return made


def common(offer: Offer) -> list[Part]:
    """Headers of every call: which grant, what for, which case, who asks."""
    known = ("Grant", "Purpose", "Case", "User") if offer.grant.purpose else ("Grant", "Case", "User")
    return [{"$ref": f"#/components/parameters/{name}"} for name in known]


def optional(offer: Offer) -> list[Part]:
    """Headers of calls where none of them has to be there."""
    return [one | {"required": False} for name, one in parameters(offer).items() if name != "IfNoneMatch"]


def security(client: Client, *, tables: bool) -> Part:
    """How a caller shows who it is."""
    words = (
        f"短时令牌：由应用系统 {client.client_id} 的客户端断言在 /oauth2/token 换取 (short access token for a client assertion)"
    )
    if client.signed:
        words += "；每次调用另须按 RFC 9421 签名 (each call is signed as well)"
    made: Part = {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": words}}
    if tables:
        profile = "配置文件中的凭证，在授权页领取 (bearer token of the profile file)"
        made["profile"] = {"type": "http", "scheme": "bearer", "description": profile}
    return made


def header(name: str, description: str, schema: Part, *, needed: bool = False) -> Part:
    """A header of calls."""
    return {"name": name, "in": "header", "required": needed, "description": description, "schema": schema}
