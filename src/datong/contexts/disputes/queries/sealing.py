# SPDX-License-Identifier: Apache-2.0
"""What is sealed at rest (a citizen's words and contact, files of a dispute) and what is only kept as a keyed hash."""

import hmac
from dataclasses import dataclass
from hashlib import sha256

import msgspec
from django.conf import settings

from datong.contexts.disputes.models import Complaint, Paper
from datong.crypto import ciphers
from datong.crypto.keys import load_secret

PAPERS = "disputes papers"
WORDS = "complaints words"
CODES = "complaints codes"
VISITORS = "complaints visitors"


@dataclass(frozen=True, slots=True)
class Letter:
    """What a citizen wrote.

    Attributes:
        words: The complaint.
        department: Department it names, in his words.
        contact: How he can be reached, "" where he did not say.
    """

    words: str
    department: str = ""
    contact: str = ""


_letter = msgspec.json.Decoder(Letter)


def seal_letter(letter: Letter, number: str) -> bytes:
    """Seal a letter under the number of its complaint."""
    return ciphers.seal(_key(WORDS), msgspec.json.encode(letter, order="sorted"), number.encode())


def letter_of(row: Complaint) -> Letter:
    """Open the letter of a complaint; who calls has checked that it may be read."""
    return _letter.decode(ciphers.open_sealed(_key(WORDS), bytes(row.sealed), row.number.encode()))


def seal_paper(content: bytes, digest: str) -> bytes:
    """Seal a file under its digest."""
    return ciphers.seal(_key(PAPERS), content, digest.encode())


def content_of(paper: Paper) -> bytes:
    """Open a file; who calls has checked that it may be read."""
    return ciphers.open_sealed(_key(PAPERS), bytes(paper.sealed), paper.digest.encode())


def hash_of_code(code: str) -> str:
    """Give the keyed hash of a look-up code: it is random and long, so that a keyed hash is enough."""
    return hmac.new(_key(CODES), code.encode(), sha256).hexdigest()


def visitor_of(address: str, day: str) -> str:
    """Give the keyed hash of an address; another one each day, so that nobody is followed over days."""
    return hmac.new(_key(VISITORS), f"{day} {address}".encode(), sha256).hexdigest()


def _key(purpose: str) -> bytes:
    return load_secret(settings.NODE_FOLDER.key, purpose)
