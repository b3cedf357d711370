"""Several keys, each with a name: a file of names and SHA-256 sums, read again when it changes.

Keys are made by chance and long, so that a plain sum cannot be turned round; the file holds no key. A line is
`NAME SUM`; empty lines and those that begin with `#` say nothing.
"""

import hashlib
import hmac
import logging
import re
import secrets
from pathlib import Path
from threading import Lock

from starlette.datastructures import Headers

from loresmith.errors import UserError
from loresmith.serve.access import Key, bearer, cookie_in

LINE = re.compile(r"(?P<name>[A-Za-z0-9._-]{1,64})\s+(?P<sum>[0-9a-fA-F]{64})")
MOST_KEYS = 1_000
HOW = "Each line is a name and the SHA-256 of a key: `printf %s KEY | sha256sum`."

LOG = logging.getLogger(__name__)


class Ring:
    """The keys of a file, and perhaps one more that has no name."""

    def __init__(self, path: Path, master: Key | None = None) -> None:
        """Read the file.

        Raises:
            UserError: it cannot be read, or holds no key.
        """
        self._path, self._master = path, master
        self._salt = secrets.token_bytes(32)
        """Cookies end with the server: who reads the file can make none."""
        self._lock = Lock()
        self._seen = _stamp(path)
        self._names = read(path)

    def who(self, headers: Headers) -> str | None:
        """The name of the key that a request with these headers shows."""
        if self._master is not None and (name := self._master.who(headers)) is not None:
            return name
        token, cookie = bearer(headers), cookie_in(headers)
        shown = _sum(token) if token else ""
        found = None
        for total, name in self._current().items():  # all of them, so that time tells nothing
            if hmac.compare_digest(shown, total) or hmac.compare_digest(cookie.encode(), self._cookie(total).encode()):
                found = name
        return found

    def enter(self, given: str) -> str | None:
        """The cookie for who knows a key."""
        if self._master is not None and (cookie := self._master.enter(given)) is not None:
            return cookie
        total = _sum(given)
        return self._cookie(total) if total in self._current() else None

    def _current(self) -> dict[str, str]:
        """Sums and names as the file has them now. Without the file nobody enters; a broken one changes nothing."""
        with self._lock:
            stamp = _stamp(self._path)
            if stamp != self._seen:
                self._seen = stamp
                try:
                    self._names = read(self._path) if stamp is not None else {}
                    LOG.warning("%s was read again: %d keys", self._path, len(self._names))
                except UserError as fault:
                    LOG.warning("%s; the keys stay as they were", fault.problem)
            return self._names

    def _cookie(self, total: str) -> str:
        return hmac.digest(self._salt, total.encode(), "sha256").hex()


def read(path: Path) -> dict[str, str]:
    """The names of the keys in the file `path`, by their sums.

    Raises:
        UserError: it cannot be read, a line cannot be understood, or there is no key.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as fault:
        raise UserError(f"The keys in {path} cannot be read: {fault}.", next_step=HOW) from fault
    names: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        parts = LINE.fullmatch(line.strip())
        if parts is None:
            raise UserError(f"Line {number} of {path} is no name and sum.", next_step=HOW)
        name, total = parts["name"], parts["sum"].lower()
        if name in names.values() or total in names:
            raise UserError(f"Line {number} of {path} repeats a name or a key.", next_step="Give each its own.")
        names[total] = name
    if not 0 < len(names) <= MOST_KEYS:
        raise UserError(f"{path} holds {len(names)} keys; 1 to {MOST_KEYS} are meant.", next_step=HOW)
    return names


def _sum(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        told = path.stat()
    except OSError:
        return None
    return told.st_mtime_ns, told.st_size, told.st_ino
