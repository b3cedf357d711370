"""A project of which every word that can be chosen tries to be a tag."""

import json
from pathlib import Path

from loresmith.pipeline import Project
from loresmith.recipe import Recipe
from tests.review.workshop import made

HOSTILE = "<img src=x onerror=document.title=1>"
HOSTILE_QUESTION = f"How many blades {HOSTILE} does the winch hold?"


def build_hostile(folder: Path) -> Project:
    """The project in `folder`, made up to its questions."""
    documents, rows = folder / f"in {HOSTILE}", folder / "rows.jsonl"
    documents.mkdir(parents=True)
    (documents / f"{HOSTILE}.txt").write_text(f"Now {HOSTILE}. The winch holds 12 blades {HOSTILE}. So it does.\n")
    row = {
        "quote": f"The winch holds 12 blades `{HOSTILE}`.",
        "answer": "12 blades",
        "questions": [HOSTILE_QUESTION, "The winch holds how many of its blades?"],
        "options": [f"13 {HOSTILE}"],
    }
    rows.write_text(json.dumps(row) + "\n", encoding="utf-8")
    project = Project(folder / "project", Recipe(name="hostile", documents=(str(documents),)))
    project.save()
    made(project, teacher=f"scripted:{rows}")
    return project
