"""What was read, cut, asked and set aside, with every reason."""

from loresmith.report.content import Block, Column, Facts, Prose, Section, Table
from loresmith.report.material import Material
from loresmith.report.wording import count, percent, plural, tally

FOLDED_ABOVE = 12
"""Rows from which a table is closed until asked for."""


def documents(material: Material) -> Section | None:
    """The sources: read and set aside."""
    if "ingest" not in material.parents:
        return None
    read, aside = material.documents, material.set_aside
    pages = sum(document.pages or 0 for document in read)
    lead = f"{plural(len(read), 'document')} read"
    lead += f" ({count(pages)} numbered pages, " if pages else " ("
    lead += f"{count(sum(document.characters for document in read))} characters of Markdown); "
    lead += f"{len(aside)} set aside." if aside else "none set aside."
    made = material.notes("generate").get("documents", {})
    rows = tuple(
        (
            document.source,
            document.title,
            document.format,
            count(document.pages) if document.pages else "–",
            count(document.characters),
            count(int(made.get(document.source, {}).get("questions", 0))),
        )
        for document in read
    )
    columns = (
        Column(name="Source", is_code=True),
        Column(name="Title"),
        Column(name="Format"),
        Column(name="Pages", is_number=True),
        Column(name="Characters", is_number=True),
        Column(name="Questions", is_number=True),
    )
    blocks: list[Block] = [Table(caption="Documents read", columns=columns, rows=rows, folded=len(rows) > FOLDED_ABOVE)]
    if aside:
        table = Table(
            caption="Documents set aside",
            columns=(Column(name="Source", is_code=True), Column(name="Reason")),
            rows=tuple(aside),
        )
        blocks.append(table)
    silent = material.notes("ingest").get("pages_without_text", {})
    if silent:
        told = "; ".join(f"{name}: {', '.join(map(str, numbers))}" for name, numbers in silent.items())
        blocks.append(Prose(text=f"Pages without text (blank, pictures or scans): {told}.", tone="note"))
    replaced = {
        pdf: source
        for pdf, source in material.notes("ingest").get("read_from_source", {}).items()
        if pdf.endswith(".pdf")
    }
    if replaced:
        told = "; ".join(f"{source} instead of {pdf}" for pdf, source in replaced.items())
        blocks.append(
            Prose(text=f"Read from the LaTeX source, whose tables and formulas are exact: {told}.", tone="note")
        )
    return Section(id="documents", title="What was read", lead=lead, blocks=tuple(blocks))


def questions(material: Material) -> Section | None:
    """Facts, questions, sets, and what was dropped on the way."""
    if "generate" not in material.parents:
        return None
    counts, notes = material.counts("generate"), material.notes("generate")
    kept, dropped = counts.get("kept", 0), counts.get("dropped", 0)
    lead = (
        f"{count(kept)} questions about {count(int(notes.get('facts', counts.get('facts', 0))))} facts were kept; "
        f"{plural(dropped, 'proposal')} fell to a check."
    )
    facts = [("Teacher", material.recipe.generate.teacher)]
    tallies = {"kinds": "Facts by kind", "forms": "Questions by form"}
    tallies |= {key: f"Questions by {key.removesuffix('s')}" for key in ("styles", "lengths", "personas")}
    for key, label in tallies.items():
        if notes.get(key):
            facts.append((label, tally(notes[key])))
    if notes.get("chunks"):
        facts.append(("Passages that gave a fact", f"{count(notes['chunks_with_facts'])} of {count(notes['chunks'])}"))
    blocks: list[Block] = [Facts(items=tuple(facts))]
    blocks += [
        table
        for stage, caption in (
            ("generate", "Facts and questions dropped, by reason"),
            ("chunk", "Passages dropped, by reason"),
            ("split", "Questions left out of training and exams, by reason"),
            ("train", "Conversations left out of training, by reason"),
        )
        if (table := _reasons(material, stage, caption))
    ]
    if searched := _retrievable(material):
        blocks.insert(1, searched)
    if sets := _sets(material):
        blocks.insert(1, sets)
    unseen = material.notes("split").get("held_out_documents", [])
    if unseen:
        blocks.append(Prose(text=f"Never trained on, for the transfer exam: {', '.join(map(str, unseen))}."))
    if compared := material.notes("split").get("benchmarks"):
        blocks.append(Prose(text=_compared([str(name) for name in compared["files"]], int(compared["rows"]))))
    return Section(id="questions", title="What was asked", lead=lead, blocks=tuple(blocks))


def _compared(files: list[str], rows: int) -> str:
    went = f"{plural(rows, 'question')} that stand in one went out" if rows else "none stands in one"
    return f"What is trained was compared with {plural(len(files), 'benchmark file')} ({', '.join(files)}): {went}."


def _reasons(material: Material, stage: str, caption: str) -> Table | None:
    reasons = material.reasons(stage)
    if not reasons:
        return None
    ordered = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    return Table(
        caption=caption,
        columns=(Column(name="Reason"), Column(name="Rows", is_number=True)),
        rows=tuple((reason, count(number)) for reason, number in ordered),
        folded=len(ordered) > FOLDED_ABOVE,
    )


def _retrievable(material: Material) -> Table | None:
    found = material.notes("generate").get("retrievable")
    if not found:
        return None
    kinds = found["kinds"] | ({"all": found} if len(found["kinds"]) > 1 else {})
    columns = (
        Column(name="Kind"),
        Column(name="Questions", is_number=True),
        Column(name="Found", is_number=True),
        Column(name="Share", is_number=True),
    )
    rows = tuple(
        (kind, count(row["questions"]), count(row["found"]), percent(row["found"] / row["questions"]))
        for kind, row in kinds.items()
    )
    caption = f"Questions whose passage is among the first {found['first']} that retrieval finds"
    return Table(caption=caption, columns=columns, rows=rows, folded=len(rows) > FOLDED_ABOVE)


USES = {
    "train": "learned from",
    "validation": "watches the loss",
    "recall": "trained facts, in a wording held back",
    "transfer": "facts of sources never trained on",
    "unanswerable": "what no document tells; right is who says so",
}


def _sets(material: Material) -> Table | None:
    sets = material.notes("split").get("sets", {})
    if not sets:
        return None
    rows = tuple(
        (name, USES.get(name, ""), count(int(found["rows"])), count(int(found["facts"])))
        for name, found in sets.items()
    )
    columns = (
        Column(name="Set"),
        Column(name="Used for"),
        Column(name="Questions", is_number=True),
        Column(name="Facts", is_number=True),
    )
    return Table(caption="How the questions were divided, by fact", columns=columns, rows=rows)
