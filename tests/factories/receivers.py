# SPDX-License-Identifier: Apache-2.0
"""Receivers for messages: a mail server that takes one letter at a time, an HTTP server that keeps what came; both real."""

from __future__ import annotations

import socketserver
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler

from factories.listening import http_server, listening


@dataclass
class MailBox:
    """What a mail server took: sender, recipient and the letter; `answer` is what it says to a recipient."""

    port: int = 0
    letters: list[tuple[str, str, bytes]] = field(default_factory=list)
    answer: str = "250 OK"


@contextmanager
def a_mail_server() -> Iterator[MailBox]:
    """A mail server on this machine (RFC 5321, as much of it as a client needs)."""
    box = MailBox()

    class Talk(socketserver.StreamRequestHandler):
        def say(self, line: str) -> None:
            self.wfile.write(line.encode() + b"\r\n")

        def handle(self) -> None:
            self.say("220 test")
            sender = recipient = ""
            while line := self.rfile.readline().decode().strip():
                verb = line.upper()
                if verb.startswith("MAIL FROM:"):
                    sender = line[10:]
                    self.say("250 OK")
                elif verb.startswith("RCPT TO:"):
                    recipient = line[8:]
                    self.say(box.answer)
                elif verb == "DATA":
                    self.say("354 go")
                    letter = b"".join(iter(self.rfile.readline, b".\r\n"))
                    box.letters.append((sender, recipient, letter))
                    self.say("250 taken")
                elif verb == "QUIT":
                    self.say("221 bye")
                    return
                else:
                    self.say("250 OK")

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Talk)
    server.daemon_threads = True
    with listening(server) as box.port:
        yield box


@dataclass
class Inbox:
    """What an HTTP server was sent: headers in small letters and the body; `answers` are the statuses it gives, the last for good."""

    port: int = 0
    came: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answers: list[int] = field(default_factory=lambda: [204])
    location: str = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hooks?token=hidden"


@contextmanager
def a_receiver() -> Iterator[Inbox]:
    """An HTTP server on this machine."""
    box = Inbox()

    class Take(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            box.came.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(box.answers.pop(0) if len(box.answers) > 1 else box.answers[0])
            if box.location:
                self.send_header("location", box.location)
            self.send_header("content-length", "0")
            self.end_headers()

    with listening(http_server(Take)) as box.port:
        yield box
