"""A stage's result: a folder of rows and files with a `manifest.json` written last.

Present means whole. A stage works in `.<name>.partial` beside the target; the manifest is written there last, then the
folder takes the target's place by rename. Killing the process at any instant leaves the old artifact or the new one.

Two hashes carry the bookkeeping. The *fingerprint* covers what a stage depends on (its settings, its parents' content,
outside inputs, the revision of its code) and decides staleness. The *content* hash covers the files and nothing else:
no time, no path, no machine, so that the same inputs give the same content anywhere.
"""

import errno
import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Literal, TypeVar

from pydantic import BaseModel, ValidationError

from loresmith import surroundings
from loresmith.errors import ArtifactCorrupt, ArtifactMissing, LoresmithError, MachineError
from loresmith.records import Record

MANIFEST = "manifest.json"
ROWS = "rows.jsonl"
DROPPED = "dropped.jsonl"
FINGERPRINT = ".fingerprint"

AnyRecord = TypeVar("AnyRecord", bound=BaseModel)

# Files above this are checked by size alone when an artifact is opened: hashing 2 GB costs seconds at every command.
HASHED_ON_OPEN_BYTES = 64 << 20


class Manifest(Record):
    """What an artifact is, what it came from and what it holds."""

    stage: str
    revision: int
    """Of the stage's code; a higher one makes older artifacts stale."""
    version: str
    fingerprint: str
    content: str
    settings: dict[str, Any]
    inputs: dict[str, str]
    """Outside inputs by name, with their sha256."""
    parents: dict[str, str]
    """Parent stage to its content hash."""
    counts: dict[str, int]
    reasons: dict[str, int]
    """Dropped rows by reason."""
    notes: dict[str, Any]
    """Results worth a line in the report."""
    files: dict[str, tuple[int, str]]
    """Path in the folder to (bytes, sha256)."""
    libraries: dict[str, str]
    machine: str
    seconds: float
    peak_memory_bytes: int | None


@dataclass(frozen=True)
class Artifact:
    """A finished folder."""

    path: Path
    manifest: Manifest

    def rows(self, kind: type[AnyRecord], name: str = ROWS) -> Iterator[AnyRecord]:
        """The records of a JSON Lines file in the folder, in order.

        Raises:
            ArtifactCorrupt: a row is not a `kind`.
        """
        yield from read_rows(self.path / name, kind, made_by=self.manifest.stage)

    def __truediv__(self, name: str) -> Path:
        return self.path / name


@dataclass(frozen=True)
class Plan:
    """What a stage is about to make: enough to tell whether it is already there."""

    stage: str
    settings: BaseModel
    parents: Mapping[str, Artifact] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)
    revision: int = 1

    @property
    def fingerprint(self) -> str:
        """sha256 over all that the result depends on."""
        basis = {
            "stage": self.stage,
            "revision": self.revision,
            "settings": self.settings.model_dump(mode="json"),
            "parents": {name: parent.manifest.content for name, parent in sorted(self.parents.items())},
            "inputs": dict(sorted(self.inputs.items())),
        }
        return _sha256(json.dumps(basis, sort_keys=True).encode())


@dataclass(frozen=True)
class State:
    """Whether an artifact can be used as it is, and if not, why."""

    kind: Literal["fresh", "missing", "stale", "corrupt"]
    why: str = ""
    artifact: "Artifact | None" = None
    """What lies there, when it is fresh."""


