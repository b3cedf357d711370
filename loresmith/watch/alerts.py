"""Tell people what happened: by mail, to a webhook, or through apprise to whatever it knows; never more than is read.

At most `most` alerts of a kind go out within `within`; what is held back is counted, and the next one that goes out
says how many there were. The count stands in a file, so that a process that starts again and again does not start anew.
An alert that reached nobody does not count. A channel that fails stops neither the others nor the caller.

Passwords and signing keys come from environment variables, never from a recipe, and no error repeats an address that
may hold a secret. Not covered: trying again later, and acknowledging.
"""

import hmac
import json
import os
import smtplib
import ssl
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, ValidationError

from loresmith.artifact import write_whole
from loresmith.errors import MachineError, PackageMissing, UserError
from loresmith.plugins import AlertChannel
from loresmith.records import Alert

TIMEOUT_SECONDS = 20.0
LONGEST_TEXT = 20_000
"""Characters of an alert; a longer one is cut, and says so."""
SIGNATURE = "X-Loresmith-Signature"


class Unsent(MachineError):
    """A channel did not take an alert."""


@dataclass(frozen=True)
class Mail:
    """Sends plain text through an SMTP server."""

    host: str
    sender: str
    recipients: tuple[str, ...]
    port: int = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str | None = None
    password_variable: str = "LORESMITH_SMTP_PASSWORD"
    """Name of the environment variable."""
    context: ssl.SSLContext | None = None
    """Which certificates to trust; `None`: those of the system."""

    def send(self, alert: Alert) -> None:
        """Hand the alert to the server, or raise `Unsent`."""
        if self.user is not None and self.security == "none":
            raise Unsent(
                f"The password for {self.host} would go over the wire in the clear.",
                next_step="Set security to starttls or tls.",
            )
        try:
            with self._connected() as server:
                if self.user is not None:
                    server.login(self.user, _secret(self.password_variable))
                server.send_message(self._message(alert))
        except (OSError, smtplib.SMTPException) as fault:
            raise Unsent(
                f"{self.host}:{self.port} did not take the mail: {_told(fault)}.",
                next_step="Check host, port, security, user and recipients.",
            ) from fault

    def _connected(self) -> smtplib.SMTP:
        context = self.context or ssl.create_default_context()
        if self.security == "tls":
            return smtplib.SMTP_SSL(self.host, self.port, timeout=TIMEOUT_SECONDS, context=context)
        server = smtplib.SMTP(self.host, self.port, timeout=TIMEOUT_SECONDS)
        if self.security == "starttls":
            server.starttls(context=context)
        return server

    def _message(self, alert: Alert) -> EmailMessage:
        message = EmailMessage()
        message["From"] = _one_line(self.sender)
        message["To"] = ", ".join(map(_one_line, self.recipients))
        message["Subject"] = _one_line(f"[{alert.level}] {alert.title}")
        message["Date"] = format_datetime(datetime.fromisoformat(alert.at))
        message["Message-ID"] = make_msgid(domain="loresmith.invalid")  # the machine's name is nobody's business
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(alert.text)
        return message


@dataclass(frozen=True)
class Webhook:
    """Posts the alert as JSON; signed where a key is in the environment, so that the receiver can check who sent it."""

    url: str
    key_variable: str = "LORESMITH_WEBHOOK_KEY"
    """Name of the environment variable; the header `X-Loresmith-Signature` is `sha256=` and the HMAC of the body."""

    def send(self, alert: Alert) -> None:
        """Post the alert, or raise `Unsent`; a redirect is no success, since a signed body goes nowhere else."""
        import httpx

        host = _host_of(self.url)
        body = json.dumps(alert.model_dump(mode="json"), ensure_ascii=False).encode()
        headers = {"content-type": "application/json", "user-agent": "loresmith"}
        if key := os.environ.get(self.key_variable):
            headers[SIGNATURE] = f"sha256={hmac.digest(key.encode(), body, 'sha256').hex()}"
        try:
            answer = httpx.post(self.url, content=body, headers=headers, timeout=TIMEOUT_SECONDS)
        except (httpx.HTTPError, httpx.InvalidURL) as fault:
            raise Unsent(
                f"The webhook at {host} cannot be reached: {type(fault).__name__}.", next_step="Check its address."
            ) from fault
        if not answer.is_success:
            raise Unsent(f"The webhook at {host} answered {answer.status_code}.", next_step="Check its log.")


