"""A domain set from beginning to end: gather, mix, word, order, hand over."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loresmith.curriculum import difficulties, easy_to_hard, shuffled
from loresmith.domains.accounts import PlaceAccount, Prepared, read_account, warnings_of
from loresmith.domains.card import license_notes, license_of, origin
from loresmith.domains.coverage import Coverage, coverage
from loresmith.domains.gathering import Pool, gather
from loresmith.domains.mixture import drawn, filled, quotas
from loresmith.domains.page import page
from loresmith.domains.places import Place
from loresmith.domains.table import REPLAY
from loresmith.domains.wording import COLUMNS, Asked, asked, dialogue
from loresmith.domains.write_ups import documents
from loresmith.errors import NothingKept, UserError
from loresmith.exchange.dialogue import Dialogue
from loresmith.exchange.handing_over import Label, hand_over, require_apart, require_room, target_named
from loresmith.exchange.reading import Collection
from loresmith.exchange.targets import TARGETS
from loresmith.progress import Work
from loresmith.recipe import PrepareConfig
from loresmith.records import Progress

REPORT_PAGE, DOCUMENTS = "report.html", "documents"
BARE = frozenset({"dolly"})
"""Targets without a place for a system prompt."""
TRAINING_TARGETS = tuple(name for name, target in TARGETS.items() if target.rows == "training")


@dataclass(frozen=True)
class Order:
    """What is to be made."""

    weights: Mapping[str, float]
    """Domain to weight."""
    places: Sequence[Place]
    target: str
    """One of `TRAINING_TARGETS`."""
    out: Path
    force: bool = False


@dataclass(frozen=True)
class _Row:
    id: str
    place: Place
    put: Asked
    difficulty: float = 0.0

    @property
    def columns(self) -> dict[str, str]:
        return {
            "domain": self.place.source.domain,
            "source": self.place.source.name,
            "license": self.place.license,
            "topic": self.put.question.topic,
            "answer_type": self.put.kind,
            "difficulty": f"{self.difficulty:.3f}",
            "evidence": self.put.question.evidence,
        }


def prepare(order: Order, config: PrepareConfig) -> Work[Prepared]:
    """The finished set in `order.out`.

    Raises:
        UserError: the target is occupied or no training target, a place cannot be read, or it holds a test split.
        NothingKept: no question is left.
    """
    _require_target(order)
    pools = []
    seen: set[str] = set()
    for place in order.places:
        pools.append((yield from gather(place, config, seen)))
    yield Progress(stage="mix", done=0, total=config.size)
    rows, accounts = _mixed(pools, order.weights, config)
    if not rows:
        raise _nothing(pools)
    rows = _ordered(rows, config)
    warnings = warnings_of(accounts, config.size, config.max_repeats)
    covered = coverage([row.put for row in rows], [row.columns for row in rows], [row.difficulty for row in rows])
    licenses = {account.source: account.license for account in accounts if account.rows}
    yield Progress(stage="write", done=0, total=len(rows))
    label = Label(
        origin(accounts, order.weights, licenses, warnings, config), license_of(licenses), columns=dict(COLUMNS)
    )
    dialogues = [_dialogue(row, bare=order.target in BARE) for row in rows]
    gone = tuple(dropped for pool in pools for dropped in pool.dropped)
    collection = Collection({"train": dialogues}, tuple(read_account(pool) for pool in pools), gone)
    kept_documents = _documents_of(order.places)

    def beside_rows(folder: Path) -> Mapping[str, Any]:
        shown = page(_title(order.weights), accounts, covered, warnings, license_notes(licenses))
        (folder / REPORT_PAGE).write_text(shown, encoding="utf-8")
        for name, path in kept_documents.items():
            (folder / DOCUMENTS / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, folder / DOCUMENTS / name)
        return _told(pools, accounts, covered, order, config)

    outcome = hand_over(
        collection, target_named(order.target), order.out, label, force=order.force, beside_rows=beside_rows
    )
    return Prepared(
        outcome=outcome,
        places=accounts,
        size=config.size,
        warnings=warnings,
        coverage=covered,
        licenses=licenses,
        documents=len(kept_documents),
    )


def _require_target(order: Order) -> None:
    if order.target not in TRAINING_TARGETS:
        raise UserError(
            f"{order.target} takes exams, and these are training rows.",
            next_step=f"Choose one of {', '.join(TRAINING_TARGETS)}.",
        )
    if order.out.suffix:
        raise UserError(
            f"{order.out} is named like a file; a set is a folder with rows, card and report.",
            next_step=f"Give a folder: --out {order.out.with_suffix('')}.",
        )
    for place in order.places:
        if isinstance(place.at, Path):
            require_apart(place.at, order.out)
    require_room(order.out, force=order.force)


def _mixed(
    pools: Sequence[Pool], domain_weights: Mapping[str, float], config: PrepareConfig
) -> tuple[list[_Row], tuple[PlaceAccount, ...]]:
    """The rows that are drawn, in the order of the places, and the account of each place."""
    rows: list[_Row] = []
    accounts: dict[int, PlaceAccount] = {}
    for domain, wanted in quotas(config.size, domain_weights).items():
        shares = {
            n: float(pool.place.source.share) for n, pool in enumerate(pools) if pool.place.source.domain == domain
        }
        by_weight = quotas(wanted, shares)
        held = {n: len(pools[n].kept) * config.max_repeats for n in shares}
        for n, count in filled(wanted, shares, held).items():
            name = _name(pools, n)
            found = drawn(pools[n].kept, count, config.seed, name)
            numbers = {id(question): number for number, question in enumerate(pools[n].kept, 1)}
            for question, repetition in found:
                row_id = f"{name}-{numbers[id(question)]}" + (f"-again{repetition}" if repetition else "")
                rows.append(_Row(row_id, pools[n].place, asked(question, row_id, config)))
            accounts[n] = _account(pools[n], by_weight[n], count, min(count, len(pools[n].kept)))
    return rows, tuple(accounts[n] for n in sorted(accounts))


def _name(pools: Sequence[Pool], number: int) -> str:
    """The source's name, numbered from its second place on."""
    name = pools[number].place.source.name
    earlier = sum(pool.place.source.name == name for pool in pools[:number])
    return f"{name}{earlier + 1}" if earlier else name


