"""The registry's SQLite file: its tables, what they refuse to change, and its one kind of transaction."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from loresmith.errors import MachineError, UserError

FILE = "registry.sqlite"
LAYOUT = 1
"""`user_version` of the file."""
PATIENCE_SECONDS = 30.0
"""How long a transaction of another process is waited for; each takes milliseconds."""

_TABLES = """
CREATE TABLE versions (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    state TEXT NOT NULL CHECK (state IN ('kept', 'archived', 'pruned')),
    record TEXT NOT NULL
);
CREATE TABLE files (
    version INTEGER NOT NULL REFERENCES versions(number),
    path TEXT NOT NULL,
    size INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    PRIMARY KEY (version, path)
) WITHOUT ROWID;
CREATE TABLE aliases (name TEXT PRIMARY KEY, version INTEGER NOT NULL REFERENCES versions(number));
CREATE TABLE tags (name TEXT PRIMARY KEY, version INTEGER NOT NULL REFERENCES versions(number));
CREATE TABLE reigns (id INTEGER PRIMARY KEY AUTOINCREMENT, version INTEGER NOT NULL REFERENCES versions(number));
CREATE TABLE log (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    who TEXT NOT NULL,
    action TEXT NOT NULL,
    version INTEGER NOT NULL REFERENCES versions(number),
    moves TEXT NOT NULL,
    reason TEXT NOT NULL,
    evidence TEXT
);
"""
_FIXED = (
    ("versions_stay", "DELETE ON versions"),
    ("records_stay", "UPDATE OF number, record ON versions"),
    ("files_stay", "DELETE ON files"),
    ("hashes_stay", "UPDATE ON files"),
    ("log_stays", "DELETE ON log"),
    ("log_is_written_once", "UPDATE ON log"),
)
"""What a trigger refuses, by its name: a mistake of ours must not rewrite history either."""


def connect(folder: Path, *, create: bool = False) -> sqlite3.Connection:
    """An open connection to the registry in `folder`, in which each statement commits by itself.

    Raises:
        UserError: there is no registry, or the file is none.
        MachineError: the file cannot be opened, or another process holds it for too long.
    """
    path = folder / FILE
    if not create and not path.is_file():
        raise UserError(
            f"There is no registry at {folder}.",
            next_step="Add a first version with `loresmith registry add PROJECT`, or name another place.",
        )
    try:
        connection = sqlite3.connect(path, isolation_level=None, timeout=PATIENCE_SECONDS, check_same_thread=False)
    except sqlite3.Error as fault:
        raise _unusable(path, fault) from fault
    try:
        _prepare(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection, path: Path) -> Iterator[None]:
    """Hold the write lock; all statements of the block take effect together, or none does.

    Raises:
        MachineError: another process held the lock for too long, or the disk is full.
    """
    try:
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
    except sqlite3.Error as fault:
        raise _unusable(path, fault) from fault


def complaints(connection: sqlite3.Connection) -> list[str]:
    """What SQLite itself finds wrong with the file; nothing where it is sound."""
    try:
        found = [str(row[0]) for row in connection.execute("PRAGMA integrity_check")]
        strays = [
            f"{row[0]} names a version that is not there" for row in connection.execute("PRAGMA foreign_key_check")
        ]
    except sqlite3.DatabaseError as fault:
        return [str(fault)]
    return [line for line in found if line != "ok"] + strays


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    try:
        _into_wal(connection)
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        layout = connection.execute("PRAGMA user_version").fetchone()[0]
    except sqlite3.Error as fault:
        raise _unusable(path, fault) from fault
    if layout == 0:
        _lay_out(connection, path)
    elif layout != LAYOUT:
        raise UserError(
            f"{path} has the layout {layout}; this version of Loresmith knows {LAYOUT}.",
            next_step="Use the version of Loresmith that wrote it, or a newer one.",
        )


def _into_wal(connection: sqlite3.Connection) -> None:
    """Two processes that make the same registry both switch it; SQLite does not wait there by itself."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def _lay_out(connection: sqlite3.Connection, path: Path) -> None:
    with transaction(connection, path):
        if connection.execute("PRAGMA user_version").fetchone()[0] == LAYOUT:
            return  # another process was first
        for statement in filter(str.strip, _TABLES.split(";")):
            connection.execute(statement)
        for name, what in _FIXED:
            connection.execute(f"CREATE TRIGGER {name} BEFORE {what} BEGIN SELECT RAISE(ABORT, 'written once'); END")
        connection.execute(f"PRAGMA user_version = {LAYOUT}")


def _unusable(path: Path, fault: sqlite3.Error) -> UserError | MachineError:
    words = str(fault)
    if isinstance(fault, sqlite3.OperationalError):
        if "locked" in words or "busy" in words:
            return MachineError(
                f"{path} was held by another process for {PATIENCE_SECONDS:.0f} seconds.",
                next_step="Stop that process, or try again later.",
            )
        return MachineError(f"{path} cannot be used: {words}.", next_step="Check the folder's rights and free space.")
    return UserError(
        f"{path} is no registry, or damaged: {words}.",
        next_step="Put a copy of the file back; the versions beside it are whole project folders.",
    )