@dataclass(frozen=True)
class Apprise:
    """Sends through apprise (an extra) to one of the services that it knows, named by its URL."""

    url: str

    def send(self, alert: Alert) -> None:
        """Hand the alert to apprise, or raise `Unsent`."""
        try:
            import apprise
        except ImportError as missing:
            raise PackageMissing("apprise", needed_for="This alert channel", extra="alerts") from missing
        service = apprise.Apprise()
        if not service.add(self.url):
            raise Unsent("apprise knows no service of that address.", next_step="See the list in apprise's manual.")
        kinds = {"info": "info", "warning": "warning", "error": "failure"}
        if not service.notify(title=_one_line(alert.title), body=alert.text, notify_type=kinds[alert.level]):
            scheme = self.url.partition("://")[0]
            raise Unsent(f"apprise could not deliver to {scheme}://….", next_step="Check the address and its token.")


@dataclass(frozen=True)
class Delivery:
    """What became of an alert."""

    sent: tuple[str, ...]
    """Channels that took it."""
    failed: Mapping[str, str]
    """Channels that did not, with the reason."""
    held_back: bool = False
    """Too many of its kind went out already."""


class Alerts:
    """Sends alerts through named channels, within the limit."""

    def __init__(
        self,
        channels: Mapping[str, AlertChannel],
        diary: Path,
        *,
        most: int = 3,
        within: timedelta = timedelta(hours=1),
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`diary` is the file that remembers what went out; `most` of a kind go out `within` any such span."""
        self._channels, self._diary, self._most, self._within, self._now = dict(channels), diary, most, within, now

    def send(self, kind: str, title: str, text: str, level: Literal["info", "warning", "error"] = "info") -> Delivery:
        """Tell people, unless enough of that kind went out lately."""
        diary, moment = _read(self._diary), self._now().astimezone(UTC)
        page = diary.kinds.get(kind, _Page())
        # what lies in the future was written by a wrong clock
        recent = [sent for sent in page.sent if timedelta(0) <= moment - sent < self._within]
        if len(recent) >= self._most:
            self._write(diary, kind, _Page(sent=tuple(recent), held_back=page.held_back + 1))
            return Delivery((), {}, held_back=True)
        alert = Alert(
            kind=kind,
            level=level,
            title=title,
            text=_whole(text, page.held_back),
            at=moment.isoformat(),
            held_back=page.held_back,
        )
        sent, failed = self._through(alert)
        if sent:
            self._write(diary, kind, _Page(sent=(*recent, moment), held_back=0))
        return Delivery(sent, failed)

    def _through(self, alert: Alert) -> tuple[tuple[str, ...], dict[str, str]]:
        sent: list[str] = []
        failed: dict[str, str] = {}
        for name, channel in self._channels.items():
            try:
                channel.send(alert)
            except (MachineError, UserError) as fault:
                failed[name] = fault.problem
            else:
                sent.append(name)
        return tuple(sent), failed

    def _write(self, diary: "_Diary", kind: str, page: "_Page") -> None:
        with suppress(OSError):  # a full disk is a reason to tell people, not to keep silent
            self._diary.parent.mkdir(parents=True, exist_ok=True)
            write_whole(self._diary, _Diary(kinds={**diary.kinds, kind: page}).model_dump_json(indent=1))


class _Page(BaseModel):
    model_config = ConfigDict(frozen=True)

    sent: tuple[datetime, ...] = ()
    held_back: int = 0


class _Diary(BaseModel):
    model_config = ConfigDict(frozen=True)

    kinds: dict[str, _Page] = {}


def _read(path: Path) -> _Diary:
    """What went out; a file that is missing or damaged says that nothing did, which costs a few alerts more."""
    try:
        return _Diary.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return _Diary()


def _whole(text: str, held_back: int) -> str:
    cut = text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}\n… cut after {LONGEST_TEXT:,} characters"
    return cut + (f"\n\n{held_back} more of this kind were held back before this one." if held_back else "")


def _one_line(text: str) -> str:
    """A header has one line, whatever a document's title or a model's answer brought into it."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def _secret(variable: str) -> str:
    found = os.environ.get(variable)
    if not found:
        raise Unsent(f"The environment variable {variable} is not set.", next_step="Put the password there.")
    return found


def _host_of(url: str) -> str:
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        host = None
    if not host or parts.scheme not in ("http", "https"):
        raise Unsent("A webhook's address has to begin with http:// or https://.", next_step="Mend it.")
    return host


def _told(fault: Exception) -> str:
    words: Any = getattr(fault, "smtp_error", None) or getattr(fault, "strerror", None) or type(fault).__name__
    return _one_line(words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words))
