"""Parity: whether the file that ships is as good as the model that was examined.

The same questions go to the base with its adapter, to the merged 16-bit model, and to the exported GGUF file. Rendered
prompts have to agree token for token (bare and grounded), answers have to end alike, and the file has to choose the
same options as the merged model on a given share of the questions. A failed parity is a result, not an error:
`results.json` says what failed, and nothing may be published on it.

Reads `export/`, `adapter/`, `split/` and `index/`; writes `rows.jsonl` (one `ParityRow` for each question) and
`results.json` (`ParityResults`). A killed run keeps the answers of the models that had finished.

Not covered: whether the answers are right by the examination's rules (`evaluate` says that; the accuracies here use a
plain comparison of texts), and prompts longer than those of the exam.
"""

from pathlib import Path

from loresmith import artifact
from loresmith.artifact import Artifact, Plan
from loresmith.errors import LoresmithError, NothingKept
from loresmith.progress import Work
from loresmith.recipe.settings import ParitySettings

RESULTS = "results.json"


def run(plan: Plan, target: Path) -> Work[Artifact]:
    """`target` says whether the exported file may be published, and why.

    Raises:
        NothingKept: the exams hold no question.
        UserError: a model cannot be loaded.
    """
    from loresmith.parity import comparison, paper, sitting

    settings = plan.settings
    if not isinstance(settings, ParitySettings):
        raise LoresmithError(f"parity got {type(settings).__name__}.", next_step="This is a bug: please report it.")
    with artifact.create(target, plan, resume=True) as draft:
        asked = paper.choose(plan.parents["split"], settings.export.parity_questions)
        if not asked:
            raise NothingKept(
                "The recall and transfer exams hold no question, so the exported file cannot be examined.",
                next_step="Add documents, or raise `generate.max_facts`, and run `loresmith generate` again.",
            )
        sat = yield from sitting.sit_all(plan, settings, asked, draft.path)
        rows = comparison.rows(asked, sat)
        (draft.path / artifact.ROWS).unlink(missing_ok=True)  # of an attempt that was killed here
        for row in rows:
            draft.keep(row)
        results = comparison.results(rows, settings.export)
        (draft.path / RESULTS).write_text(results.model_dump_json(indent=1) + "\n", encoding="utf-8", newline="\n")
        sitting.tidy(draft.path)
        draft.balance(len(asked))
        draft.notes.update(passed=results.passed, reasons=list(results.reasons))
    return artifact.read(target, made_by="parity")
