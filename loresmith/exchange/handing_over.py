"""Dialogues into a target: what does not fit is left out with its reason; the result takes its place in one step."""

import json
import re
import shutil
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from loresmith.artifact import hash_file, machine_error
from loresmith.errors import NothingKept, UserError
from loresmith.exchange.arrow import write_parquet_file
from loresmith.exchange.delivery import Delivery, rows_of_splits, write_lines
from loresmith.exchange.dialogue import Dialogue, Dropped
from loresmith.exchange.exams import KEY, held_out
from loresmith.exchange.files import REPORT
from loresmith.exchange.formats import FORMATS
from loresmith.exchange.reading import Collection
from loresmith.exchange.targets import TARGETS, Target
from loresmith.records import Record

FILES = (".json", ".jsonl", ".parquet")
"""Suffixes of a target that is one file; any other target is a folder."""
OTHER_FILES = (
    *(".csv", ".tsv", ".txt", ".md", ".ndjson", ".arrow", ".pq", ".xlsx", ".yaml", ".yml", ".db", ".pkl"),
    *(".gz", ".bz2", ".xz", ".zst", ".zip", ".tar", ".tgz", ".7z"),
)
MARK_OF_OURS = "written_by"
CONTEXTS_LEFT_OUT = "its contexts are left out: the target has no place for them"


class Outcome(Record):
    """What was written, and what was not."""

    path: str
    target: str
    written: dict[str, int]
    """Split to conversations."""
    left_out: dict[str, int]
    """Reason to conversations that the target cannot hold."""
    notes: dict[str, int]


@dataclass(frozen=True)
class Label:
    """What the card and the configurations say beside the rows."""

    origin: str
    license: str = "unknown"
    base_model: str = "Qwen/Qwen2.5-3B-Instruct"
    columns: Mapping[str, str] = field(default_factory=dict)
    """What the columns beside the conversations hold."""


Beside = Callable[[Path], Mapping[str, Any]]
"""Leaves files in the folder that is being written, and returns what its report says about them."""


def nothing_beside(_: Path) -> Mapping[str, Any]:
    """No file, no word."""
    return {}


def target_named(name: str) -> Target:
    """The target of that name.

    Raises:
        UserError: there is none; names those that are there.
    """
    if name not in TARGETS:
        raise UserError(f"There is no target {name!r}.", next_step=f"Choose one of {', '.join(TARGETS)}.")
    return TARGETS[name]


def require_apart(source: Path, target: Path) -> None:
    """Nothing, when writing `target` leaves `source` as it is.

    Raises:
        UserError: they are the same, or one lies in the other.
    """
    read, written = source.resolve(), target.resolve()
    if read == written:
        how = "is the source itself"
    elif read in written.parents:
        how = f"lies in the source {source}"
    elif written in read.parents:
        how = f"holds the source {source}"
    else:
        return
    raise UserError(f"{target} {how}.", next_step="Choose a target beside the source.")


def require_room(path: Path, *, force: bool) -> None:
    """Nothing, when `path` may be written.

    With `force` a file may be replaced, and a folder that an earlier conversion left; never a folder of other things.

    Raises:
        UserError: something is there that must not be lost, or the name is that of a file that is not written.
    """
    kind = path.suffix.lower()
    if path.suffix not in FILES and (kind in FILES or kind in OTHER_FILES):
        raise UserError(
            f"No {path.suffix} file is written: {path}.",
            next_step=f"Give a file in {', '.join(FILES)}, or a folder without suffix.",
        )
    is_occupied = path.is_file() or (path.is_dir() and any(path.iterdir()))
    if not is_occupied:
        return
    if force:
        if path.is_dir() and (foreign := _foreign(path)):
            raise UserError(
                f"{path} holds {foreign}, which no conversion wrote; --force does not replace the folder.",
                next_step="Choose another folder, or move that file away.",
            )
        return
    raise UserError(f"{path} is there already.", next_step="Choose another target, or replace it with --force.")


