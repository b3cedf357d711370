"""What was trained together, and the adapters of single domains."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from loresmith import statistics
from loresmith.records import Estimate
from loresmith.report.content import Block, Column, Prose, Table
from loresmith.report.exam import Exam, Specialist
from loresmith.report.wording import count, interval, p_value, percent, tally

OFTEN = 20
"""Times that a row of others is met above which it is learned by heart rather than practised."""


def mixtures(notes: Mapping[str, Any], exam: Exam | None) -> list[Block]:
    """A table of sources, and of adapters with what each learned and how it did; nothing where there is neither."""
    blocks: list[Block] = []
    if notes.get("mixture"):
        blocks += _mixture("What was learned from", notes["mixture"])
    adapters: Mapping[str, Mapping[str, Any]] = notes.get("adapters") or {}
    if adapters:
        blocks.append(_adapters(adapters))
    if exam and exam.specialists:
        blocks.append(_specialists(exam.specialists))
    for name, figures in adapters.items():
        blocks += _mixture(f"What the adapter {name} learned from", figures["mixture"])
    return blocks


def _mixture(caption: str, parts: Sequence[Mapping[str, Any]]) -> Iterator[Block]:
    names = ("Source", "Share", "Examples met", "Different ones", "Rows read", "Left out", "Licence")
    numbers = ("Share", "Examples met", "Different ones", "Rows read", "Left out")
    rows = tuple(
        (
            part["name"],
            percent(part["share"]),
            count(part["seen"]),
            count(part["distinct"]),
            count(part["rows"]) if "rows" in part else "",
            count(sum(part["dropped"].values())) if "dropped" in part else "",
            ", ".join(part.get("licenses", {})),
        )
        for part in parts
    )
    columns = tuple(Column(name=name, is_number=name in numbers) for name in names)
    yield Table(caption=caption, columns=columns, rows=rows)
    for part in parts:
        if part.get("dropped"):
            yield Prose(text=f"Left out of {part['name']}: {tally(part['dropped'])}.", tone="note")
        if "rows" in part and part["seen"] > OFTEN * part["distinct"]:
            times = part["seen"] / part["distinct"]
            text = f"{part['name']} is small for its weight: each of its rows was met {times:.0f} times on average."
            yield Prose(text=text, tone="warning")


def _adapters(adapters: Mapping[str, Mapping[str, Any]]) -> Table:
    """Right answers of each adapter in its own short exam, before and after."""
    names = (
        "Adapter",
        "Conversations",
        "Steps",
        "Last loss",
        "Exam before",
        "Exam after",
        "n",
        "General before, after",
    )
    rows = tuple(
        (
            name,
            count(figures["conversations"]),
            count(figures["steps"]),
            f"{figures['last_loss']:.3f}",
            _share(figures, "exam_recall_before"),
            _share(figures, "exam_recall"),
            count(figures.get("exam_questions") or 0),
            _general(figures),
        )
        for name, figures in adapters.items()
    )
    columns = tuple(Column(name=name, is_number=name not in (names[0], names[-1])) for name in names)
    return Table(caption="Adapters of single domains, each in its own exam", columns=columns, rows=rows)


def _share(figures: Mapping[str, Any], key: str) -> str:
    share, n = figures.get(key), figures.get("exam_questions")
    if share is None or not n:
        return "not asked"
    found = statistics.wilson(round(share * n), n)
    return f"{percent(found.value)} {interval(found)}"


def _general(figures: Mapping[str, Any]) -> str:
    if figures.get("exam_general") is None:
        return "not asked"
    return f"{percent(figures['exam_general_before'])}, {percent(figures['exam_general'])}"


def _specialists(found: Sequence[Specialist]) -> Table:
    """Each adapter on the exam questions of its own documents."""

    def told(estimate: Estimate | None) -> str:
        return "not asked" if estimate is None else f"{percent(estimate.value)} {interval(estimate)}"

    names = ("Adapter", "Exam", "n", "Base", "This adapter", "Everything", "p against base")
    rows = tuple(
        (
            *(one.adapter, one.exam, count(one.accuracy.n), told(one.base), told(one.accuracy), told(one.everything)),
            "" if one.p is None else p_value(one.p),
        )
        for one in found
    )
    columns = tuple(Column(name=name, is_number=place > 1) for place, name in enumerate(names))
    return Table(caption="Adapters in the exam on their own documents, without sources", columns=columns, rows=rows)
