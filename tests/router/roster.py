"""Two small experts, a kitchen and a harbour: projects with the splits that a router learns from, and nothing more."""

from pathlib import Path

from loresmith import artifact
from loresmith.artifact import Plan
from loresmith.pipeline import Project
from loresmith.recipe import Recipe, SplitConfig
from loresmith.records import Question

SUBJECTS = {
    "kitchen": (
        ("bread", "butter", "soup", "roast", "cake", "sauce", "pastry", "salad", "stew", "jam", "tart", "omelette"),
        (
            "How long does the {} stay in the oven?",
            "Which spice goes into the {}?",
            "At what heat is the {} cooked?",
            "Which bowl is the {} stirred in?",
        ),
    ),
    "harbour": (
        (
            "tug",
            "ferry",
            "anchor",
            "lighthouse",
            "pier",
            "trawler",
            "buoy",
            "crane",
            "lock",
            "pilot boat",
            "barge",
            "dredger",
        ),
        (
            "How deep is the water under the {}?",
            "Which mooring line holds the {}?",
            "At what tide does the {} move?",
            "Which captain steers past the {}?",
        ),
    ),
}
KEYWORDS = {"kitchen": ("yeast",), "harbour": ("starboard",)}


def question(document: str, fact: str, wording: int, text: str) -> Question:
    return Question(
        id=f"{fact}-{wording}", fact=fact, document=document, source=f"{document}.md", page=None, chunk=f"c-{fact}",
        quote="", kind="cell", form="short", wording=wording, question=text, answer="x",
    )  # fmt: skip


def rows(name: str) -> list[Question]:
    """A document for each subject, a fact for each question about it, two wordings of each fact."""
    subjects, forms = SUBJECTS[name]
    return [
        question(f"{name}-{subject}", f"{name}-{subject}-{number}", wording, f"{lead}{form.format(subject)}")
        for subject in subjects
        for number, form in enumerate(forms)
        for wording, lead in enumerate(("", "Please tell me: "))
    ]


def expert_project(folder: Path, name: str) -> Project:
    """The project of an expert, whose last two documents are its transfer exam."""
    project = Project(folder / name, Recipe(name=name))
    project.save()
    aside = {f"{name}-{subject}" for subject in SUBJECTS[name][0][-2:]}
    with artifact.create(project.path / "split", Plan("split", SplitConfig())) as draft:
        for row in rows(name):
            draft.keep(row, "transfer.jsonl" if row.document in aside else "train.jsonl")
    return project


def write_roster(folder: Path, more: str = "") -> Path:
    """A file that lists both experts, whose projects lie beside it."""
    lines = ["name: town", "experts:"]
    for name in SUBJECTS:
        expert_project(folder, name)
        lines.append(f"  - {{name: {name}, project: {name}, keywords: [{', '.join(KEYWORDS[name])}]}}")
    path = folder / "experts.yaml"
    path.write_text("\n".join([*lines, "router: {calibration: 0.5}", more]), encoding="utf-8")
    return path
