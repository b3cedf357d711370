"""The registry itself: versions come in, aliases move, and every move is written down with its reason."""

import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from loresmith.artifact import machine_error
from loresmith.errors import FolderInUse, UserError
from loresmith.pipeline import Project
from loresmith.progress import Work
from loresmith.registry import shelf
from loresmith.registry.checking import faults
from loresmith.registry.intake import describe, fill
from loresmith.registry.ledger import ALIASES, CANDIDATE, CHAMPION, PREVIOUS, Ledger
from loresmith.registry.records import Entry, Event, Fault, Version, Weeding
from loresmith.registry.weeding import weed

KEPT_VERSIONS = 5
"""The newest versions that pruning leaves alone."""
TAG = re.compile(r"[A-Za-z_][A-Za-z0-9._-]{0,63}")
ROUND_LOCK = ".round.lock"


def _now() -> datetime:
    return datetime.now(UTC)


class Registry:
    """An open registry. Several processes may have it open; one object serves one thread at a time."""

    def __init__(
        self, folder: Path, *, create: bool = False, only_look: bool = False, now: Callable[[], datetime] = _now
    ) -> None:
        """Open the registry in `folder`; removes what killed processes left there, unless to `only_look`.

        Raises:
            UserError: there is none, and none is to be made.
            MachineError: it cannot be written.
        """
        self.path = folder
        self._shelf = shelf.Shelf(folder)
        try:
            if create:
                folder.mkdir(parents=True, exist_ok=True)
            self._ledger = Ledger(folder, now, create=create)
        except OSError as fault:
            raise machine_error(fault, folder) from fault
        try:
            if not only_look:
                self._sweep()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> "Registry":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._ledger.close()

    def entries(self) -> list[Entry]:
        """Every version that ever was, oldest first."""
        return self._ledger.entries()

    def entry(self, name: int | str) -> Entry:
        """The version of that number, alias or tag.

        Raises:
            UserError: there is none.
        """
        return self._ledger.entry(self._ledger.number(name))

    def alias(self, name: str) -> int | None:
        """The number of the version that the alias `name` names now."""
        return self._ledger.alias(name)

    def folder(self, number: int) -> Path:
        """Where the files of a version lie: a project folder that is never written into."""
        return self._shelf.of(number)

    def events(self, version: int | None = None) -> list[Event]:
        """The audit log, oldest first; of one version, where one is named."""
        return self._ledger.events(version)

    def beat(self) -> int:
        """A number that changes whenever another connection has changed the registry; costs microseconds."""
        return self._ledger.beat()

    def verify(self, numbers: Iterable[int] | None = None) -> Work[list[Fault]]:
        """All that is not as it was written, every file read and hashed; empty where the registry is sound."""
        return faults(self._ledger, self._shelf, None if numbers is None else sorted(set(numbers)))

    def add(self, project: Project, *, reason: str = "") -> Work[Version]:
        """`project` as the next version, which becomes the `candidate`; the caller holds the project's lock.

        Raises:
            UserError: the registry is another expert's, or has lost its database.
            ArtifactMissing: the project has no index.
            ArtifactCorrupt: an artifact is damaged, or changed while it was taken in.
            MachineError: the disk is full.
        """
        try:
            with self._ledger.transaction():
                self._require_same_expert(project.recipe.name)
                coming = self._shelf.begin()
            with shelf.filling(coming) as folder:
                filled = yield from fill(project, folder)
                with self._ledger.transaction():
                    strays = self._strays()  # another process may have been killed since this one opened
                    number = self._ledger.last() + 1
                    version = describe(filled, number, self.alias(CHAMPION), self._ledger.stamp())
                    self._shelf.seat(coming, number)
                    self._ledger.enter(version, filled.files)
                    moves = {CANDIDATE: (self.alias(CANDIDATE), number)}
                    self._ledger.move(moves)
                    self._ledger.write("add", number, moves, reason)
            for stray in strays:
                shelf.remove(stray)
        except OSError as fault:
            raise machine_error(fault, self.path) from fault
        return version

    def promote(
        self,
        number: int,
        *,
        instead_of: int | None,
        reason: str,
        evidence: dict[str, Any] | None = None,
    ) -> None:
        """Make `number` the champion, and the champion that was `previous`.

        Args:
            number: The version.
            instead_of: The champion that it was compared with; `None`: there was none.
            reason: For the audit log.
            evidence: What the gate said.

        Raises:
            UserError: it cannot be promoted, or another has become champion meanwhile.
        """
        with self._ledger.transaction():
            self._require_kept(number)
            champion = self.alias(CHAMPION)
            if champion != instead_of:
                raise _overtaken(champion)
            if champion == number:
                raise UserError(f"Version {number} is the champion.", next_step="Nothing is to be done.")
            moves: dict[str, tuple[int | None, int | None]] = {CHAMPION: (champion, number)}
            if champion is not None:
                self._ledger.end_reign(champion)
                moves[PREVIOUS] = (self.alias(PREVIOUS), champion)
            if self.alias(CANDIDATE) == number:
                moves[CANDIDATE] = (number, None)
            self._ledger.move(moves)
            self._ledger.write("promote", number, moves, reason, evidence)

    def refuse(self, number: int, *, is_final: bool, reason: str, evidence: dict[str, Any] | None = None) -> None:
        """Write down that the gate kept `number` out; where that `is_final`, it is no candidate any more."""
        with self._ledger.transaction():
            is_candidate = self.alias(CANDIDATE) == number
            moves: dict[str, tuple[int | None, int | None]] = {}
            if is_final and is_candidate:
                moves[CANDIDATE] = (number, None)
            self._ledger.move(moves)
            self._ledger.write("refuse", number, moves, reason, evidence)

    def rollback(self, *, reason: str) -> Work[tuple[int, int]]:
        """Make `previous` the champion again, after its files were read and found whole: the numbers from and to.

        `previous` then names the champion before that one, so that a second rollback goes further back and never
        returns to the version that was left.

        Raises:
            UserError: there is no previous version, its files are damaged, or an alias has moved meanwhile.
        """
        champion, previous = self.alias(CHAMPION), self.alias(PREVIOUS)
        if champion is None or previous is None:
            raise UserError(
                f"{self.path} has no previous champion to go back to.",
                next_step="Promote a version by its number: `loresmith registry promote` with --force and the reason.",
            )
        broken = yield from self.verify([previous])
        if broken:
            raise UserError(
                f"Version {previous} cannot serve: {broken[0].path}: {broken[0].problem}.",
                next_step=f"Version {champion} stays the champion. Promote another one by its number.",
            )
        with self._ledger.transaction():
            if (self.alias(CHAMPION), self.alias(PREVIOUS)) != (champion, previous):
                raise _overtaken(self.alias(CHAMPION))
            moves = {CHAMPION: (champion, previous), PREVIOUS: (previous, self._ledger.return_to_last_reign())}
            self._ledger.move(moves)
            self._ledger.write("rollback", previous, moves, reason)
        return champion, previous

    def archive(self, number: int, *, reason: str = "", undo: bool = False) -> None:
        """Take a version out of the choice, or put it back; its files stay.

        Raises:
            UserError: an alias names it, or its files were pruned.
        """
        with self._ledger.transaction():
            held = [name for name, version in self._ledger.names("aliases").items() if version == number]
            if held:
                raise UserError(
                    f"Version {number} is the {' and the '.join(held)}, so it cannot be archived.",
                    next_step="Promote another version first.",
                )
            if self._ledger.state(number) == "pruned":
                raise UserError(f"The files of version {number} were pruned.", next_step="Choose another version.")
            self._ledger.set_state(number, "kept" if undo else "archived")
            self._ledger.write("restore" if undo else "archive", number, {}, reason)

    def tag(self, number: int, name: str, *, remove: bool = False) -> None:
        """Give a version a name of its own, or take it away; a tag never moves from one version to another.

        Raises:
            UserError: the name cannot be one, is taken, or the version has no such tag.
        """
        require_tag(name)
        with self._ledger.transaction():
            holder = self._ledger.names("tags").get(name)
            if remove:
                if holder != number:
                    raise UserError(f"Version {number} has no tag {name!r}.", next_step="Check the version's number.")
                self._ledger.set_tag(name, None)
            else:
                self._require_files(number)
                if holder is not None:
                    raise UserError(f"Version {holder} has the tag {name!r}.", next_step="Choose another word.")
                self._ledger.set_tag(name, number)
            self._ledger.write("untag" if remove else "tag", number, {}, name)

    def prune(self, keep: int = KEPT_VERSIONS, *, dry_run: bool = False) -> Weeding:
        """Remove the files of versions that no alias and no tag names and that are not among the `keep` newest.

        Archived versions do not count among the newest. The records stay. A `dry_run` only says what would go.
        """
        with self._ledger.transaction():
            found = weed(self.entries(), keep, self._shelf)
            if dry_run:
                return found
            for number in found.versions:
                self._ledger.set_state(number, "pruned")
                self._ledger.write("prune", number, {}, "")
        self._sweep()  # the folders are nobody's from here on, also if this process ends now
        return found

    @contextmanager
    def round(self, name: str, *, wait_seconds: float = 0) -> Iterator[None]:
        """Hold the registry for a round that trains and promotes; looking, serving and rolling back go on beside it.

        Raises:
            FolderInUse: another round goes on, and did not end within `wait_seconds`; names its process.
        """
        from filelock import FileLock, Timeout

        holder = self.path / f"{ROUND_LOCK}.holder"
        try:
            with FileLock(self.path / ROUND_LOCK, timeout=wait_seconds, thread_local=False):
                holder.write_text(f"{name} (process {os.getpid()})", encoding="utf-8")
                yield
        except Timeout as fault:
            named = holder.read_text(encoding="utf-8") if holder.is_file() else "another process"
            raise FolderInUse(self.path, named) from fault

    def _sweep(self) -> None:
        with self._ledger.transaction():
            strays = self._strays()
        for stray in strays:
            shelf.remove(stray)

    def _strays(self) -> list[Path]:
        entries = self.entries()
        pruned = [entry.number for entry in entries if entry.state == "pruned"]
        return self._shelf.strays([entry.number for entry in entries], pruned)

    def _require_same_expert(self, name: str) -> None:
        last = self._ledger.last()
        if last and (other := self._ledger.entry(last).version.name) != name:
            raise UserError(
                f"{self.path} keeps versions of {other!r}, and this project is {name!r}.",
                next_step="Give it a registry of its own with --registry, or mend the recipe's `name`.",
            )

    def _require_files(self, number: int) -> None:
        if self._ledger.state(number) == "pruned":
            raise UserError(f"The files of version {number} were pruned.", next_step="Choose another version.")

    def _require_kept(self, number: int) -> None:
        self._require_files(number)
        if self._ledger.state(number) == "archived":
            raise UserError(
                f"Version {number} is archived.", next_step="Put it back first: `loresmith registry archive --undo`."
            )


def require_tag(name: str) -> None:
    """Nothing, where `name` can be a tag.

    Raises:
        UserError: it cannot.
    """
    if not TAG.fullmatch(name) or name in ALIASES:
        raise UserError(
            f"{name!r} cannot be a tag.",
            next_step=f"Take letters, digits, '.', '_' and '-', a letter first, and none of {', '.join(ALIASES)}.",
        )


def _overtaken(champion: int | None) -> UserError:
    return UserError(
        f"The champion has changed meanwhile: it is {'no version' if champion is None else f'version {champion}'}.",
        next_step="Look at `loresmith registry log`, then give the command again if it is still meant.",
    )
