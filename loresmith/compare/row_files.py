"""Files with one row a question: scores of ragas, and plain marks of any benchmark.

Ragas: `EvaluationResult.to_pandas()` written as CSV or JSON Lines, of both ages (`user_input` or `question`). Every
column of numbers is a measure; a missing score or NaN, which ragas gives where its judge failed, counts as unscored.

Marks: rows with `id` and `correct` (true, false, 1, 0) or `score`, and if wanted `benchmark`, `arm`, `document`,
`kind`, `subject`, `form`.
"""

import hashlib
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from loresmith.compare.files import rows_of
from loresmith.compare.marks import Mark, Results, Sheet
from loresmith.errors import UserError

QUESTIONS = ("user_input", "question")
RAGAS_TEXT = {
    *QUESTIONS,
    *("response", "answer", "reference", "ground_truth", "ground_truths"),
    *("contexts", "retrieved_contexts", "reference_contexts", "rubrics", "rubric"),
    *("persona_name", "query_style", "query_length", "synthesizer_name"),
}
"""Columns of ragas that are no measure, whatever stands in them."""
TAGS = ("kind", "form", "subject", "document", "synthesizer_name")
TRUE, FALSE = ("true", "1", "1.0", "yes"), ("false", "0", "0.0", "no")


def read_rows(path: Path, arm: str | None) -> Results:
    """The results in a file of rows.

    Raises:
        UserError: the rows are neither ragas scores nor marks, or hold several arms and none is chosen.
    """
    rows = rows_of(path)
    if not rows:
        raise UserError(f"{path} holds no row.", next_step="Give a file with results.")
    if _is_marks(rows[0]):
        return _marks_file(path, rows, arm)
    if any(name in rows[0] for name in QUESTIONS):
        return _ragas_file(path, rows)
    raise UserError(
        f"{path} has neither `id` and `correct` or `score`, nor the columns of ragas.",
        next_step="Name each question `id` and its mark `correct`; docs/how-to/evaluate.md shows a row.",
    )


def _is_marks(row: Mapping[str, Any]) -> bool:
    return "id" in row and ("correct" in row or "score" in row)


def _marks_file(path: Path, rows: Sequence[Mapping[str, Any]], arm: str | None) -> Results:
    arms = list(dict.fromkeys(str(row["arm"]) for row in rows if row.get("arm")))
    if arms and arm is None and len(arms) > 1:
        raise UserError(f"{path} holds several arms: {', '.join(arms)}.", next_step="Choose one with --arm.")
    if arms and arm is not None and arm not in arms:
        raise UserError(f"The arm {arm!r} is not in {path}.", next_step=f"Take one of {', '.join(arms)}.")
    chosen = (arm or arms[0]) if arms else None
    own = [(number, row) for number, row in enumerate(rows, 1) if chosen is None or str(row.get("arm")) == chosen]
    sheets: dict[str, list[Mark]] = {}
    for number, row in own:
        mark = _mark(path, number, row)
        sheets.setdefault(str(row.get("benchmark") or path.stem), []).append(mark)
    for name, marks in sheets.items():
        _require_once(path, name, marks)
    made = tuple(Sheet(name, "correct", tuple(marks)) for name, marks in sheets.items())
    return Results(path, f"{chosen} in {path}" if chosen else str(path), "rows", made)


def _mark(path: Path, number: int, row: Mapping[str, Any]) -> Mark:
    given = row["correct"] if row.get("correct") not in (None, "") else row.get("score")
    said = str(given).strip().lower()
    score = 1.0 if said in TRUE else 0.0 if said in FALSE else _number(given)
    if score is None or not str(row.get("id", "")):
        raise UserError(
            f"{path}, row {number} has no `id`, or {given!r} as its mark.",
            next_step="Give each question an id, and `correct` true or false, or `score` a number.",
        )
    return Mark(str(row["id"]), score, str(row.get("document") or ""), tags=_tags(row))


def _ragas_file(path: Path, rows: Sequence[Mapping[str, Any]]) -> Results:
    asked = next(name for name in QUESTIONS if name in rows[0])
    names = _named(str(row.get(asked)) for row in rows)
    sheets = []
    for measure in dict.fromkeys(name for row in rows for name in row):
        if measure in RAGAS_TEXT or not measure:
            continue
        scores = [_number(row.get(measure)) for row in rows]
        if all(score is None for score in scores):
            continue
        marks = tuple(
            Mark(name, score, tags=_tags(row))
            for name, score, row in zip(names, scores, rows, strict=True)
            if score is not None
        )
        sheets.append(Sheet("ragas", measure, marks, unscored=len(rows) - len(marks)))
    if not sheets:
        raise UserError(f"{path} has no column of scores.", next_step="Write the frame of `result.to_pandas()`.")
    return Results(path, str(path), "ragas", tuple(sheets))


def _named(questions: Iterator[str]) -> list[str]:
    """A name for each question, the same wherever it is asked in the same words; the second of equals is another."""
    seen: Counter[str] = Counter()
    names = []
    for question in questions:
        name = hashlib.sha256(" ".join(question.split()).casefold().encode()).hexdigest()[:16]
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name} {seen[name]}")
    return names


def _require_once(path: Path, name: str, marks: Sequence[Mark]) -> None:
    twice = [question for question, times in Counter(mark.question for mark in marks).items() if times > 1]
    if twice:
        raise UserError(
            f"{path} marks {name} {twice[0]!r} more than once.", next_step="Keep one row for each question and arm."
        )


def _tags(row: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(row[name]) for name in TAGS if row.get(name)}


def _number(given: object) -> float | None:
    """A finite number, also as text; anything else is none."""
    try:
        number = float(given) if isinstance(given, int | float | str) else math.nan
    except ValueError:
        return None
    return number if math.isfinite(number) else None
