# SPDX-License-Identifier: Apache-2.0
"""Process of the data plane."""

from datong.config import logs
from datong.config.node import env, serve


def main() -> None:
    """Serve the gateway on the node's gateway port."""
    logs.configure("gateway", env.log_level())
    _, config = env.node()
    serve.serve("datong.config.gateway_asgi:app", config.host, config.gateway_port)
