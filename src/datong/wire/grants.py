# SPDX-License-Identifier: Apache-2.0
"""The grant document: what provider, consumer and auditor keep of one permission (809 art. 21, 25).

Kept here: a signed grant is never edited, only suspended, revoked or expired beside it (its stage is no part of the
document); it is signed as canonical JSON, so that anyone may write it again and get the same bytes.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from datong.crypto.signing import Signer, Verifier
from datong.kernel import canonical
from datong.kernel.errors import Malformed
from datong.wire import envelopes
from datong.wire.policy import Grant, Stage

FORMAT = "datong-grant/1"
REQUIRED = ("number", "resource", "department", "channels", "items", "purpose", "not_before", "not_after")

GrantDocument = dict[str, Any]
Envelope = dict[str, Any]


def sign(document: Mapping[str, Any], signer: Signer) -> Envelope:
    """Sign a grant document.

    Args:
        document: at least the fields in REQUIRED, each not empty; others (basis, provider, request, …) are kept.
        signer: the node's key.

    Returns:
        `{"grant": …, "signature": base64, "key_id": …, "algorithm": …}`.

    Raises:
        Malformed: a required field is missing or empty.
    """
    _check(document)
    signature = envelopes.sign(FORMAT, canonical.dumps(document), signer)
    return {
        "grant": dict(document),
        "signature": signature,
        "key_id": signer.key_id,
        "algorithm": signer.algorithm,
    }


def verify(envelope: Mapping[str, Any], verifier: Verifier) -> GrantDocument:
    """Give the document of an envelope whose signature holds.

    Raises:
        Malformed: not an envelope, or signed by another key.
        BadSignature: the document is not what was signed.
    """
    document, signature, key_id = (envelope.get(part) for part in ("grant", "signature", "key_id"))
    if not (isinstance(document, dict) and isinstance(signature, str) and isinstance(key_id, str)):
        raise Malformed("not a signed grant", fields={"grant": "grant, signature and key_id are needed"})
    _check(document)
    envelopes.check(FORMAT, canonical.dumps(document), signature, key_id, verifier)
    return document


def for_client(document: Mapping[str, Any], *, client_id: str, stage: Stage) -> Grant:
    """Give the policy's row of a document for one client, with the stage it is in now; own cases want each case named.

    Raises:
        Malformed: a field of the document has the wrong type.
    """
    stated = {name: value for name, value in document.items() if value is not None}
    try:
        grant = msgspec.convert({**stated, "client_id": client_id, "stage": stage}, Grant)
    except msgspec.ValidationError as error:
        raise Malformed(f"grant {document.get('number')} does not fit a policy: {error}") from error
    return msgspec.structs.replace(grant, require_case=grant.by_case)


def _check(document: Mapping[str, Any]) -> None:
    missing = {name: "missing or empty" for name in REQUIRED if not document.get(name)}
    if missing:
        raise Malformed(f"the grant lacks {', '.join(missing)}", fields=missing)