class Draft:
    """An artifact in the making. Files go into `path`; rows through `keep` and `drop`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.counts: dict[str, int] = {}
        self.reasons: dict[str, int] = {}
        self.notes: dict[str, Any] = {}
        self.volatile: set[str] = set()
        """Files that show seconds or memory: checked like all, but left out of the content hash."""
        self._open: dict[str, IO[str]] = {}

    def keep(self, row: BaseModel, name: str = ROWS) -> None:
        """Append `row` to the JSON Lines file `name`."""
        self._line(name, row.model_dump_json())
        self.counts["kept"] = self.counts.get("kept", 0) + 1

    def drop(self, row: BaseModel | Mapping[str, Any], reason: str) -> None:
        """Write `row` down as dropped, with its reason."""
        content = row.model_dump(mode="json") if isinstance(row, BaseModel) else dict(row)
        self._line(DROPPED, json.dumps({"reason": reason, **content}, ensure_ascii=False))
        self.counts["dropped"] = self.counts.get("dropped", 0) + 1
        self.reasons[reason] = self.reasons.get(reason, 0) + 1

    def balance(self, read: int) -> None:
        """Assert that every row that came in was kept or dropped.

        Raises:
            LoresmithError: rows were lost, which is a bug of the stage.
        """
        self.counts["read"] = read
        kept, dropped = self.counts.get("kept", 0), self.counts.get("dropped", 0)
        if read != kept + dropped:
            raise LoresmithError(
                f"{read} rows came in, but {kept} were kept and {dropped} dropped.",
                next_step="This is a bug of Loresmith: please report it with this line.",
            )

    def close(self) -> None:
        """Flush and close the row files."""
        for file in self._open.values():
            file.close()
        self._open.clear()

    def _line(self, name: str, line: str) -> None:
        if name not in self._open:
            self._open[name] = (self.path / name).open("a", encoding="utf-8", newline="\n")
        self._open[name].write(line + "\n")


@contextmanager
def create(target: Path, plan: Plan, *, resume: bool = False) -> Iterator[Draft]:
    """A draft that becomes the artifact `target` when the block ends, and is left behind when it fails.

    With `resume`, files that an earlier, killed attempt at the same plan left are still in `draft.path` (rows too:
    `keep` appends, so a resuming stage looks first); without it the folder starts empty. Then use `read`.

    Raises:
        MachineError: the disk is full or the folder cannot be written.
    """
    settle(target)
    partial = _partial(target)
    started = time.monotonic()
    try:
        if not (resume and _left_by(partial) == plan.fingerprint):
            shutil.rmtree(partial, ignore_errors=True)
            partial.mkdir(parents=True)
        # a sealed folder that was killed before its swap is a draft again
        write_whole(partial / FINGERPRINT, plan.fingerprint)
        (partial / MANIFEST).unlink(missing_ok=True)
        draft = Draft(partial)
        try:
            yield draft
        finally:
            draft.close()
        _seal(draft, plan, time.monotonic() - started)
        _swap(partial, target)
    except OSError as fault:
        raise machine_error(fault, target) from fault


def read(path: Path, *, made_by: str) -> Artifact:
    """The finished artifact at `path`, its files checked against the manifest.

    Raises:
        ArtifactMissing: there is no manifest.
        ArtifactCorrupt: the manifest cannot be read or a file is not what it says.
    """
    settle(path)
    manifest_path = path / MANIFEST
    if not manifest_path.is_file():
        raise ArtifactMissing(path, made_by=made_by)
    try:
        manifest = Manifest.model_validate_json(manifest_path.read_bytes())
    except (ValidationError, UnicodeDecodeError) as fault:
        raise ArtifactCorrupt(path, "its manifest.json cannot be read", made_by=made_by) from fault
    for name, (size, digest) in manifest.files.items():
        file = path / name
        if not file.is_file():
            raise ArtifactCorrupt(path, f"{name} is missing", made_by=made_by)
        if file.stat().st_size != size or (size <= HASHED_ON_OPEN_BYTES and hash_file(file) != digest):
            raise ArtifactCorrupt(path, f"{name} is not the file that was written", made_by=made_by)
    return Artifact(path, manifest)


def state(target: Path, plan: Plan) -> State:
    """Whether `target` already holds what `plan` would make."""
    try:
        made = read(target, made_by=plan.stage)
    except ArtifactMissing:
        return State("missing", "not made yet")
    except ArtifactCorrupt as fault:
        return State("corrupt", fault.problem)
    if made.manifest.fingerprint == plan.fingerprint:
        return State("fresh", artifact=made)
    return State("stale", "; ".join(_changes(made.manifest, plan)) or "made by another version")


def read_rows(path: Path, kind: type[AnyRecord], *, made_by: str) -> Iterator[AnyRecord]:
    """The rows of the JSON Lines file `path`; a missing file has none.

    Raises:
        ArtifactCorrupt: a row is not a `kind`; names the line.
    """
    if not path.is_file():
        return
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                yield kind.model_validate_json(line)
            except ValidationError as fault:
                raise ArtifactCorrupt(path.parent, f"{path.name} line {number}", made_by=made_by) from fault


def hash_file(path: Path) -> str:
    """sha256 of a file's bytes, read in blocks."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_whole(path: Path, content: str | bytes) -> None:
    """Write `path` so that a reader sees the old content or the new, never a part."""
    beside = _beside(path)
    raw = content.encode() if isinstance(content, str) else content
    with beside.open("wb") as file:
        file.write(raw)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def settle(target: Path) -> None:
    """Finish or undo a swap that a killed process left half done."""
    old = _old(target)
    if not old.exists():
        return
    if not target.exists():
        finished = _partial(target)
        (finished if (finished / MANIFEST).is_file() else old).rename(target)
    shutil.rmtree(old, ignore_errors=True)


