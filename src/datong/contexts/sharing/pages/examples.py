# SPDX-License-Identifier: Apache-2.0
"""How to call one grant: curl and Python, ready to be copied, for this resource, these items and this purpose."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from django.utils.translation import gettext

from datong.contexts.catalog import face as catalog

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
CASE = "CASE-2026-0001"
QUOTES = "\"'`$\\{}"
CURL = """\
# {token}
NODE={gateway}; CLIENT={client}; KEY={client}.key
b64() {{ openssl base64 -A | tr '+/' '-_' | tr -d '='; }}
NOW=$(date +%s)
HEAD=$(printf '{{"alg":"EdDSA","typ":"JWT"}}' | b64)
BODY=$(printf '{{"iss":"%s","sub":"%s","aud":"{node}","exp":%s,"jti":"%s"}}' \\
  "$CLIENT" "$CLIENT" "$((NOW+60))" "$(openssl rand -hex 16)" | b64)
printf '%s.%s' "$HEAD" "$BODY" > assertion.txt
SIGN=$(openssl pkeyutl -sign -rawin -inkey "$KEY" -in assertion.txt | b64)
TOKEN=$(curl -s "$NODE/oauth2/token" -d grant_type=client_credentials \\
  -d client_assertion_type={assertion} \\
  --data-urlencode "client_assertion=$HEAD.$BODY.$SIGN" | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')

# {then}
{call}
"""
PYTHON = """\
# pip install httpx "pyjwt[crypto]"
import time, uuid
from pathlib import Path
from urllib.parse import quote
import httpx, jwt

NODE, CLIENT = "{gateway}", "{client}"
claims = {{"iss": CLIENT, "sub": CLIENT, "aud": "{node}", "exp": int(time.time()) + 60, "jti": uuid.uuid4().hex}}
assertion = jwt.encode(claims, Path(f"{{CLIENT}}.key").read_bytes(), algorithm="EdDSA")
token = httpx.post(f"{{NODE}}/oauth2/token", data={{
    "grant_type": "client_credentials",
    "client_assertion_type": "{assertion}",
    "client_assertion": assertion,
}}).raise_for_status().json()["access_token"]

answer = httpx.{call}
print(answer.status_code, answer.json())
print("Datong-Receipt:", answer.headers["Datong-Receipt"])
"""


def of(document: dict[str, Any], view: catalog.ResourceView | None, *, gateway: str, node: str) -> list[dict[str, str]]:
    """Examples for each channel the grant allows.

    Args:
        document: The signed grant.
        view: The resource as it stands; None when it was withdrawn, then there is nothing to call.
        gateway: Address of the gateway.
        node: Code of the node, the audience of the assertion.

    Returns:
        name, curl and python of each channel that is called over the gateway.
    """
    if view is None:
        return []
    said = {
        "token": gettext("一、用应用系统的私钥换取短时令牌（有效5分钟）"),
        "then": gettext("二、调用；应答头 Datong-Receipt 是这次调用的回执"),
    }
    given = said | {"gateway": gateway, "node": node, "client": document["application"], "assertion": ASSERTION}
    made = []
    if "call" in document["channels"] and _asked(document, view):
        made.append(_pair("call", given, _curl_records(document, view), _python_records(document, view)))
    if "verify" in document["channels"] and _keys(view) and _claims(document, view):
        made.append(_pair("verify", given, _curl_verify(document, view), _python_verify(document, view)))
    return made


def _pair(name: str, given: dict[str, str], curl: str, python: str) -> dict[str, str]:
    return {"name": name, "curl": CURL.format(call=curl, **given), "python": PYTHON.format(call=python, **given)}


def _headers(document: dict[str, Any]) -> dict[str, str]:
    headers = {"Datong-Grant": document["number"]}
    if document["require_purpose"]:
        headers["Datong-Purpose"] = quote(document["purpose"])
    if document["require_case"] or any(rule["op"] == "case" for rule in document.get("rows", ())):
        headers["Datong-Case"] = CASE
    return headers


def _curl_headers(document: dict[str, Any]) -> str:
    lines = ['  -H "Authorization: Bearer $TOKEN"']
    lines += [f"  -H '{name}: {value}'" for name, value in _headers(document).items()]
    return " \\\n".join(lines)


def _python_headers(document: dict[str, Any]) -> str:
    plain = {name: f'"{value}"' for name, value in _headers(document).items()}
    if "Datong-Purpose" in plain:
        plain["Datong-Purpose"] = f"quote({json.dumps(document['purpose'], ensure_ascii=False)})"
    parts = ['"Authorization": f"Bearer {token}"', *(f'"{name}": {value}' for name, value in plain.items())]
    return "{\n    " + ",\n    ".join(parts) + ",\n}"


def _open(document: dict[str, Any]) -> list[str]:
    """Fields granted unmasked: of the others nothing may be asked by, nor claimed."""
    return [one["field"] for one in document["items"] if one.get("mask", "none") == "none"]


def _keys(view: catalog.ResourceView) -> list[catalog.ItemView]:
    return [item for item in view.items if item.key]


def _asked(document: dict[str, Any], view: catalog.ResourceView) -> dict[str, str]:
    """The item to ask by, a key before all others, with a word that stands for its value; none where there is none."""
    opened = _open(document)
    found = _keys(view) or [one for one in view.items if one.query and one.field in opened]
    return {item.field: _word(item.name) for item in found[:1]}


def _word(name: str) -> str:
    """A word that stands for a value; no quote of a shell or of Python in it."""
    return f"<{name.translate(str.maketrans('', '', QUOTES))}>"


def _path(document: dict[str, Any], channel: str) -> str:
    return f"/v1/resources/{document['resource']}/{channel}"


def _claims(document: dict[str, Any], view: catalog.ResourceView) -> dict[str, str]:
    keys = {item.field for item in _keys(view)}
    named = {item.field: item.name for item in view.items}
    fields = [field for field in _open(document) if field in named]
    wanted = [field for field in fields if field not in keys][:2] or fields[:1]
    return {field: _word(named[field]) for field in wanted}


def _curl_records(document: dict[str, Any], view: catalog.ResourceView) -> str:
    ((field, value),) = _asked(document, view).items()
    url = f'curl -i -G "$NODE{_path(document, "records")}" --data-urlencode "{field}={value}"'
    return f"{url} \\\n{_curl_headers(document)}"


def _python_records(document: dict[str, Any], view: catalog.ResourceView) -> str:
    ((field, value),) = _asked(document, view).items()
    path = _path(document, "records")
    return f'get(f"{{NODE}}{path}", params={{"{field}": "{value}"}}, headers={_python_headers(document)})'


def _body(document: dict[str, Any], view: catalog.ResourceView) -> str:
    key = ", ".join(f'"{item.field}": "{_word(item.name)}"' for item in _keys(view))
    claims = ", ".join(f'"{field}": "{value}"' for field, value in _claims(document, view).items())
    return f'{{"key": {{{key}}}, "claims": {{{claims}}}}}'


def _curl_verify(document: dict[str, Any], view: catalog.ResourceView) -> str:
    url = f'curl -i "$NODE{_path(document, "verify")}" -H "Content-Type: application/json"'
    return f"{url} \\\n{_curl_headers(document)} \\\n  -d '{_body(document, view)}'"


def _python_verify(document: dict[str, Any], view: catalog.ResourceView) -> str:
    path = _path(document, "verify")
    return f'post(f"{{NODE}}{path}", json={_body(document, view)}, headers={_python_headers(document)})'
