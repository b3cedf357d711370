"""The questions of `benchmarks/router.py`: three domains split by the real stages, and questions for none of them."""

import csv
import hashlib
import json
import sys
import tarfile
import zipfile
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loresmith import artifact
from loresmith.pipeline import Project, run
from loresmith.progress import finish
from loresmith.recipe import GenerateConfig, Recipe, SplitConfig
from loresmith.records import Question
from loresmith.router.questions import exam, sections_of

DOMAINS = {
    "biology": ["text/openstax_biology_md.tar.gz"],
    "security": ["text/owasp_cheatsheets_md.tar.gz"],
    "papers": ["pdf/papers", "text/deepseek_docs_md.tar.gz", "text/open_infra_index_md.tar.gz"],
}
FOREIGN = {"speeches": ["text/nltk/state_union.zip"], "filings": ["pdf/financebench"]}
OF_OUR_DOMAINS = {
    "Amazon_rainforest", "Black_Death", "Chloroplast", "Computational_complexity_theory", "Ctenophora", "Immune_system",
    "Oxygen", "Packet_switching", "Pharmacy", "Prime_number",
}  # fmt: skip
"""Articles of XQuAD that one of the experts could claim; they are not asked as foreign."""
SUBJECTS: dict[str, str | None] = {
    "college_biology": "biology",
    "computer_security": "security",
    "philosophy": None,
    "high_school_mathematics": None,
}
"""Of MMLU, and for whom their questions are."""
MOST_DOCUMENTS, MOST_FOREIGN_DOCUMENTS = 60, 16
"""Of one domain, evenly over its files by name: questioning all of them takes an hour and tells the same."""
MOST_FACTS, MOST_LEARNED, MOST_ASKED = 2400, 800, 300
"""Facts of a domain, questions that teach about it, and questions asked of one group, evenly over its order."""


@dataclass(frozen=True)
class Asked:
    """A question, whom it is for (`None`: nobody), and the document that clusters it."""

    question: str
    expert: str | None
    document: str


def unpacked(source: Path, work: Path) -> Path:
    """`source`, or the folder in `work` into which it was unpacked."""
    if source.is_dir():
        return source
    folder = work / "documents" / source.name.split(".")[0]
    if not folder.is_dir():
        if source.suffix == ".zip":
            zipfile.ZipFile(source).extractall(folder)
        else:
            with tarfile.open(source) as packed:
                packed.extractall(folder, filter="data")
    return folder


def documents_in(folders: Sequence[Path], most: int) -> tuple[str, ...]:
    """At most `most` of the readable files, evenly over their sorted names."""
    found = (path for folder in folders for path in folder.rglob("*") if path.is_file())
    files = sorted(path for path in found if path.suffix in (".md", ".txt", ".pdf"))
    files = [path for path in files if path.stem.lower() not in ("license", "readme", "summary")]
    step = max(1.0, len(files) / most)
    return tuple(str(files[int(number * step)]) for number in range(min(most, len(files))))


def split_project(name: str, sources: Sequence[Path], work: Path, most: int) -> Project:
    """The project of a domain, made up to its split from `most` documents; what is there and fresh stays."""
    recipe = Recipe(
        name=name,
        documents=documents_in([unpacked(source, work) for source in sources], most),
        generate=GenerateConfig(max_facts=MOST_FACTS, unanswerable=0.0, true_false=0.0),
        split=SplitConfig(held_out=0.25),
    )
    project = Project(work / name, recipe)
    project.save()
    with project.locked():
        finish(run(project, until="split"), lambda step: print(f"  {name} {step.stage} {step.done}", file=sys.stderr))
    return project


def sampled(group: Sequence[Any], most: int = MOST_ASKED) -> list[Any]:
    """At most `most` of the group, evenly over its order."""
    step = max(1.0, len(group) / most)
    return [group[int(number * step)] for number in range(min(most, len(group)))]


@dataclass(frozen=True)
class Parts:
    """Questions of one domain by what they are for: no section is in two parts."""

    learned: list[str]
    held_out: list[str]
    measured: list[Asked]


def by_section(name: str, project: Project, among: AbstractSet[str]) -> Parts:
    """The training questions `among` those given, their sections drawn by lot: 6 in 10 to learn, 2 to calibrate."""
    sections = sections_of(project.path / "questions")
    parts = Parts([], [], [])
    facts: set[str] = set()
    for row in rows_of(project, "train.jsonl"):
        if row.question not in among or row.form != "short":
            continue
        place = f"{row.document} {sections.get(row.chunk) or row.chunk}"
        lot = hashlib.sha256(f"section {place}".encode()).digest()[0]
        if lot < 154:
            parts.learned.append(row.question)
        elif row.fact not in facts:  # one wording of a fact
            facts.add(row.fact)
            if lot < 205:
                parts.held_out.append(row.question)
            else:
                parts.measured.append(Asked(row.question, name, f"{name} {row.document}"))
    return parts


def examined(project: Project, expert: str | None) -> list[Asked]:
    """A question of facts of the documents held out."""
    rows = sampled(exam(artifact.read(project.path / "split", made_by="split")))
    return [Asked(row.question, expert, f"{project.recipe.name} {row.document}") for row in rows]


def written_by_people(data: Path) -> dict[str, list[Asked]]:
    """Questions of other sets: two of our domains, and articles and subjects of none."""
    found: dict[str, list[Asked]] = {}
    articles = json.loads((data / "eval/squad/xquad.en.json").read_text(encoding="utf-8"))["data"]
    found["XQuAD, foreign articles"] = [
        Asked(one["question"], None, article["title"])
        for article in articles
        if article["title"] not in OF_OUR_DOMAINS
        for paragraph in article["paragraphs"]
        for one in paragraph["qas"]
    ]
    found["XQuAD, Immune system and Chloroplast"] = [
        Asked(one["question"], "biology", f"{article['title']} {number}")
        for article in articles
        if article["title"] in ("Immune_system", "Chloroplast")
        for number, paragraph in enumerate(article["paragraphs"])
        for one in paragraph["qas"]
    ]
    for subject, expert in SUBJECTS.items():
        with (data / f"eval/mmlu_hendrycks_format/test/{subject}_test.csv").open(encoding="utf-8", newline="") as file:
            rows = [row[0] for row in csv.reader(file)]
        found[f"MMLU {subject}"] = [Asked(text, expert, str(number)) for number, text in enumerate(rows)]
    metric = json.loads((data / "eval/security/CyberMetric-500-v1.json").read_text(encoding="utf-8"))["questions"]
    found["CyberMetric"] = [Asked(one["question"], "security", str(number)) for number, one in enumerate(metric)]
    return found


def rows_of(project: Project, name: str) -> list[Question]:
    """The rows of a file of the split."""
    return list(artifact.read(project.path / "split", made_by="split").rows(Question, name))
