"""Three models' answers to the same questions, compared; pure."""

from collections.abc import Mapping, Sequence

from loresmith.parity.paper import Asked
from loresmith.parity.sitting import ARMS, Sat
from loresmith.recipe import ExportConfig
from loresmith.records import Estimate, Form, Record
from loresmith.statistics import discordant, mcnemar, wilson

PAIRS = (("adapter", "merged"), ("merged", "gguf"), ("adapter", "gguf"))
FORMS: tuple[Form, ...] = ("short", "choice")
SIGNIFICANT = 0.05


class ParityRow(Record):
    """One question and what became of it."""

    question: str
    exam: str
    form: Form
    same_prompt: bool
    """The file renders the bare question to the same ids as transformers."""
    same_grounded: bool | None
    """The same for the question with its sources; `None` where it has none."""
    same_reply: bool
    """The same for the right answer with the token that ends a turn."""
    given: dict[str, str]
    """Answer by model: `adapter`, `merged`, `gguf`."""
    stopped: dict[str, bool | None]
    """Whether a written answer ended by itself; `None` for a choice."""
    correct: dict[str, bool]


class Share(Record):
    """How many of how many, with an interval; `estimate` is `None` where there was nothing to count."""

    same: int
    n: int
    estimate: Estimate | None


class ParityResults(Record):
    """What the parity exam found."""

    questions: dict[str, int]
    """By form."""
    prompts: Share
    """Bare prompts with the same ids in transformers and in the file."""
    grounded: Share
    replies: Share
    stops: Share
    """Written answers that end alike in the merged model and in the file."""
    agreement: dict[str, dict[str, Share]]
    """Form, then pair of models (`merged-gguf`): the same answer."""
    accuracy: dict[str, dict[str, Share]]
    """Form, then model; texts compared without regard to case, spaces and a final stop."""
    min_agreement: float
    passed: bool
    reasons: tuple[str, ...]
    """What blocks publishing, or what was found in order."""


def rows(asked: Sequence[Asked], sat: Mapping[str, Sequence[Sat]]) -> list[ParityRow]:
    """One row for each question, in order."""
    return [_row(item, {arm: sat[arm][place] for arm in ARMS}) for place, item in enumerate(asked)]


def results(rows: Sequence[ParityRow], export: ExportConfig) -> ParityResults:
    """Counts, shares with intervals, and whether the file may be published."""
    found = ParityResults(
        questions={form: sum(row.form == form for row in rows) for form in FORMS},
        prompts=_share([row.same_prompt for row in rows]),
        grounded=_share([row.same_grounded for row in rows if row.same_grounded is not None]),
        replies=_share([row.same_reply for row in rows]),
        stops=_share([row.stopped["merged"] == row.stopped["gguf"] for row in rows if row.form == "short"]),
        agreement={form: {f"{a}-{b}": _agreement(rows, form, a, b) for a, b in PAIRS} for form in FORMS},
        accuracy={
            form: {arm: _share([row.correct[arm] for row in rows if row.form == form]) for arm in ARMS}
            for form in FORMS
        },
        min_agreement=export.min_agreement,
        passed=False,
        reasons=(),
    )
    faults = _faults(found, rows)
    return found.model_copy(update={"passed": not faults, "reasons": tuple(faults or [_in_order(found)])})


def _row(item: Asked, by_arm: Mapping[str, Sat]) -> ParityRow:
    question, file, reference = item.question, by_arm["gguf"], by_arm["adapter"]
    return ParityRow(
        question=question.id,
        exam=item.exam,
        form=question.form,
        same_prompt=file.prompt == reference.prompt,
        same_grounded=file.grounded == reference.grounded if reference.grounded else None,
        same_reply=file.reply == reference.reply,
        given={arm: by_arm[arm].given for arm in ARMS},
        stopped={arm: by_arm[arm].stopped for arm in ARMS},
        correct={arm: _plain(by_arm[arm].given) == _plain(question.answer) for arm in ARMS},
    )


def _plain(text: str) -> str:
    return " ".join(text.casefold().split()).rstrip(".")


def _share(same: Sequence[bool]) -> Share:
    return Share(same=sum(same), n=len(same), estimate=wilson(sum(same), len(same)) if same else None)


def _agreement(rows: Sequence[ParityRow], form: Form, first: str, second: str) -> Share:
    return _share([row.given[first] == row.given[second] for row in rows if row.form == form])


def _faults(found: ParityResults, rows: Sequence[ParityRow]) -> list[str]:
    """What blocks publishing, one sentence each."""
    faults = []
    ids = {"prompts": found.prompts, "prompts with sources": found.grounded, "answers": found.replies}
    for what, share in ids.items():
        if share.same < share.n:
            faults.append(
                f"{share.n - share.same} of {share.n} {what} have other token ids in the file than in transformers."
            )
    choices = found.agreement["choice"]
    if not found.questions["choice"]:
        faults.append("The exam holds no multiple-choice question to compare the file on.")
    for pair, words in (("merged-gguf", "file and merged model"), ("adapter-merged", "merged model and adapter")):
        if _below(choices[pair], found.min_agreement):
            faults.append(
                f"The {words} agree on {_told(choices[pair])} choices; {found.min_agreement:.0%} is the least."
            )
    if _below(found.stops, found.min_agreement):
        faults.append(f"The file and the merged model end {_told(found.stops)} answers alike.")
    only_merged, only_file = discordant([r.correct["merged"] for r in rows], [r.correct["gguf"] for r in rows])
    if only_merged > only_file and (p := mcnemar(only_merged, only_file)) < SIGNIFICANT:
        faults.append(
            f"The file is less accurate than the merged model: {only_merged} questions lost, {only_file} won "
            f"(McNemar p = {p:.2g})."
        )
    return faults


def _in_order(found: ParityResults) -> str:
    share = found.agreement["choice"]["merged-gguf"]
    return f"All token ids are the same; the file and the merged model agree on {_told(share)} choices."


def _below(share: Share, least: float) -> bool:
    return share.n > 0 and share.same < least * share.n


def _told(share: Share) -> str:
    return f"{share.same} of {share.n}"
