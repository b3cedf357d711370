"""The report as Markdown. Texts of documents and models are escaped, so that they stand as they are and do nothing."""

import re
from collections.abc import Iterator

from loresmith.report.content import (
    Block,
    Command,
    Example,
    Examples,
    Facts,
    Heat,
    HeatCell,
    Picture,
    Points,
    Prose,
    Report,
    Section,
    Table,
)
from loresmith.report.wording import percent, place

MARKS = {True: "✓ ", False: "✗ ", None: ""}
"""Before an answer that is right, wrong, or neither."""
_ACTIVE = re.compile(r"([\\`*_\[\]<>|#~])")
_STARTS = re.compile(r"^(\d{0,9})([-+=.)])(?=[\s=-]|$)")
"""What makes a list or a heading of the line that it starts: `- `, `1. `, `===`."""


def written(report: Report) -> str:
    """The whole report."""
    lines = [f"# {escaped(report.title)}", ""]
    if report.author:
        lines += [escaped(report.author), ""]
    lines += [f"**{escaped(report.headline)}**", ""]
    lines += [f"- {escaped(h.label)}: **{escaped(h.value)}** ({escaped(h.detail)})" for h in report.highlights]
    lines += ["", *(f"- {escaped(item)}" for item in report.evidence), ""]
    lines += [f"> **Mind:** {escaped(item)}\n>" for item in report.cautions]
    if report.next is not None:
        lines += ["", f"**Next:** {escaped(report.next.why)} {code(report.next.line)}"]
    for section in report.sections:
        lines += ["", *_section(section, "##")]
    lines += ["", "## Technical report"]
    for section in report.technical:
        lines += ["", *_section(section, "###")]
    lines += ["", f"Made by Loresmith {report.version}.", ""]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines))


def escaped(text: str) -> str:
    """`text` on one line, with nothing in it that Markdown or HTML would act upon."""
    line = _ACTIVE.sub(r"\\\1", " ".join(text.split())).replace("&", "&amp;")
    return _STARTS.sub(r"\1\\\2", line.replace("\\<", "&lt;").replace("\\>", "&gt;"))


def code(text: str) -> str:
    """`text` as code, between as many backticks as it needs."""
    line = " ".join(text.split()).replace("|", "\\|")
    if not line:
        return ""
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", line)), default=0))
    pad = " " if "`" in line else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def _section(section: Section, mark: str) -> Iterator[str]:
    yield f"{mark} {escaped(section.title)}"
    yield ""
    if section.lead:
        yield escaped(section.lead)
        yield ""
    for block in section.blocks:
        yield from _block(block)
        yield ""


def _block(block: Block) -> Iterator[str]:
    match block:
        case Prose():
            lead = {"plain": "", "note": "> ", "warning": "> **Mind:** "}[block.tone]
            yield f"{lead}{escaped(block.text)}"
        case Points():
            yield from (f"- {escaped(item)}" for item in block.items)
        case Facts():
            yield from _rows(("", ""), [(f"**{escaped(name)}**", escaped(value)) for name, value in block.items])
        case Table():
            yield from _table(block)
        case Heat():
            yield from _heat(block)
        case Picture():
            yield from (f"*{escaped(block.caption)}*", "", "```text", block.text.replace("```", "'''"), "```")
        case Examples():
            yield from (f"**{escaped(block.caption)}**", "")
            for example in block.items:
                yield from _example(example)
        case Command():
            yield from (escaped(block.why), "", "```sh", " ".join(block.line.split()).replace("```", "'''"), "```")


def _table(table: Table) -> Iterator[str]:
    yield f"*{escaped(table.caption)}*"
    yield ""
    rows = [
        tuple(code(text) if column.is_code else escaped(text) for column, text in zip(table.columns, row, strict=True))
        for row in table.rows
    ]
    names = tuple(escaped(column.name) for column in table.columns)
    yield from _rows(names, rows, tuple(column.is_number for column in table.columns))


def _heat(heat: Heat) -> Iterator[str]:
    yield f"*{escaped(heat.caption)}*"
    yield ""
    rows = [
        (
            escaped(name),
            *(_cell(cell) for cell in cells),
        )
        for name, cells in heat.rows
    ]
    yield from _rows(
        (heat.rows_are.capitalize(), *map(escaped, heat.columns)), rows, (False, *(True for _ in heat.columns))
    )


def _cell(cell: HeatCell | None) -> str:
    if cell is None:
        return "–"
    few = "few: " if cell.is_small else ""
    return escaped(f"{percent(cell.share)} [{100 * cell.low:.0f}, {100 * cell.high:.0f}] ({few}{cell.n})")


def _rows(names: tuple[str, ...], rows: list[tuple[str, ...]], right: tuple[bool, ...] = ()) -> Iterator[str]:
    yield f"| {' | '.join(names)} |"
    marks = ["---:" if right and right[i] else "---" for i in range(len(names))]
    yield f"| {' | '.join(marks)} |"
    yield from (f"| {' | '.join(row)} |" for row in rows)


def _example(example: Example) -> Iterator[str]:
    yield f"- {escaped(example.question)}"
    if example.options:
        yield f"  - Options: {'; '.join(map(escaped, example.options))}"
    yield f"  - Right: {escaped(example.answer)}"
    for said in (*example.said, *example.others):
        note = f" ({said.unparsed})" if said.unparsed else ""
        yield f"  - {MARKS[said.correct]}{said.arm}: {escaped(said.given) or '(nothing)'}{escaped(note)}"
    yield f"  - Source: {escaped(place(example.source, example.page))}: “{escaped(example.quote)}”"
