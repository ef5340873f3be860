# SPDX-License-Identifier: Apache-2.0
"""Client certificates (RFC 8705): for an application that has some, key and token are good on its own connections alone.

Kept here: TLS ends at a proxy before the gateway, which tells the certificate it checked in the header Client-Cert
(RFC 9440; nginx writes it in a form of its own, which is read too). It is believed from the proxies named for that alone;
from anybody else, another proxy of ours among them, it is as if it were not there. Nothing of a certificate but its
thumbprint is looked at.
"""

from base64 import b64decode
from typing import Final
from urllib.parse import unquote_to_bytes

from datong.crypto.certificates import der_of, thumbprint
from datong.gateway.answers import Scope
from datong.gateway.refusals import CertificateRefused
from datong.kernel.addresses import Network, inside
from datong.wire.policy import Client

HEADER: Final = b"client-cert"
LONGEST: Final = 32_768
"""Bytes of the header; a certificate has two thousand or so, each of which may be written as three."""
REMEDY: Final = (
    "用应用系统页上登记的证书经双向 TLS 连接网关，再取新令牌 (connect by mutual TLS with a certificate registered on the page of "
    "the application, then get a new token)"
)


def presented(scope: Scope, certifiers: tuple[Network, ...]) -> str:
    """The thumbprint of the certificate that the caller of a request presented; empty where there was none.

    Raises:
        CertificateRefused: What a proxy of ours says of it does not read.
    """
    peer = scope.get("client")
    if not (peer and inside(str(peer[0]), certifiers)):
        return ""
    said = [value for name, value in scope["headers"] if name == HEADER]
    if not said:
        return ""
    if len(said) > 1 or len(said[0]) > LONGEST:
        raise refused("请求头 Client-Cert 重复或者过长", "the header Client-Cert is there twice, or too long")
    try:
        return thumbprint(_der(said[0].strip()))
    except ValueError:
        raise refused("请求头 Client-Cert 不能读取", "the header Client-Cert does not read") from None


def check(client: Client, scope: Scope, certifiers: tuple[Network, ...]) -> str:
    """Check that an application presented one of its certificates.

    Returns:
        The thumbprint of that one.

    Raises:
        CertificateRefused: It presented none, or one that is not its own.
    """
    found = presented(scope, certifiers)
    if not found:
        raise refused("没有出示证书", "none was presented")
    if found not in client.certificates:
        raise refused("出示的证书没有登记", "the one presented is not registered")
    return found


def refused(said: str, told: str) -> CertificateRefused:
    """The refusal, in both languages."""
    return CertificateRefused(
        f"此应用只用登记的客户端证书连接：{said} (this application connects with its own client certificate: {told})",
        remedy=REMEDY,
    )


def _der(value: bytes) -> bytes:
    if value.startswith(b":") and value.endswith(b":") and len(value) > 2:
        return b64decode(value[1:-1], validate=True)
    return der_of(unquote_to_bytes(value).decode("ascii"))
