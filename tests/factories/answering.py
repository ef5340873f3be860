# SPDX-License-Identifier: Apache-2.0
"""A gateway that answers under the policy this node really publishes, and an application that calls it."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import jwt
from django.conf import settings

from datong.contexts.exchange import usecases
from datong.contexts.exchange.models import PolicySnapshot
from datong.contexts.organisations.usecases import Registered
from datong.gateway.app import Gateway
from datong.gateway.config import GatewayConfig
from factories.gateways import FORM, Clock, Reply, Standing, form, lawful


class Answering(Standing):
    """A started gateway over the node's own folder; `node` stays unused."""

    def calls(self, who: Registered, path: str, **headers: str) -> Reply:
        """GET as this application, its token fetched first."""
        name = who.application.client_id
        claims = {"iss": name, "sub": name, "aud": settings.NODE.code, "exp": int(self.clock.now) + 120, "jti": uuid.uuid4().hex}
        asked = self.ask("POST", "/oauth2/token", body=form(jwt.encode(claims, who.private_key, algorithm="EdDSA")), kind=FORM)
        assert asked.status == 200, asked.body
        return self.ask("GET", path, headers=lawful(asked.json["access_token"]) | headers)


@contextmanager
def answering(scratch: Path) -> Iterator[Answering]:
    """Publish the policy as it stands and answer under it; evidence and the policy's copy go to `scratch`."""
    usecases.publish_policy()
    place, clock = settings.NODE_FOLDER, Clock(time.time())
    app = Gateway(
        GatewayConfig(
            node_code=settings.NODE.code, node_dir=Path(place.path), signing_key=place.key, public_key=place.evidence / "node.pub",
            policy_file=scratch / "policy", evidence_dir=scratch,
        ), clock,
    )  # fmt: skip
    app.start()
    try:
        assert app.holder.offer(bytes(PolicySnapshot.objects.latest("version").document))
        yield Answering(None, app, clock)
    finally:
        app.stop()
