"""What the run cost: seconds, memory and disk of every stage, and the tokens where they were counted.

It differs from run to run, so nothing of it stands in `report.json`. Not covered: electricity.
"""

from loresmith.report.content import Block, Column, Prose, Section, Table
from loresmith.report.material import Material
from loresmith.report.wording import count, duration, percent, plural, size

JUDGING = ("evaluate", "gguf", "endpoint")
"""Stages whose long answers a judge may grade."""


def cost(material: Material) -> Section | None:
    """One row for each stage; `None` where no stage is there."""
    manifests = {name: parent.manifest for name, parent in material.parents.items()}
    if not manifests:
        return None
    whole = sum(made.seconds for made in manifests.values())
    longest = max(manifests, key=lambda name: manifests[name].seconds)
    peak = max((made.peak_memory_bytes or 0 for made in manifests.values()), default=0)
    said = f"All stages together took {duration(whole)}"
    said += f", {longest} the longest ({percent(manifests[longest].seconds / whole)})" if whole else ""
    said += f"; at most {size(peak)} of memory were in use at once." if peak else "."
    if paid := material.notes("generate").get("teacher", {}).get("money"):
        said += f" The teacher's answers cost {paid:.2f} in the currency of its prices."
    for stage in JUDGING:
        if paid := material.notes(stage).get("judge", {}).get("money"):
            said += f" The judge's answers to {stage} cost {paid:.2f} in the currency of its prices."
    rows = [
        (
            name,
            duration(made.seconds),
            percent(made.seconds / whole) if whole else "–",
            size(made.peak_memory_bytes) if made.peak_memory_bytes else "–",
            size(sum(bytes_ for bytes_, _ in made.files.values())),
            _tokens(material, name),
        )
        for name, made in manifests.items()
    ]
    disk = sum(bytes_ for made in manifests.values() for bytes_, _ in made.files.values())
    rows.append(("together", duration(whole), "", "", size(disk), ""))
    names = ("Stage", "Time", "Share of time", "Peak memory so far", "On disk", "Tokens")
    columns = tuple(Column(name=name, is_number=name != "Stage") for name in names)
    note = (
        "Time is that of the attempt that finished; what an earlier, killed attempt took is not in it. Memory is the "
        "highest that the process had reached by then, so it never falls from one stage to the next of the same run."
    )
    blocks: tuple[Block, ...] = (
        Prose(text=said, timed=True),
        Table(caption="What each stage cost", columns=columns, rows=tuple(rows), timed=True),
        Prose(text=note, tone="note"),
    )
    return Section(id="cost", title="What it cost", blocks=blocks)


def _tokens(material: Material, stage: str) -> str:
    """Tokens that a stage is known to have read or written."""
    notes = material.notes(stage)
    if stage == "train" and notes.get("tokens"):
        return f"{count(notes['tokens'])} seen"
    asked = notes.get("teacher", {}) if stage == "generate" else notes.get("judge", {}) if stage in JUDGING else {}
    if asked.get("prompt_tokens"):
        calls = f" in {plural(asked['calls'], 'call')} of the judge" if stage in JUDGING else ""
        return f"{count(asked['prompt_tokens'])} read, {count(asked.get('completion_tokens', 0))} written{calls}"
    return "–"