def _account(pool: Pool, wanted: int, rows: int, taken: int) -> PlaceAccount:
    source = pool.place.source
    return PlaceAccount(
        source=source.name,
        domain=source.domain,
        about=source.about,
        place=pool.place.shown,
        named=pool.place.named,
        revision=pool.revision,
        license=pool.place.license,
        read=pool.read,
        kept=len(pool.kept),
        dropped=pool.reasons,
        notes=pool.notes,
        wanted=wanted,
        taken=taken,
        rows=rows,
    )


def _ordered(rows: Sequence[_Row], config: PrepareConfig) -> list[_Row]:
    """The rows with their difficulty, in their order."""
    measured = [
        _Row(row.id, row.place, row.put, difficulty)
        for row, difficulty in zip(rows, difficulties([row.put.task for row in rows]), strict=True)
    ]
    mixed = shuffled(measured, config.seed)
    if not config.curriculum:
        return mixed
    is_replay = [row.place.source.domain == REPLAY for row in mixed]
    return easy_to_hard(mixed, [row.difficulty for row in mixed], is_replay)


def _dialogue(row: _Row, *, bare: bool) -> Dialogue:
    return dialogue(row.put, row.id, row.columns, bare=bare)


def _documents_of(places: Sequence[Place]) -> dict[str, Path]:
    """Name below the folder of documents to the file that it copies."""
    found: dict[str, Path] = {}
    for place in places:
        if place.source.keeps_documents and isinstance(place.at, Path):
            top = place.at if place.at.is_dir() else place.at.parent
            for path in documents(place.at):
                found.setdefault(f"{place.source.name}/{path.relative_to(top).as_posix()}", path)
    return found


def _told(
    pools: Sequence[Pool], accounts: Sequence[PlaceAccount], covered: Coverage, order: Order, config: PrepareConfig
) -> Mapping[str, Any]:
    """What the folder's own report says beside what was read, written and dropped."""
    noted = [{"place": one.place, "note": one.note} for pool in pools for one in pool.kept if one.note]
    return {
        "settings": {**config.model_dump(mode="json"), "weights": dict(order.weights)},
        "places": [account.model_dump(mode="json") for account in accounts],
        "coverage": covered.model_dump(mode="json"),
        "noted": noted,
    }


def _title(domain_weights: Mapping[str, float]) -> str:
    return f"A training set on {', '.join(domain_weights)}"


def _nothing(pools: Sequence[Pool]) -> NothingKept:
    first = next((gone for pool in pools for gone in pool.dropped), None)
    if first is None:
        return NothingKept("The sources hold no questions.", next_step="Give other sources with --from NAME=PATH.")
    papers = next((pool.place for pool in pools if pool.place.source.keeps_documents), None)
    step = "Give other sources with --from NAME=PATH."
    if papers is not None:
        step = f"Make questions from the documents: loresmith init my-expert --documents {papers.shown}"
    return NothingKept(f"No question is left. The first, {first.place}: {first.reason}.", next_step=step)
