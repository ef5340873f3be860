# SPDX-License-Identifier: Apache-2.0
"""Signatures of requests to S3 (AWS Signature Version 4): in headers, or in the address of a link that ends.

Kept here: paths are encoded once, as S3 wants it; a presigned link names the seconds it lives and nothing else can be done
with it; the secret key never leaves this module's arguments.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from urllib.parse import quote, urlsplit

ALGORITHM = "AWS4-HMAC-SHA256"
EMPTY = sha256(b"").hexdigest()
UNSIGNED = "UNSIGNED-PAYLOAD"
LONGEST_LINK = 7 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Credential:
    """Who signs.

    Attributes:
        access: Access key, which may be shown.
        secret: Secret key.
        region: Such as us-east-1.
        service: s3.
    """

    access: str
    secret: str = field(repr=False)
    region: str = "us-east-1"
    service: str = "s3"

    def scope(self, day: str) -> str:
        """The credential's scope on a day (yyyymmdd)."""
        return f"{day}/{self.region}/{self.service}/aws4_request"


def signed(credential: Credential, method: str, url: str, query: Mapping[str, str], digest: str, now: datetime) -> dict[str, str]:
    """Give the headers that sign a request.

    Args:
        credential: Who signs.
        method: GET, PUT and so on.
        url: Address without query; its path as it is sent.
        query: Parameters that will be sent.
        digest: SHA-256 (hex) of the body, or `UNSIGNED`.
        now: An aware time.
    """
    parts, stamp = urlsplit(url), _stamp(now)
    headers = {"host": parts.netloc, "x-amz-content-sha256": digest, "x-amz-date": stamp}
    names = ";".join(headers)
    lines = "".join(f"{name}:{value}\n" for name, value in headers.items())
    canonical = "\n".join((method, parts.path or "/", encoded(query), lines, names, digest))
    given = f"Credential={credential.access}/{credential.scope(stamp[:8])}, SignedHeaders={names}"
    shown = {name: value for name, value in headers.items() if name != "host"}
    return {**shown, "authorization": f"{ALGORITHM} {given}, Signature={_signature(credential, canonical, stamp)}"}


def presigned(credential: Credential, method: str, url: str, seconds: int, now: datetime) -> str:
    """Give a link by which anybody may do one thing until it ends.

    Args:
        credential: Who signs.
        method: GET or HEAD.
        url: Address of the object, without query.
        seconds: How long it lives, up to seven days.
        now: An aware time.
    """
    parts, stamp = urlsplit(url), _stamp(now)
    query = {
        "X-Amz-Algorithm": ALGORITHM,
        "X-Amz-Credential": f"{credential.access}/{credential.scope(stamp[:8])}",
        "X-Amz-Date": stamp,
        "X-Amz-Expires": str(max(1, min(seconds, LONGEST_LINK))),
        "X-Amz-SignedHeaders": "host",
    }
    said = encoded(query)
    canonical = "\n".join((method, parts.path or "/", said, f"host:{parts.netloc}\n", "host", UNSIGNED))
    return f"{url}?{said}&X-Amz-Signature={_signature(credential, canonical, stamp)}"


def encoded(query: Mapping[str, str]) -> str:
    """Give parameters as S3 signs them: sorted, everything encoded but unreserved characters."""
    return "&".join(sorted(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in query.items()))


def path_of(name: str) -> str:
    """Give the name of an object as a path: everything encoded but unreserved characters and the slash."""
    return quote(name, safe="/-_.~")


def _stamp(now: datetime) -> str:
    return now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _signature(credential: Credential, canonical: str, stamp: str) -> str:
    key = f"AWS4{credential.secret}".encode()
    for word in (stamp[:8], credential.region, credential.service, "aws4_request"):
        key = hmac.digest(key, word.encode(), "sha256")
    digest = sha256(canonical.encode()).hexdigest()
    return hmac.new(key, f"{ALGORITHM}\n{stamp}\n{credential.scope(stamp[:8])}\n{digest}".encode(), "sha256").hexdigest()
