"""A dataset without the rows that stand in benchmarks, with the account of what went and why."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from loresmith.artifact import DROPPED
from loresmith.contamination.benchmark_files import benchmark_files
from loresmith.contamination.index import Benchmarks
from loresmith.contamination.screening import Hit, contaminated_dialogues
from loresmith.errors import LoresmithError, NothingKept
from loresmith.exchange.delivery import Delivery, write_lines
from loresmith.exchange.dialogue import Dialogue
from loresmith.exchange.formats import FORMATS
from loresmith.exchange.handing_over import Label, Outcome, hand_over, target_named
from loresmith.exchange.reading import Collection
from loresmith.recipe import DecontaminateConfig
from loresmith.records import Record

SPARE_FORMAT = "messages"
"""What clean rows are written as when their own format cannot be written, or they are in several."""


class Finding(Record):
    """What was compared, and what was found."""

    conversations: int
    clean: int
    contaminated: int
    unreadable: int
    """Rows, or parts of rows, that were no conversation and were not compared."""
    reasons: dict[str, int]
    """Why conversations go, by check."""
    by_benchmark: dict[str, int]
    """Conversations by the benchmark's file that they stand in."""
    items: dict[str, int]
    """Items that were compared with, by file."""
    passed_over: dict[str, str]
    """Files without questions, and why."""
    common_runs: int
    """Runs of words that were passed over, being phrases of a benchmark."""
    hits: tuple[Hit, ...]


def decontaminate(
    collection: Collection, against: Sequence[Path], config: DecontaminateConfig
) -> tuple[Finding, Collection]:
    """What of `collection` stands in the benchmarks `against`, and the rest of it.

    Raises:
        UserError: a benchmark is missing, damaged or not understood.
    """
    benchmarks = Benchmarks(benchmark_files(against), config)
    clean: dict[str, list[Dialogue]] = {}
    hits: list[Hit] = []
    for split, dialogues in collection.splits.items():
        for dialogue, hit in zip(dialogues, contaminated_dialogues(dialogues, benchmarks), strict=True):
            if hit is None:
                clean.setdefault(split, []).append(dialogue)
            else:
                hits.append(hit)
    finding = Finding(
        conversations=len(collection.dialogues),
        clean=sum(map(len, clean.values())),
        contaminated=len(hits),
        unreadable=len(collection.dropped),
        reasons=dict(Counter(hit.reason for hit in hits).most_common()),
        by_benchmark=dict(Counter(hit.benchmark for hit in hits).most_common()),
        items=benchmarks.counts,
        passed_over=benchmarks.passed_over,
        common_runs=benchmarks.common_runs,
        hits=tuple(hits),
    )
    return finding, replace(collection, splits=clean)


def write_clean(finding: Finding, clean: Collection, path: Path, label: Label, *, force: bool = False) -> Outcome:
    """Leave the clean rows in the folder `path`, in their own format where it can be written, and `dropped.jsonl`.

    Raises:
        NothingKept: no row is clean.
        UserError: `path` is occupied.
    """
    if not clean.splits:
        raise NothingKept(
            f"All {finding.conversations} conversations stand in the benchmarks.",
            next_step="Look at the pairs without --out; `--ngram` and `--near-duplicate` decide what counts.",
        )
    target = target_named(_format(clean))
    gone: list[dict[str, Any]] = [{"reason": hit.reason, **hit.model_dump(mode="json")} for hit in finding.hits]
    gone += [{"reason": dropped.reason, "place": dropped.place} for dropped in clean.dropped]

    def write(delivery: Delivery, folder: Path) -> None:
        target.write(delivery, folder)
        write_lines(folder / DROPPED, gone)

    outcome = hand_over(clean, replace(target, write=write), path, label, force=force)
    _balance(finding, outcome)
    return outcome


def _format(clean: Collection) -> str:
    """The one format of all sources, when every row fits into it."""
    named = {account.format for account in clean.accounts}
    form = FORMATS[named.pop()] if len(named) == 1 else None
    if form is None or form.write is None or any(form.unfit(dialogue) for dialogue in clean.dialogues):
        return SPARE_FORMAT
    return form.name


def _balance(finding: Finding, outcome: Outcome) -> None:
    written, left_out = sum(outcome.written.values()), sum(outcome.left_out.values())
    if finding.conversations != finding.contaminated + written + left_out:
        raise LoresmithError(
            f"{finding.conversations} conversations came in, but {written} were written, {finding.contaminated} stand "
            f"in a benchmark and {left_out} did not fit.",
            next_step="This is a bug of Loresmith: please report it with this line.",
        )