def machine_error(fault: OSError, where: Path) -> MachineError:
    """`fault` in the user's words."""
    if fault.errno in (errno.ENOSPC, errno.EDQUOT):
        free = shutil.disk_usage(where.parent if where.parent.exists() else Path.cwd()).free
        return MachineError(
            f"The disk is full: {free / 1e6:.0f} MB are left for {where}.",
            next_step="Free some space and run the same command again; it goes on where it stopped.",
        )
    if fault.errno == errno.EFBIG:  # FAT32 ends at 4 GB
        return MachineError(
            f"{where} cannot be written: its file system or the process's limit allows no file this large.",
            next_step="Choose a folder on another disk with --project, or raise the limit (`ulimit -f`).",
        )
    return MachineError(f"{where} cannot be written: {fault}.", next_step="Check the folder's rights and try again.")


def _seal(draft: Draft, plan: Plan, seconds: float) -> None:
    from loresmith import __version__

    # the manifest that a killed attempt had half written is replaced below
    ours = (MANIFEST, FINGERPRINT, _beside(Path(MANIFEST)).name)
    names = sorted(
        p.relative_to(draft.path).as_posix() for p in draft.path.rglob("*") if p.is_file() and p.name not in ours
    )
    files = {name: ((draft.path / name).stat().st_size, hash_file(draft.path / name)) for name in names}
    manifest = Manifest(
        stage=plan.stage,
        revision=plan.revision,
        version=__version__,
        fingerprint=plan.fingerprint,
        content=_content({name: digest for name, (_, digest) in files.items() if name not in draft.volatile}),
        settings=plan.settings.model_dump(mode="json"),
        inputs=dict(sorted(plan.inputs.items())),
        parents={name: parent.manifest.content for name, parent in sorted(plan.parents.items())},
        counts=draft.counts,
        reasons=dict(sorted(draft.reasons.items())),
        notes=draft.notes,
        files=files,
        libraries=surroundings.libraries(),
        machine=surroundings.machine(),
        seconds=round(seconds, 3),
        peak_memory_bytes=surroundings.peak_memory_bytes(),
    )
    write_whole(draft.path / MANIFEST, manifest.model_dump_json(indent=1))
    (draft.path / FINGERPRINT).unlink(missing_ok=True)


def _content(digests: Mapping[str, str]) -> str:
    return _sha256(json.dumps(digests, sort_keys=True).encode())


def _swap(partial: Path, target: Path) -> None:
    if target.exists():
        target.rename(_old(target))
    partial.rename(target)
    shutil.rmtree(_old(target), ignore_errors=True)


def _changes(made: Manifest, plan: Plan) -> Iterator[str]:
    if made.revision != plan.revision:
        yield f"the stage changed (revision {made.revision} → {plan.revision})"
    before, now = _flat(made.settings), _flat(plan.settings.model_dump(mode="json"))
    for key in sorted(before.keys() | now.keys()):
        if before.get(key) != now.get(key):
            yield f"{key} {before.get(key)!r} → {now.get(key)!r}"
    for name in sorted(made.parents.keys() | plan.parents.keys()):
        content = plan.parents[name].manifest.content if name in plan.parents else None
        if made.parents.get(name) != content:
            yield f"{name} was made anew"
    for name in sorted(made.inputs.keys() | plan.inputs.keys()):
        if name not in made.inputs or name not in plan.inputs:
            yield f"{name} {'is new' if name in plan.inputs else 'is gone'}"
        elif made.inputs[name] != plan.inputs[name]:
            yield f"{name} changed"


def _flat(settings: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in settings.items():
        flat.update(_flat(value, f"{prefix}{key}.") if isinstance(value, Mapping) else {prefix + key: value})
    return flat


def _left_by(partial: Path) -> str | None:
    """The fingerprint of the plan whose attempt left `partial`, whether it was killed before it was sealed or after."""
    mark = partial / FINGERPRINT
    if mark.is_file():
        return mark.read_text(encoding="utf-8")
    try:
        return Manifest.model_validate_json((partial / MANIFEST).read_bytes()).fingerprint
    except (FileNotFoundError, ValidationError, UnicodeDecodeError):
        return None


def _beside(path: Path) -> Path:
    """Where `write_whole` puts what will be `path`."""
    return path.with_name(f".{path.name}.new")


def _partial(target: Path) -> Path:
    return target.with_name(f".{target.name}.partial")


def _old(target: Path) -> Path:
    return target.with_name(f".{target.name}.old")


def _sha256(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()
