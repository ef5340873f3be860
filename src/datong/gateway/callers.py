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

    def check_certificate(self, client: Client, scope: Scope, authorization: str = "") -> str:
        """Check with which certificate an application with certificates connects, and that its token is bound to this one.

        Returns:
            The thumbprint.

        Raises:
            CertificateRefused: none of its own, or another than its token's.
        """
        found = certificates.check(client, scope, self._certifiers)
        if authorization and found != self.tokens.certificate(authorization):
            raise certificates.refused("令牌是用另一份证书取得的", "the token was asked for with another one")
        return found

    def check_address(self, client: Client, scope: Scope, snapshot: Snapshot) -> None:
        """Check where an application calls from.

        Raises:
            AddressNotAllowed: from outside of its networks.
        """
        known = snapshot.networks.get(client.client_id, ())
        if known and not inside(origin_of(scope, self._proxies), known):
            raise AddressNotAllowed(
                "此地址不在该应用准许的网段内 (this application does not call from this address)",
                remedy="请使用部门在应用系统页调整网段 (the department sets the networks on the page of the application)",
            )