def hand_over(
    collection: Collection,
    target: Target,
    path: Path,
    label: Label,
    *,
    force: bool = False,
    beside_rows: Beside = nothing_beside,
) -> Outcome:
    """Write the dialogues of `collection` to `path`: a file where it has a suffix of rows, a folder otherwise.

    `beside_rows` adds to a folder, before it takes its place.

    Raises:
        UserError: `path` is occupied, or its suffix that of another kind of file, or a file cannot hold several splits.
        NothingKept: no dialogue fits the target.
        MachineError: the disk is full or the place cannot be written.
    """
    require_room(path, force=force)
    splits, left_out = _fitting(collection.splits, target)
    outcome = Outcome(
        path=str(path),
        target=target.name,
        written={split: len(rows) for split, rows in splits.items()},
        left_out=dict(Counter(gone.reason for gone in left_out).most_common()),
        notes=_notes(splits, target),
    )
    if not splits:
        reasons = "; ".join(f"{reason} ({count})" for reason, count in outcome.left_out.items())
        raise NothingKept(f"No conversation fits into {target.name}: {reasons}.", next_step="Choose another target.")
    delivery = Delivery(_identifier(path), splits, label.origin, label.license, label.base_model, label.columns)
    beside = path.resolve().with_name(f".{path.resolve().name}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove(beside)
        if path.suffix in FILES:
            _write_file(delivery, target, path, beside)
        else:
            beside.mkdir()
            target.write(delivery, beside)
            told = beside_rows(beside)
            exams = held_out(splits, is_exam=collection.is_exam or target.rows == "exam")
            _write_report(beside / REPORT, collection, outcome, left_out, {KEY: exams, **told})
        if beside.is_dir() or path.is_dir():
            _remove(path)
        beside.replace(path)  # a file in one step
    except OSError as fault:
        raise machine_error(fault, path) from fault
    finally:
        _remove(beside)
    return outcome


def _foreign(folder: Path) -> str | None:
    """A file in the folder that its conversion did not write: the outputs of a training lie there easily."""
    try:
        ours = {REPORT, *json.loads((folder / REPORT).read_text(encoding="utf-8"))["files"]}
    except (OSError, ValueError, KeyError, TypeError):
        ours = set()
    return next((name for name in _files_in(folder) if name not in ours), None)


def _files_in(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir())


def _fitting(
    splits: Mapping[str, Sequence[Dialogue]], target: Target
) -> tuple[dict[str, list[Dialogue]], list[Dropped]]:
    fitting: dict[str, list[Dialogue]] = {}
    left_out = []
    for split, dialogues in splits.items():
        for dialogue in dialogues:
            reason = target.unfit(dialogue)
            if reason is None:
                fitting.setdefault(split, []).append(dialogue)
            else:
                left_out.append(Dropped(place=f"conversation {dialogue.id}", reason=f"{target.name}: {reason}"))
    return fitting, left_out


def _notes(splits: Mapping[str, Sequence[Dialogue]], target: Target) -> dict[str, int]:
    if target.keeps_contexts:
        return {}
    count = sum(bool(dialogue.contexts) for rows in splits.values() for dialogue in rows)
    return {CONTEXTS_LEFT_OUT: count} if count else {}


def _write_file(delivery: Delivery, target: Target, path: Path, beside: Path) -> None:
    if len(delivery.splits) > 1:
        raise UserError(
            f"{path.name} is one file, but there are {len(delivery.splits)} splits: {', '.join(delivery.splits)}.",
            next_step=f"Give a folder as target: {path.with_suffix('')}.",
        )
    (split,) = delivery.splits
    if path.suffix == ".parquet" and target.name == "parquet":
        write_parquet_file(delivery, split, beside)
        return
    form = FORMATS.get(target.name)
    if form is None or path.suffix == ".parquet":
        raise UserError(f"{target.name} is not written to a {path.suffix} file.", next_step="Give a folder as target.")
    rows = rows_of_splits(form, delivery)[split]
    if path.suffix == ".jsonl":
        write_lines(beside, rows)
    else:
        beside.write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _write_report(
    path: Path, collection: Collection, outcome: Outcome, left_out: Sequence[Dropped], told: Mapping[str, Any]
) -> None:
    from loresmith import __version__

    report = {
        MARK_OF_OURS: f"loresmith {__version__}",
        "read": [account.model_dump(mode="json") for account in collection.accounts],
        "files": {name: _size_and_hash(path.parent / name) for name in _files_in(path.parent)},
        "wrote": outcome.model_dump(mode="json"),
        "dropped": [gone.model_dump(mode="json") for gone in (*collection.dropped, *left_out)],
        **told,
    }
    path.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _size_and_hash(path: Path) -> tuple[int, str]:
    return path.stat().st_size, hash_file(path)


def _identifier(path: Path) -> str:
    """The target's name as trainers take it."""
    plain = re.sub(r"[^a-z0-9]+", "-", path.resolve().stem.lower()).strip("-")
    return plain or "dataset"


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
