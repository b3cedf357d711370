"""Results from wherever they lie: what a place holds is found out from its files."""

from pathlib import Path

from loresmith.compare.benchmark_folder import benchmark_folders, read_benchmarks
from loresmith.compare.exam_folder import exam_at, read_exam
from loresmith.compare.lm_eval_files import read_lm_eval, results_files
from loresmith.compare.marks import Results
from loresmith.compare.row_files import read_rows
from loresmith.errors import UserError


def read(place: Path, arm: str | None = None) -> Results:
    """The results at `place`: a project, an exam's folder, our benchmarks, results of lm-evaluation-harness, or rows.

    Args:
        place: Folder or file.
        arm: Which arm, where the results hold several.

    Raises:
        UserError: nothing is there, or nothing that is known; or it is damaged.
    """
    if not place.exists():
        raise UserError(f"There is nothing at {place}.", next_step="Name a project, a folder of results or a file.")
    if place.is_dir() and (asked := benchmark_folders(place)):
        return read_benchmarks(place, asked, arm)
    exam = exam_at(place) if place.is_dir() else None
    if exam is not None:
        return read_exam(exam, arm)
    files = results_files(place)
    if files:
        return read_lm_eval(place, files)
    if place.is_file():
        return read_rows(place, arm)
    raise UserError(
        f"{place} holds no results that are known.",
        next_step="Name a project whose exam was held (`loresmith evaluate`), an --output_path of lm_eval, or a file "
        "with one row a question (.jsonl, .csv).",
    )
