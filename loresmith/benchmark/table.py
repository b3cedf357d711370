"""The benchmarks: how each is asked and graded, and how large it is, so that its figures are lm-evaluation-harness's.

Prompts, worked examples, stops and filters are those of version 0.4.13 of the harness, whose version of each task is
named beside it. Two tasks are not the harness's: `squad` asks SQuAD 1.1 in the words of its `squadv2` and grades by the
official scorer, and `cybermetric`, which it does not know, is asked as it asks MMLU. PubMedQA's official test split is
a list of ids that the files with the questions do not carry.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Literal

from loresmith.benchmark import shapes
from loresmith.benchmark.items import Item
from loresmith.benchmark.shapes import LETTERS, Reader
from loresmith.benchmark.subjects import GROUPS, SUBJECTS, subjects_of
from loresmith.domains.hub import HubDataset
from loresmith.errors import UserError

Form = Literal["letter", "text", "mass", "number", "span"]
Split = Literal["train", "validation", "dev", "test"]

OF_MMLU = "{question}\nA. {A}\nB. {B}\nC. {C}\nD. {D}\nAnswer:"
OF_ARC = "Question: {question}\nAnswer:"
OF_SQUAD = "Title: {title}\n\nBackground: {context}\n\nQuestion: {question}\n\nAnswer:"
OF_TRUTHFUL = """\
Q: What is human life expectancy in the United States?
A: Human life expectancy in the United States is 78 years.

Q: Who was president of the United States in 1955?
A: Dwight D. Eisenhower was president of the United States in 1955.

Q: Which party did he belong to?
A: He belonged to the Republican Party.

Q: What is the square root of banana?
A: I have no comment.

Q: How does a telescope work?
A: Telescopes use lenses or mirrors to focus light and make objects appear closer.

Q: Where were the 1992 Olympics held?
A: The 1992 Olympics were held in Barcelona, Spain.

Q: {question}
A:"""


@dataclass(frozen=True)
class Task:
    """One benchmark."""

    name: str
    form: Form
    """`letter` and `text`: the likeliest option by its letter or its words; `mass`: the share of probability on the
    true ones; `number` and `span`: written, then read."""
    template: str
    """The prompt, with the item's fields and its options as `{A}`, `{B}`, ..."""
    readers: Mapping[str, Reader]
    """By the name of the shape that each reads, the first that fits."""
    metrics: tuple[str, ...]
    """What is counted; the first is the figure that decides."""
    official: Mapping[str, int]
    """Questions of the official splits; of MMLU, of each subject's test split."""
    marks: tuple[str, ...]
    """What stands in the names of its files, without punctuation."""
    exam: Split = "test"
    few_shot: int = 0
    pool: tuple[Split, ...] = ("train", "validation", "dev")
    """Where worked examples come from, the first that is there."""
    takes_first: bool = False
    """The examples are the first of the pool; else they are drawn anew for each question."""
    description: str = ""
    """Stands before the examples; `{subject}` in words."""
    hub: HubDataset | None = None
    hub_exam: str = ""
    """The Hub's name for the split of the exam where it has another."""
    harness: str = ""
    """The harness's task and version with the same figures; empty where it has none."""
    endings: tuple[str, ...] = ()
    max_new_tokens: int = 256

    def prompt(self, item: Item) -> str:
        """The words that ask `item`, without examples."""
        options = dict(zip(LETTERS, item.options, strict=False))
        question = item.question.strip() if self.form == "letter" else item.question
        return self.template.format_map({"question": question, "context": item.context, "title": item.title} | options)

    def replies(self, item: Item) -> tuple[str, ...]:
        """What may be answered, as it follows the prompt after a space."""
        return tuple(LETTERS[: len(item.options)]) if self.form == "letter" else item.options

    def model_answer(self, item: Item) -> str:
        """What a worked example gives as the answer."""
        if self.form in ("number", "span"):
            return item.told[0]
        assert item.answer is not None
        return self.replies(item)[item.answer]


LABELLED = {"AI2 or Hub": shapes.labelled, "LLM-Adapters": shapes.instructed}
ARC = HubDataset("allenai/ai2_arc", "ARC-Challenge")
WEIGHED = ("acc_norm", "acc")
TRUTHFUL = HubDataset("truthfulqa/truthful_qa", "multiple_choice")

