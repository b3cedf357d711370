"""The exam between rounds: the champion sits the current questions, and the result is one point of a series."""

from loresmith.errors import ArtifactMissing
from loresmith.progress import Work
from loresmith.registry import CHAMPION
from loresmith.watch import candidate, trial
from loresmith.watch.notices import of_exam
from loresmith.watch.records import Round, Sitting
from loresmith.watch.refreshing import reindex
from loresmith.watch.round import Bench


def examine_champion(bench: Bench) -> Work[Sitting | None]:
    """Let the champion sit the current exam; write down and tell what came out. `None` where nobody can sit it.

    The caller holds the registry's round lock and the project's lock.

    Raises:
        UserError: the documents give no exam.
    """
    champion = bench.book.alias(CHAMPION)
    if champion is None or "train" not in bench.book.entry(champion).version.parts:
        return None
    project, places = bench.project, bench.places
    try:
        yield from candidate.questions(project)
    except ArtifactMissing:  # a champion that was added by hand, before the first round
        yield from reindex(project)
        yield from candidate.questions(project)
    yield from trial.sit(project, bench.book, champion, places.path / "exam")
    arm = trial.arm_of(project)
    seen = trial.accuracy(places.path / "exam", arm)
    baseline = promoted_with(places.rounds())
    is_below = baseline is not None and seen.value < bench.config.alert_below * baseline
    exam = Sitting(at=bench.stamp(), champion=champion, arm=arm, accuracy=seen, baseline=baseline, is_below=is_below)
    places.sat(exam)
    if is_below:
        told = of_exam(exam, project.recipe.name)
        bench.alerts.send(told.kind, told.title, told.text, told.level)
    return exam


def promoted_with(rounds: list[Round]) -> float | None:
    """The accuracy with which the last candidate was promoted."""
    last = next((one for one in reversed(rounds) if one.outcome == "promoted" and one.after), None)
    return last.after.value if last and last.after else None
