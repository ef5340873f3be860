# SPDX-License-Identifier: Apache-2.0
"""Who calls, and whether from a place and in a way the application allows: token, networks, certificate, signature.

Kept here: every room that takes an access token asks here, so that no channel forgets a rule of the application; the
check of networks is that of the peer, of proxies told to the node alone, and so is that of certificates.
"""

from datong.gateway import certificates
from datong.gateway.answers import Scope
from datong.gateway.asking import Ask, origin_of
from datong.gateway.refusals import AddressNotAllowed
from datong.gateway.signatures import Signatures
from datong.gateway.snapshot import Snapshot
from datong.gateway.tokens import Tokens
from datong.kernel.addresses import Network, inside
from datong.wire.policy import Client


class Callers:
    """Tells the application behind a request.

    Attributes:
        tokens: of this gateway.
        signatures: what checks those of calls.
    """

    def __init__(
        self, tokens: Tokens, signatures: Signatures, proxies: tuple[Network, ...], certifiers: tuple[Network, ...]
    ) -> None:  # fmt: skip
        self.tokens, self.signatures, self._proxies, self._certifiers = tokens, signatures, proxies, certifiers

    def client(self, ask: Ask, snapshot: Snapshot, now: float) -> Client:
        """Give the active client of a request; what it may is checked once the record knows who it is.

        Raises:
            Unauthenticated: no token of ours, or one that ended.
        """
        return self.tokens.client(ask.authorization, snapshot, now)

    def check(self, client: Client, scope: Scope, snapshot: Snapshot, authorization: str = "") -> str:
        """Check where an application calls from and with which certificate, where it has bound itself to any.

        Args:
            client: the application.
            scope: of the request.
            snapshot: the policy in force.
            authorization: with the token, which has to be bound to the same certificate; empty where one is asked for.

        Returns:
            The thumbprint of the certificate; empty where the application has none.

        Raises:
            AddressNotAllowed: from outside of its networks.
            CertificateRefused: none of its own certificates, or another than its token's.
        """
        if client.networks and not inside(origin_of(scope, self._proxies), snapshot.networks[client.client_id]):
            raise AddressNotAllowed(
                "此地址不在该应用准许的网段内 (this application does not call from this address)",
                remedy="请使用部门在应用系统页调整网段 (the department sets the networks on the page of the application)",
            )
        if not client.certificates:
            return ""
        found = certificates.check(client, scope, self._certifiers)
        if authorization and found != self.tokens.certificate(authorization):
            raise certificates.refused("令牌是用另一份证书取得的", "the token was asked for with another one")
        return found
