# SPDX-License-Identifier: Apache-2.0
"""Process of the data plane."""

from datong.config import logs
from datong.config.node import env, serve, traces


def main() -> None:
    """Serve the gateway on the node's gateway port."""
    _, config = env.node()
    logs.configure("gateway" if config.gateways == 1 else f"gateway-{env.gateway_seat()}", env.log_level())
    leave = traces.leaving(f"gateway-{env.gateway_seat()}")
    serve.serve("datong.config.gateway_asgi:app", config.host, config.gateway_port, leave=leave)