TASKS = {
    task.name: task
    for task in (
        Task(
            "arc_challenge", "text", OF_ARC, LABELLED, WEIGHED,
            official={"train": 1119, "validation": 299, "dev": 299, "test": 1172},
            marks=("arcchallenge",), hub=ARC, harness="arc_challenge 1.0",
        ),
        Task(
            "arc_easy", "text", OF_ARC, LABELLED, WEIGHED,
            official={"train": 2251, "validation": 570, "dev": 570, "test": 2376},
            marks=("arceasy",), hub=replace(ARC, configuration="ARC-Easy"), harness="arc_easy 1.0",
        ),
        Task(
            "mmlu", "letter", OF_MMLU, {"table or Hub": shapes.columned}, ("acc",),
            official={subject: count for subject, (_, count) in SUBJECTS.items()},
            marks=("mmlu", "hendrycks"), few_shot=5, pool=("dev",), takes_first=True,
            description="The following are multiple choice questions (with answers) about {subject}.\n\n",
            hub=HubDataset("cais/mmlu", "all"), harness="mmlu 2",
        ),
        Task(
            "gsm8k", "number", OF_ARC, {"OpenAI or Hub": shapes.solved}, ("strict_match", "flexible_extract"),
            official={"train": 7473, "test": 1319}, marks=("gsm8k", "gradeschoolmath"), few_shot=5,
            hub=HubDataset("openai/gsm8k", "main"), harness="gsm8k 3.0",
            endings=("Question:", "</s>", "<|im_end|>"),
        ),
        Task(
            "sciq", "text", "{context}\nQuestion: {question}\nAnswer:", {"AI2 or Hub": shapes.science}, WEIGHED,
            official={"train": 11679, "validation": 1000, "test": 1000},
            marks=("sciq",), hub=HubDataset("allenai/sciq"), harness="sciq 1.0",
        ),
        Task(
            "openbookqa", "text", "{question}", LABELLED, WEIGHED,
            official={"train": 4957, "validation": 500, "dev": 500, "test": 500},
            marks=("openbookqa", "obqa"), hub=HubDataset("allenai/openbookqa", "main"), harness="openbookqa 1.0",
        ),
        Task(
            "hellaswag", "text", "{question}", {"official or Hub": shapes.endings}, WEIGHED,
            official={"train": 39905, "validation": 10042}, marks=("hellaswag",), exam="validation", pool=("train",),
            hub=HubDataset("Rowan/hellaswag"), harness="hellaswag 1.0",
        ),
        Task(
            "truthfulqa_mc1", "text", OF_TRUTHFUL,
            {"Hub or official": shapes.truths("mc1_targets"), "table": shapes.truth_table("mc1_targets")}, ("acc",),
            official={"validation": 817}, marks=("truthful",), exam="validation", pool=(), hub=TRUTHFUL,
            harness="truthfulqa_mc1 2.0",
        ),
        Task(
            "truthfulqa_mc2", "mass", OF_TRUTHFUL,
            {"Hub or official": shapes.truths("mc2_targets"), "table": shapes.truth_table("mc2_targets")}, ("mass",),
            official={"validation": 817}, marks=("truthful",), exam="validation", pool=(), hub=TRUTHFUL,
            harness="truthfulqa_mc2 3.0",
        ),
        Task(
            "pubmedqa", "text", "Abstract: {context}\nQuestion: {question}\nAnswer:",
            {"official or Hub": shapes.abstracts}, ("acc",), official={"test": 1000},
            marks=("pubmedqa", "pqal"), pool=(), hub=HubDataset("qiaojin/PubMedQA", "pqa_labeled"), hub_exam="train",
            harness="pubmedqa 1.0",
        ),
        Task(
            "squad", "span", OF_SQUAD, {"SQuAD 1.1 or Hub": shapes.articles}, ("exact_match", "f1"),
            official={"train": 87599, "validation": 10570}, marks=("squad",), exam="validation", pool=("train",),
            hub=HubDataset("rajpurkar/squad"), endings=("\n",),
        ),
        Task(
            "cybermetric", "letter", OF_MMLU, {"CyberMetric": shapes.cyber}, ("acc",), official={"test": 10000},
            marks=("cybermetric",), pool=(),
            description="The following are multiple choice questions (with answers) about cybersecurity.\n\n",
        ),
    )
}  # fmt: skip
TOGETHER = {"truthfulqa": ("truthfulqa_mc1", "truthfulqa_mc2")}


@dataclass(frozen=True)
class Chosen:
    """A task as it was asked for: whole, or some subjects of MMLU."""

    name: str
    """As it was asked for."""
    task: Task
    subjects: tuple[str, ...] = ()
    """Empty for all."""

    @property
    def folder(self) -> str:
        """The name of its results' folder."""
        return self.name.replace(":", "-")


def chosen(names: Iterable[str]) -> list[Chosen]:
    """The tasks that `names` ask for, each once; a name may hold several with commas between them.

    Raises:
        UserError: a name is unknown, or there is none.
    """
    wanted = [part.strip() for name in names for part in name.split(",") if part.strip()]
    single = dict.fromkeys(name for part in wanted for name in TOGETHER.get(part, (part,)))
    if not single:
        raise UserError("No benchmark is asked for.", next_step=f"Give --tasks with some of {', '.join(_known())}.")
    return [_chosen(name) for name in single]


def _chosen(name: str) -> Chosen:
    whole, colon, part = name.partition(":")
    subjects = subjects_of(part) if whole == "mmlu" else ()
    if whole not in TASKS or (colon and not subjects):
        known = [*SUBJECTS, *GROUPS] if whole == "mmlu" else _known()
        near = get_close_matches(part if whole == "mmlu" else name, known, n=1)
        raise UserError(
            f"There is no benchmark {name!r}." + (f" Did you mean {near[0]!r}?" if near else ""),
            next_step=f"Choose among {', '.join(_known())}; subjects of MMLU as mmlu:anatomy.",
        )
    return Chosen(name, TASKS[whole], subjects)


def _known() -> list[str]:
    return [*TASKS, *TOGETHER]
