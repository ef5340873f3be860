# SPDX-License-Identifier: Apache-2.0
"""Time-stamping authorities: real stamps made by `openssl ts`, behind an HTTP server of this machine."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from factories.listening import http_server, listening

PLAN = """
[tsa]
serial = {folder}/serial
signer_cert = {folder}/tsa.crt
signer_key = {folder}/tsa.key
certs = {folder}/chain.crt
signer_digest = {digest}
default_policy = 1.2.3.4.1
other_policies = 1.2.3.4.2
digests = sha256, sha512
accuracy = secs:1
ess_cert_id_alg = {named}
"""
STAMPS = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])


@dataclass(frozen=True)
class Authority:
    """A root, an authority below it, and what signs stamps.

    Attributes:
        folder: Where its keys lie.
        name: In the certificate that signs stamps.
    """

    folder: Path
    name: str

    @property
    def roots(self) -> bytes:
        return (self.folder / "root.crt").read_bytes()

    def answer(self, question: bytes) -> bytes:
        """Answer a question as `openssl ts -reply` does."""
        (self.folder / "question").write_bytes(question)
        command = ["openssl", "ts", "-reply", "-config", "plan.cnf", "-section", "tsa", "-queryfile", "question"]
        done = subprocess.run([*command, "-out", "answer"], cwd=self.folder, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr
        return (self.folder / "answer").read_bytes()


@dataclass
class Desk:
    """An HTTP server of an authority: `give` makes the answer of a question, `status` goes with it."""

    give: Callable[[bytes], bytes]
    status: int = 200
    port: int = 0
    asked: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/tsr"


def a_tsa(folder: Path, name: str = "Test TSA", *, usage: x509.ExtendedKeyUsage | None = STAMPS, critical: bool = True,
    may_sign: bool = True, ended: bool = False, digest: str = "sha256", named: str = "sha256") -> Authority:  # fmt: skip
    """Make a time-stamping authority; keys are of P-256."""
    assert shutil.which("openssl"), "the tests of time stamps need the program openssl"
    folder.mkdir(parents=True)
    root = _certified(folder / "root", f"Root of {name}", None, ca=True)
    middle = _certified(folder / "middle", f"Middle of {name}", root, ca=may_sign)
    _certified(folder / "tsa", name, middle, usage=usage, critical=critical, ended=ended)
    shutil.copy(folder / "middle.crt", folder / "chain.crt")
    (folder / "plan.cnf").write_text(PLAN.format(folder=folder, digest=digest, named=named))
    return Authority(folder, name)


def ring(authority: Authority, count: int) -> Authority:
    """Have an authority send, instead of the way to its root, certificates that all vouch for one another."""
    key = load_pem_private_key((authority.folder / "middle.key").read_bytes(), None)
    middle = x509.load_pem_x509_certificate((authority.folder / "middle.crt").read_bytes())
    made = (_made(middle.subject, (middle.subject, key), key, ca=True) for _ in range(count))
    (authority.folder / "chain.crt").write_bytes(b"".join(one.public_bytes(Encoding.PEM) for one in made))
    return authority


@contextmanager
def a_desk(give: Callable[[bytes], bytes]) -> Iterator[Desk]:
    """Serve an authority on this machine."""
    desk = Desk(give)

    class Stamp(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            question = self.rfile.read(int(self.headers["content-length"]))
            desk.asked.append(({name.lower(): value for name, value in self.headers.items()}, question))
            answer = desk.give(question)
            self.send_response(desk.status)
            self.send_header("content-type", "application/timestamp-reply")
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

    with listening(http_server(Stamp)) as desk.port:
        yield desk


def _certified(
    place: Path, name: str, by: tuple[x509.Certificate, ec.EllipticCurvePrivateKey] | None, *, ca: bool = False,
    usage: x509.ExtendedKeyUsage | None = None, critical: bool = True, ended: bool = False,
) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:  # fmt: skip
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    signed = (by[0].subject, by[1]) if by else (subject, key)
    certificate = _made(subject, signed, key, ca=ca, usage=usage, critical=critical, ended=ended)
    place.with_suffix(".crt").write_bytes(certificate.public_bytes(Encoding.PEM))
    place.with_suffix(".key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return certificate, key


def _made(
    subject: x509.Name, by: tuple[x509.Name, ec.EllipticCurvePrivateKey], key: ec.EllipticCurvePrivateKey, *, ca: bool,
    usage: x509.ExtendedKeyUsage | None = None, critical: bool = True, ended: bool = False,
) -> x509.Certificate:  # fmt: skip
    now, (issuer, signer) = datetime.now(UTC), by
    made = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
    made = made.serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=9))
    made = made.not_valid_after(now + timedelta(days=-1 if ended else 9))
    made = made.add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    made = made.add_extension(usage, critical=critical) if usage else made
    return made.sign(signer, hashes.SHA256())
