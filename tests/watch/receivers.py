"""What alerts are sent to in tests: an SMTP server and a web server, each in a thread, that keep what they get."""

import base64
import json
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class PostOffice:
    """An SMTP server: as much of RFC 5321 as smtplib speaks, STARTTLS, and one account."""

    context: ssl.SSLContext | None = None
    account: tuple[str, str] | None = None
    refuses: str = ""
    """What is said to every recipient."""
    port: int = 0
    mails: list[tuple[EmailMessage, list[str], bool]] = field(default_factory=list)
    """Message, recipients, and whether the line was encrypted."""


@dataclass
class Hook:
    """A web server that answers every post with `status`."""

    status: int = 200
    url: str = ""
    posts: list[tuple[dict[str, str], Any, bytes]] = field(default_factory=list)
    """Headers in small letters, the JSON, and the bytes."""


class Clerk(socketserver.StreamRequestHandler):
    """One conversation with the post office."""

    office: PostOffice

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def handle(self) -> None:
        self.say("220 office")
        self.recipients: list[str] = []
        self.is_private = self.is_known = False
        with suppress(OSError):  # who does not trust our certificate hangs up
            while (line := self.rfile.readline().decode().strip()) and self.obeys(line):
                pass
        if self.is_private:
            self.connection.close()

    def obeys(self, line: str) -> bool:
        verb = line.upper().partition(" ")[0]
        if verb == "EHLO":
            offers = ["250-STARTTLS"] * (self.office.context is not None and not self.is_private)
            for offer in ("250-office", *offers, "250-AUTH PLAIN", "250 8BITMIME"):
                self.say(offer)
        elif verb == "STARTTLS" and self.office.context is not None:
            self.say("220 go on")
            self.connection = self.office.context.wrap_socket(self.connection, server_side=True)
            self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", buffering=0)
            self.is_private = True
        elif verb == "AUTH":
            _, user, password = base64.b64decode(line.split()[2]).decode().split("\0")
            self.is_known = (user, password) == self.office.account
            self.say("235 welcome" if self.is_known else "535 who are you?")
        elif verb == "RCPT":
            if self.office.refuses or (self.office.account and not self.is_known):
                self.say(f"550 {self.office.refuses or 'sign in first'}")
            else:
                self.recipients.append(line.partition("<")[2].partition(">")[0])
                self.say("250 yes")
        elif verb == "DATA":
            self.say("354 go on")
            lines = []
            while (part := self.rfile.readline()) != b".\r\n":
                lines.append(part.removeprefix(b".") if part.startswith(b"..") else part)
            message = message_from_bytes(b"".join(lines), policy=policy.default)
            self.office.mails.append((message, self.recipients, self.is_private))  # type: ignore[arg-type]
            self.say("250 taken")
        else:
            self.say("221 bye" if verb == "QUIT" else "250 yes")
        return verb != "QUIT"


@contextmanager
def post_office(**settings: Any) -> Iterator[PostOffice]:
    office = PostOffice(**settings)
    handler = type("Handler", (Clerk,), {"office": office})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        office.port = server.server_address[1]
        yield from _running(server, office)


@contextmanager
def hook(**settings: Any) -> Iterator[Hook]:
    opened = Hook(**settings)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            opened.posts.append(({name.lower(): value for name, value in self.headers.items()}, json.loads(body), body))
            self.send_response(opened.status)
            self.send_header("location", "/elsewhere")
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        opened.url = f"http://127.0.0.1:{server.server_address[1]}/hook?token=s3cret"
        yield from _running(server, opened)


def _running(server: Any, shown: Any) -> Iterator[Any]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield shown
    finally:
        server.shutdown()
        thread.join(10)
