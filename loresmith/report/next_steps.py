"""What to run next, from what was found."""

import re

from loresmith.report.content import Block, Command, Section
from loresmith.report.material import Material
from loresmith.report.wording import count

FOR_REAL = "loresmith run RECIPE.yaml"
_PLAIN = re.compile(r"[\w ,.?()/%-]{10,90}")


def next_steps(material: Material) -> Section:
    """Commands in the order in which they make sense, for someone inside the project folder."""
    blocks: list[Block] = []
    exam, parity = material.exam, material.parity
    if parity is not None and not parity.get("passed"):
        why = "The exported file failed its parity exam; see “The file that ships” before anyone uses it."
        blocks.append(Command(line="loresmith export .", why=why))
    if exam is not None and exam.verdict.decision == "unclear" and exam.verdict.questions_needed:
        needed = count(exam.verdict.questions_needed)
        why = (
            f"Too few questions to tell: raise split.max_exam and generate.max_facts, or add documents, up to {needed}."
        )
        blocks.append(Command(line="loresmith run .", why=why))
    if exam is not None and exam.verdict.decision == "none":
        why = "Nothing helped: try a larger base model, more epochs or a larger r, then run again."
        blocks.append(Command(line="loresmith run .", why=why))
    line = f"loresmith ask . '{_sayable(material)}'"
    blocks.append(Command(line=line, why="Ask the expert; the answer shows its sources."))
    blocks.append(Command(line="loresmith quiz .", why="Take a quiz on the documents."))
    blocks.append(Command(line="loresmith serve .", why="Open the page and the OpenAI-compatible API."))
    if exam is not None and not material.benchmarks:
        why = (
            "See whether training cost general ability: the same public questions before and after. They come from "
            "the Hub, or from files that you have."
        )
        blocks.append(Command(line="loresmith benchmark . --tasks arc_easy,sciq", why=why))
    if material.settings.rehearsed:
        why = "Run the same recipe for real, with the model that it names, where a GPU is at hand."
        blocks.append(Command(line=FOR_REAL, why=why))
    return Section(id="next", title="What to run next", lead="Inside the project folder:", blocks=tuple(blocks))


def first(section: Section) -> Command | None:
    """What stands on top of the report: a remedy if one is needed, after a rehearsal the run for real, else to ask."""
    commands = [block for block in section.blocks if isinstance(block, Command)]
    if commands and commands[0].line.startswith("loresmith ask") and commands[-1].line == FOR_REAL:
        return commands[-1]
    return commands[0] if commands else None


def _sayable(material: Material) -> str:
    """An exam question that can stand between quotes in any shell; documents decide what questions contain."""
    asked = (question.question for question in material.questions.values())
    return next((question.strip() for question in asked if _PLAIN.fullmatch(question)), "your question")
