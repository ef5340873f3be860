# SPDX-License-Identifier: Apache-2.0
"""The try-it page of a grant: a question, the real answer of the gateway with its receipt, and the same call as code.

Kept here: the token is typed anew each time and shown nowhere; a private key is read and used in the browser alone. What
may be asked is what the document of the grant offers.
"""

from __future__ import annotations

import json
import shlex
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from datong.contexts.catalog import face as catalog
from datong.contexts.exchange import permissions, usecases
from datong.contexts.sharing import face as sharing
from datong.kernel.errors import DatongError
from datong.kernel.sharing import Channel
from datong.wire.granted.offer import Offer
from datong.wire.policy import Item

LONGEST = 500


@never_cache
@require_http_methods(["GET", "POST"])
def try_it(request: HttpRequest, number: str) -> HttpResponse:
    """Show the form; on POST call once and show the answer."""
    by = request.officer
    grant = sharing.grant(number, by=by)
    permissions.check_may_try(by, grant.consumer)
    view = catalog.resource(grant.policy.resource, by=by)
    found = usecases.describe(number, by=by)
    channels = [one for one in (Channel.CALL, Channel.VERIFY) if found and usecases.TRIED_BY[one] in found.offer.places]
    said = request.POST if request.method == "POST" else request.GET
    channel = said.get("channel", "") if said.get("channel", "") in channels else (channels[0].value if channels else "")
    keys, claims = _asked(found.offer, channel) if found is not None and channel else ([], [])
    tried, error = None, None
    if request.method == "POST":
        try:
            tried = usecases.try_call(number, _trial(request, channel, keys, claims), by=by)
        except DatongError as refused:
            error = refused
    more: dict[str, Any] = {
        "grant": grant, "view": view, "channel": channel, "channels": [(one.value, one.label) for one in channels],
        "keys": _typed(request, "key", keys), "claims": _typed(request, "claim", claims), "values": request.POST,
        "tried": tried, "refusal": error, "errors": error.fields if error else {}, "offer": found.offer if found else None,
        "node": settings.NODE.code, "code": _code(tried) if tried else None,
    }  # fmt: skip
    return render(request, "exchange/try.html", more, status=error.status if error else 200)


def _asked(offer: Offer, channel: str) -> tuple[list[Item], list[Item]]:
    """Items to ask by and to claim, as the document of the grant has them; what one asks by is not claimed as well."""
    if channel != Channel.VERIFY:
        return [*offer.filters], []
    return [*offer.key], [one for one in offer.claims if one not in offer.key] or [*offer.claims]


def _typed(request: HttpRequest, kind: str, items: list[Item]) -> list[dict[str, Any]]:
    named = [(item, f"{kind}-{item.field}") for item in items]
    return [{"item": item, "name": name, "value": request.POST.get(name, "")} for item, name in named]


def _trial(request: HttpRequest, channel: str, keys: list[Item], claims: list[Item]) -> usecases.Trial:
    def word(name: str) -> str:
        return request.POST.get(name, "").strip()

    return usecases.Trial(
        channel=channel,
        key={item.field: word(f"key-{item.field}")[:LONGEST] for item in keys},
        claims={item.field: word(f"claim-{item.field}")[:LONGEST] for item in claims},
        case=word("case")[:200],
        token=word("token"),
        assertion=word("assertion"),
    )


def _code(tried: usecases.Tried) -> dict[str, str]:
    """The call that was made, as curl and as Python; the token is left to whoever runs it."""
    address = f"{settings.NODE.gateway_address}{tried.target}"
    curl = [f"curl -i {shlex.quote(address)}", '-H "Authorization: Bearer $TOKEN"']
    curl += [f"-H {shlex.quote(f'{name}: {value}')}" for name, value in tried.headers.items()]
    curl += [f"-d {shlex.quote(tried.body)}"] if tried.body else []
    headers = json.dumps(tried.headers, indent=4)
    sent = f", content={tried.body.encode()!r}" if tried.body else ""
    python = (
        "import os\n\nimport httpx\n\n"
        f'headers = {headers}\nheaders["Authorization"] = "Bearer " + os.environ["TOKEN"]\n'
        f"answer = httpx.{tried.method.lower()}({address!r}, headers=headers{sent})\n"
        'print(answer.status_code, answer.json(), answer.headers["Datong-Receipt"])\n'
    )
    return {"curl": " \\\n  ".join(curl), "python": python}
