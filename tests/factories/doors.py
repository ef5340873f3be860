# SPDX-License-Identifier: Apache-2.0
"""A gateway on the node of the tests: what the control plane grants, an application may call, in one process."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import quote

from django.conf import settings

from datong.contexts.exchange import usecases as exchange
from datong.contexts.exchange.models import PolicySnapshot
from datong.contexts.sharing.models import Grant
from datong.gateway.app import Gateway
from datong.gateway.config import GatewayConfig
from datong.kernel.actors import Role
from factories.catalog import someone
from factories.exchange import a_landed_resource
from factories.gateways import FORM, Caller, Clock, Node, Reply, Standing, form
from factories.organisations import an_application
from factories.sharing import CONSUMER, a_grant, a_request, a_request_draft

PURPOSE = "低保资格核查"
KEY = "330100000000"


@dataclass
class Door:
    """A started gateway, an application of the consumer, and a grant of two items of a landed resource."""

    standing: Standing
    caller: Caller
    grant: Grant
    token: str = ""

    def publish(self) -> None:
        """Give the gateway the policy as it would get it now."""
        exchange.publish_policy()
        newest = PolicySnapshot.objects.order_by("-version").first()
        assert newest is not None
        self.standing.app.holder.offer(bytes(newest.document))

    def sign_in(self) -> None:
        """Get an access token."""
        asked = form(self.caller.assertion(time.time()))
        self.token = self.standing.ask("POST", "/oauth2/token", body=asked, kind=FORM).json["access_token"]

    def call(self, query: str = f"code={KEY}", *, purpose: str = PURPOSE, channel: str = "records", **headers: str) -> Reply:
        """Call the resource once."""
        self.standing.clock.now = time.time()
        given = {"Authorization": f"Bearer {self.token}", "Datong-Purpose": quote(purpose), "Datong-User": "op-1"}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        return self.standing.ask("GET", f"/v1/resources/{self.grant.resource_id}/{channel}?{query}", headers=given)


@contextmanager
def a_door(**changes: Any) -> Iterator[Door]:
    """Start a gateway on the tests' node with one grant in force."""
    caller = Caller("", "")
    made = an_application(by=someone(Role.APPLICANT, CONSUMER), public_key=caller.pem).application
    caller.client_id, caller.department = made.client_id, made.department
    wanted = {"items": ("code",), "rows": (), "channels": ("call",), "application": made.client_id, "purpose": PURPOSE}
    draft = a_request_draft(a_landed_resource(), **(wanted | changes))
    place = settings.NODE_FOLDER
    config = GatewayConfig(
        node_code=settings.NODE.code, node_dir=place.path, signing_key=place.key, public_key=place.evidence / "node.pub",
        policy_file=place.run / "policy-of-tests", evidence_dir=place.evidence,
    )  # fmt: skip
    clock = Clock(time.time())
    app = Gateway(config, clock)
    app.start()
    try:
        door = Door(Standing(cast("Node", None), app, clock), caller, a_grant(request=a_request(draft)))
        door.publish()
        door.sign_in()
        yield door
    finally:
        app.stop()
        config.policy_file.unlink(missing_ok=True)
