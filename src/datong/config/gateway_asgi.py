# SPDX-License-Identifier: Apache-2.0
"""The gateway as an ASGI application: its configuration is composed here, and Django is never imported."""

from __future__ import annotations

from datong.config.node import env, lake
from datong.gateway.app import Gateway, build
from datong.gateway.config import GatewayConfig
from datong.gateway.tokenroute import PATH as TOKEN_PATH


def configuration() -> GatewayConfig:
    """What this node's gateway is told at its start."""
    place, config = env.node()
    seat = env.gateway_seat()
    return GatewayConfig(
        node_code=config.code,
        node_dir=place.path,
        signing_key=place.key,
        public_key=place.evidence / "node.pub",
        policy_file=place.policy.with_stem(f"policy-{seat}") if seat else place.policy,
        evidence_dir=place.evidence,
        log_name=f"gateway-{seat}",
        alone=config.gateways == 1,
        evidence_warn=config.evidence_warn_percent / 100,
        evidence_stop=config.evidence_stop_percent / 100,
        public_url=config.gateway_address,
        token_endpoints=(config.gateway_address + TOKEN_PATH,),
        proxies=config.proxy_networks,
        certifiers=config.certificate_networks,
        metrics=config.metrics_networks,
        accel=config.accel,
        lake=lake.bucket(config),
        networks=env.connection_networks(),
        dsn=env.database_url(place, config),
    )


def made() -> Gateway:
    """The gateway of this process, traced where the node sends traces."""
    if not env.traces():
        return build(configuration())
    from datong.config.node.traces import export
    from datong.gateway.traces.app import TracedGateway

    config = configuration()
    return TracedGateway(config, export.tracer(config.log_name))


app = made()
