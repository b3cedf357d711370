"""A round: the index becomes current, a candidate is trained and examined, the gate decides, people are told.

1. *collect*: which documents are new, changed or gone, by their bytes.
2. *index*: documents, passages and index are made anew, and the champion answers from them at once.
3. *questions*, *train*, *examine*: the adapter is trained anew from the base model on the facts of all documents that
   stand now. So earlier facts are replayed whole, and a withdrawn document is nowhere in training, exam or replay.
4. *champion*: the champion sits the candidate's exam.
5. *keep*: the candidate becomes a version.
6. *gate*: it is promoted, or refused and archived, for a reason with numbers. Where the champion learned from documents
   that were changed or withdrawn, it has to go: a candidate then needs no gain, and must only not be clearly worse.

Every step leaves an artifact or a row in the registry that says that it is done, and the journal names the finished
ones: killed anywhere, the next round goes on and ends with the same decision. A step that fails ends the round, which
is told, and the champion stays. Only an alert may come twice, when the process dies between sending and noting it.

Not covered: documents that change while a round trains count from the next one on.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from loresmith.errors import MachineError, UserError
from loresmith.pipeline import Project
from loresmith.progress import Work
from loresmith.recipe import WatchConfig
from loresmith.records import Progress
from loresmith.registry import CHAMPION, Registry
from loresmith.watch import candidate, collecting
from loresmith.watch.alerts import Alerts
from loresmith.watch.notices import of_round
from loresmith.watch.places import Places
from loresmith.watch.records import Changes, Cost, Reason, Round, Started
from loresmith.watch.refreshing import refresh, reindex

STAGE = "round"
STEPS = 7
Said = Mapping[str, Any]
"""What a step leaves in the journal."""


@dataclass(frozen=True)
class Bench:
    """What a round works on."""

    project: Project
    book: Registry
    alerts: Alerts
    now: Callable[[], datetime]

    @property
    def places(self) -> Places:
        """Where the watch keeps its own files."""
        return Places(self.project.path)

    @property
    def config(self) -> WatchConfig:
        """The recipe's part for the watch."""
        return self.project.recipe.watch or WatchConfig()

    def stamp(self) -> str:
        """The time, as it is written down."""
        return self.now().astimezone(UTC).isoformat(timespec="seconds")


@dataclass
class Log:
    """The journal of a round under way."""

    places: Places
    started: Started
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """What the round is called in the registry's log."""
        return f"round {self.started.number} of {self.started.began}"

    def step(self, name: str, work: Callable[[], Work[Said]]) -> Work[Said]:
        """What the step `name` left, which is worked only where the journal does not have it."""
        if name in self.started.steps:
            known: Said = self.started.steps[name]
            return known
        yield Progress(stage=STAGE, done=len(self.started.steps), total=STEPS, note=name)
        began = time.monotonic()
        said = yield from work()
        self.seconds[name] = round(time.monotonic() - began, 2)
        self.started = self.started.model_copy(update={"steps": {**self.started.steps, name: dict(said)}})
        self.places.begin(self.started)
        return said


def hold(bench: Bench, reason: Reason) -> Work[Round]:
    """Hold a round, or end the one that a killed process began; what became of it, written down and told.

    The caller holds the registry's round lock and the project's lock.

    Raises:
        Interrupted: the process was told to end; the next round goes on.
    """
    started = bench.places.started() or _begun(bench, reason)
    bench.places.begin(started)
    log = Log(bench.places, started)
    try:
        done = yield from _worked(bench, log)
    except (UserError, MachineError) as fault:
        done = _ended(bench, log, outcome="failed", headline=f"{fault.problem} {fault.next_step}")
    told = of_round(done, bench.project.recipe.name)
    bench.alerts.send(told.kind, told.title, told.text, told.level)
    bench.places.end(done)
    candidate.clear(bench.places)
    return done


def _begun(bench: Bench, reason: Reason) -> Started:
    last = max((one.number for one in bench.places.rounds()), default=0)
    try:
        now = collecting.found(bench.project)
    except UserError:  # the first step says it, and the round is told as failed
        now = {}
    changed = collecting.changes(collecting.answered_from(bench.book), now) if now else Changes()
    return Started(
        number=last + 1,
        began=bench.stamp(),
        reason=reason,
        changes=changed,
        documents=collecting.hash_of(now),
        trains=reason.trains or bench.config.train == "now" or bench.book.alias(CHAMPION) is None,
    )


def _worked(bench: Bench, log: Log) -> Work[Round]:
    project, book, places = bench.project, bench.book, bench.places

    def index() -> Work[Said]:
        yield from reindex(project)
        return {"version": (yield from refresh(project, book, places, f"{log.label}: refresh"))}

    refreshed = (yield from log.step("index", index))["version"]
    if not log.started.trains:
        return _current(bench, log, refreshed, "Training waits: the recipe trains later.")
    yield from log.step("questions", lambda: candidate.questions(project))
    if candidate.is_taught(project, book):
        return _current(bench, log, refreshed, "There is nothing that the champion has not learned.")
    cost = candidate.cost(project, places)
    yield Progress(stage=STAGE, done=2, total=STEPS, note="plan", told=f"this round: {cost.words()}")
    yield from log.step("train", lambda: candidate.train(project))
    yield from log.step("examine", lambda: candidate.examine(project, exports=bench.config.export))
    sat = yield from log.step("champion", lambda: candidate.champion_sits(project, book, places))
    kept = yield from log.step("keep", lambda: candidate.keep(project, book, places, f"{log.label}: candidate"))
    said = yield from log.step("gate", lambda: candidate.gate(project, book, places, (sat, kept, log.label)))
    return _ended(
        bench,
        log,
        outcome=said["outcome"],
        headline=said["headline"],
        refreshed=refreshed,
        candidate=kept["version"],
        expected=cost,
        **said["numbers"],
    )


def _current(bench: Bench, log: Log, refreshed: int | None, why: str) -> Round:
    if refreshed is None:
        return _ended(bench, log, outcome="unchanged", headline=f"The index is current. {why}")
    said = f"Version {refreshed} answers from the current documents. {why}"
    return _ended(bench, log, outcome="refreshed", headline=said, refreshed=refreshed)


def _ended(bench: Bench, log: Log, **said: Any) -> Round:
    expected: Cost | None = said.pop("expected", None)
    started = log.started
    return Round.model_validate(
        {
            **said,
            "number": started.number,
            "began": started.began,
            "ended": bench.stamp(),
            "reason": started.reason,
            "changes": started.changes,
            "documents": started.documents,
            "champion": bench.book.alias(CHAMPION),
            "expected": expected,
            "seconds": log.seconds,
        }
    )
