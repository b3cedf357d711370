"""What the judge's verdicts come to: by arm, and whether they are to be trusted.

A judge is trusted where, on answers whose grade is known, the whole 95% interval of Cohen's kappa reaches the recipe's
bar. Only then are its verdicts grades: `right` is right, `partly` and `wrong` are wrong.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from loresmith import statistics
from loresmith.evaluate.agreement import kappa
from loresmith.evaluate.judge import Judgement
from loresmith.evaluate.results import Agreement, Judged, JudgedArm
from loresmith.evaluate.tally import generator
from loresmith.recipe import EvaluateConfig
from loresmith.records import Question

FEWEST = 30
"""Answers with an exact grade below which nobody knows what a judge is worth."""


def by_arm(judgements: Sequence[Judgement], questions: Mapping[str, Question]) -> tuple[JudgedArm, ...]:
    """The verdicts on long answers, by exam and arm; `measured` says what they are worth."""
    groups: dict[tuple[str, str], list[Judgement]] = {}
    for one in judgements:
        if one.form == "long":
            groups.setdefault((one.exam, one.arm), []).append(one)
    return tuple(_arm(rows, questions) for rows in groups.values())


def measured(judgements: Sequence[Judgement], questions: Mapping[str, Question], config: EvaluateConfig) -> Judged:
    """The verdicts on long answers, and by those on answers of known grade, whether they are trusted."""
    known = [one for one in judgements if one.graded is not None]
    used = [one for one in known if one.verdict is not None]
    agreement = _agreement(known, used, questions, config) if used else None
    found = agreement.kappa if agreement else None
    is_trusted = found is not None and found.n >= FEWEST and found.low >= config.judge.min_kappa
    return Judged(
        model=str(config.judge.model),
        server=config.judge.base_url,
        min_kappa=config.judge.min_kappa,
        is_trusted=is_trusted,
        words=_words(agreement, config, is_trusted=is_trusted),
        agreement=agreement,
        arms=by_arm(judgements, questions),
    )


def is_trusted_before(before: Judged | None, config: EvaluateConfig) -> bool:
    """Whether the examination `before` found the judge of `config` to be trusted."""
    asked = (config.judge.model, config.judge.base_url)
    return before is not None and before.is_trusted and (before.model, before.server) == asked


def _agreement(
    known: Sequence[Judgement], used: Sequence[Judgement], questions: Mapping[str, Question], config: EvaluateConfig
) -> Agreement:
    judge, exact = [one.verdict == "right" for one in used], [one.graded is True for one in used]
    documents = [questions[one.question].document for one in used]
    both = Counter(zip(judge, exact, strict=True))
    return Agreement(
        n=len(used),
        both_right=both[True, True],
        only_judge=both[True, False],
        only_exact=both[False, True],
        both_wrong=both[False, False],
        raw=statistics.share([one == other for one, other in zip(judge, exact, strict=True)], documents),
        kappa=kappa(judge, exact, documents, generator(config.seed, "judge"), config.bootstrap_samples),
        unjudged=_faults(known),
    )


def _arm(rows: Sequence[Judgement], questions: Mapping[str, Question]) -> JudgedArm:
    used = [one for one in rows if one.verdict is not None]
    said = Counter(one.verdict for one in used)
    asked = [questions[one.question] for one in used]
    right = [one.verdict == "right" for one in used]
    share = statistics.share(right, [one.document for one in asked], [one.fact for one in asked]) if used else None
    return JudgedArm(
        arm=rows[0].arm,
        exam=rows[0].exam,
        n=len(rows),
        right=said["right"],
        partly=said["partly"],
        wrong=said["wrong"],
        share=share,
        unjudged=_faults(rows),
    )


def _faults(rows: Sequence[Judgement]) -> dict[str, int]:
    return dict(sorted(Counter(one.fault for one in rows if one.fault).items()))


def _words(agreement: Agreement | None, config: EvaluateConfig, *, is_trusted: bool) -> str:
    judge = f"The judge ({config.judge.model})"
    out = "its grades of long answers take no part in verdict and gate"
    if agreement is None or agreement.n < FEWEST:
        n = agreement.n if agreement else 0
        return f"{judge} is not to be trusted: it graded {n} answers of known grade, and {FEWEST} are needed; {out}."
    raw = f"{100 * agreement.raw.value:.0f}% [{100 * agreement.raw.low:.0f}, {100 * agreement.raw.high:.0f}]"
    told = f"agrees with the exact grading on {raw} of {agreement.n:,} answers"
    if agreement.kappa is None:
        return f"{judge} is not to be trusted: it {told}, and chance alone would explain that; {out}."
    shown = f"kappa {agreement.kappa.value:.2f} [{agreement.kappa.low:.2f}, {agreement.kappa.high:.2f}]"
    shown = shown.replace("-", "−")
    if is_trusted:
        return f"{judge} {told}, {shown}: its grades of long answers count as right and wrong."
    return (
        f"{judge} is not to be trusted: it {told}, {shown}, and the lower end does not reach "
        f"{config.judge.min_kappa:g}; {out}."
    )
