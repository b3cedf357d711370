"""What the database of a registry says, and the few ways in which it changes; no rule about versions lives here."""

import getpass
import json
import os
import socket
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from loresmith.errors import UserError
from loresmith.registry.database import FILE, complaints, connect, transaction
from loresmith.registry.records import Entry, Event, State, Version

CHAMPION, CANDIDATE, PREVIOUS = "champion", "candidate", "previous"
ALIASES = (CHAMPION, CANDIDATE, PREVIOUS)

Moves = Mapping[str, tuple[int | None, int | None]]
"""Aliases, each from one version to another."""
FileTable = Mapping[str, tuple[int, str]]
"""Path in a version to (bytes, sha256)."""


class Ledger:
    """The open database of the registry in `folder`. What changes it belongs inside `transaction`."""

    def __init__(self, folder: Path, now: Callable[[], datetime], *, create: bool = False) -> None:
        self._folder = folder
        self._now = now
        self._connection = connect(folder, create=create)

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def transaction(self) -> AbstractContextManager[None]:
        """Holds the write lock; what is done inside takes effect as one."""
        return transaction(self._connection, self._folder / FILE)

    def entries(self) -> list[Entry]:
        """Every version that ever was, oldest first."""
        aliases, tags = self.names("aliases"), self.names("tags")
        rows = self._connection.execute("SELECT number, state, record FROM versions ORDER BY number").fetchall()
        return [_entry(row, aliases, tags) for row in rows]

    def number(self, name: int | str) -> int:
        """The number of the version called `name`: a number, an alias or a tag.

        Raises:
            UserError: there is none.
        """
        if isinstance(name, int) or name.isdecimal():
            found = self._one("SELECT number FROM versions WHERE number = ?", int(name))
        elif name in ALIASES:
            found = self.alias(name)
        else:
            found = self._one("SELECT version FROM tags WHERE name = ?", name)
        if found is None:
            what = f"No version is the {name}" if name in ALIASES else f"There is no version {name!r}"
            raise UserError(f"{what} in {self._folder}.", next_step=f"See `loresmith registry list {self._folder}`.")
        return found

    def entry(self, number: int) -> Entry:
        """The version of that number, which exists."""
        row = self._connection.execute("SELECT number, state, record FROM versions WHERE number = ?", (number,))
        return _entry(row.fetchone(), self.names("aliases"), self.names("tags"))

    def last(self) -> int:
        """The highest number that was given; 0 before the first."""
        return self._one("SELECT max(number) FROM versions") or 0

    def alias(self, name: str) -> int | None:
        """The version that an alias names."""
        return self._one("SELECT version FROM aliases WHERE name = ?", name)

    def names(self, table: str) -> dict[str, int]:
        """All `aliases` or `tags`, with the version of each."""
        return {str(row[0]): int(row[1]) for row in self._connection.execute(f"SELECT name, version FROM {table}")}

    def state(self, number: int) -> State:
        """Where a version stands.

        Raises:
            UserError: there is none of that number.
        """
        return self.entry(self.number(number)).state

    def files(self, number: int) -> dict[str, tuple[int, str]]:
        """Every file of a version by its path, with bytes and sha256."""
        rows = self._connection.execute(
            "SELECT path, size, sha256 FROM files WHERE version = ? ORDER BY path", (number,)
        )
        return {str(path): (int(size), str(digest)) for path, size, digest in rows}

    def events(self, version: int | None = None) -> list[Event]:
        """The audit log, oldest first; of one version, where one is named."""
        columns = "SELECT id, at, who, action, version, moves, reason, evidence FROM log"
        where, given = ("", ()) if version is None else (" WHERE version = ?", (version,))
        return [_event(row) for row in self._connection.execute(f"{columns}{where} ORDER BY id", given)]

    def beat(self) -> int:
        """A number that changes whenever another connection has changed the file; costs microseconds."""
        return int(self._connection.execute("PRAGMA data_version").fetchone()[0])

    def complaints(self) -> list[str]:
        """What SQLite finds wrong with the file."""
        return complaints(self._connection)

    def enter(self, version: Version, files: FileTable) -> None:
        """A new version and the hashes of its files."""
        self._connection.execute(
            "INSERT INTO versions (number, state, record) VALUES (?, 'kept', ?)",
            (version.number, version.model_dump_json()),
        )
        self._connection.executemany(
            "INSERT INTO files (version, path, size, sha256) VALUES (?, ?, ?, ?)",
            [(version.number, path, size, digest) for path, (size, digest) in sorted(files.items())],
        )

    def move(self, moves: Moves) -> None:
        """Let aliases name what `moves` says."""
        for name, (_, version) in moves.items():
            self._connection.execute("DELETE FROM aliases WHERE name = ?", (name,))
            if version is not None:
                self._connection.execute("INSERT INTO aliases (name, version) VALUES (?, ?)", (name, version))

    def set_state(self, number: int, state: State) -> None:
        """Let a version stand elsewhere."""
        self._connection.execute("UPDATE versions SET state = ? WHERE number = ?", (state, number))

    def set_tag(self, name: str, number: int | None) -> None:
        """Give a tag to a version, or take it back."""
        if number is None:
            self._connection.execute("DELETE FROM tags WHERE name = ?", (name,))
        else:
            self._connection.execute("INSERT INTO tags (name, version) VALUES (?, ?)", (name, number))

    def end_reign(self, champion: int) -> None:
        """Remember who was champion last."""
        self._connection.execute("INSERT INTO reigns (version) VALUES (?)", (champion,))

    def return_to_last_reign(self) -> int | None:
        """Forget the last champion's reign, since it begins again; the champion before it that can still be chosen."""
        rows = self._connection.execute("SELECT id, version FROM reigns ORDER BY id DESC").fetchall()
        returned = int(rows[0][1])
        for reign, version in rows:
            if version != returned and self.state(version) == "kept":
                return int(version)
            self._connection.execute("DELETE FROM reigns WHERE id = ?", (reign,))
        return None

    def write(
        self, action: str, version: int, moves: Moves, reason: str, evidence: Mapping[str, Any] | None = None
    ) -> None:
        """A line of the audit log."""
        shown = None if evidence is None else json.dumps(evidence, ensure_ascii=False)
        self._connection.execute(
            "INSERT INTO log (at, who, action, version, moves, reason, evidence) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (self.stamp(), _who(), action, version, json.dumps(moves), " ".join(reason.split()), shown),
        )

    def stamp(self) -> str:
        """The time, as it is written down."""
        return self._now().astimezone(UTC).isoformat(timespec="seconds")

    def _one(self, query: str, *given: int | str) -> int | None:
        row = self._connection.execute(query, given).fetchone()
        return None if row is None or row[0] is None else int(row[0])


def _entry(row: tuple[int, State, str], aliases: Mapping[str, int], tags: Mapping[str, int]) -> Entry:
    number, state, record = row
    return Entry(
        version=Version.model_validate_json(record),
        state=state,
        aliases=tuple(name for name in ALIASES if aliases.get(name) == number),
        tags=tuple(sorted(name for name, version in tags.items() if version == number)),
    )


def _event(row: tuple[int, str, str, str, int, str, str, str | None]) -> Event:
    number, at, who, action, version, moves, reason, evidence = row
    return Event(
        id=number,
        at=at,
        who=who,
        action=action,
        version=version,
        moves=json.loads(moves),
        reason=reason,
        evidence=None if evidence is None else json.loads(evidence),
    )


def _who() -> str:
    try:
        name = getpass.getuser()
    except (KeyError, OSError, ImportError):
        name = f"user {os.getuid()}" if hasattr(os, "getuid") else "unknown"
    return f"{name} on {socket.gethostname()}"
