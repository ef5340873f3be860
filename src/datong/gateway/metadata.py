# SPDX-License-Identifier: Apache-2.0
"""What OAuth clients are told of the token endpoint (RFC 8414), so that they configure themselves.

Kept here: it says what this gateway does and nothing more: client credentials alone, by an assertion that the client's
own key signs. Addresses are told to the gateway and never taken from a request's Host; where none was told there is no
such document. Certificates are told by proxies: where none does, no token is bound to one.
"""

from typing import Any, Final

from datong.gateway.assertions import NAMES
from datong.gateway.config import GatewayConfig
from datong.gateway.tokenroute import GRANT_TYPE
from datong.gateway.tokenroute import PATH as TOKEN_PATH
from datong.kernel.errors import Unknown

PATH: Final = "/.well-known/oauth-authorization-server"


def metadata(config: GatewayConfig) -> dict[str, Any]:
    """The document.

    Raises:
        Unknown: this gateway was told no address of its own.
    """
    told = [config.public_url.rstrip("/") + TOKEN_PATH] if config.public_url else list(config.token_endpoints)
    if not told:
        raise Unknown("no such place", remedy="see /v1/openapi.json")
    return {
        "issuer": told[0].removesuffix(TOKEN_PATH),
        "token_endpoint": told[0],
        "grant_types_supported": [GRANT_TYPE],
        "response_types_supported": [],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": list(NAMES.values()),
        "tls_client_certificate_bound_access_tokens": bool(config.certifiers),
    }
