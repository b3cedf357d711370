"""Write the report of a run: for a reader who wants the verdict, and for one who checks every figure.

Reads the artifacts of every stage that is there, what `loresmith benchmark` left in the project and the votes of blind
comparisons; writes `report.html` (one file, no outside request, no script), `report.md` and `report.json`. Every figure
comes from a manifest, a result file or the log of the examination. What differs from run to run on the same inputs
(seconds, memory, machine) stands in the page and in the Markdown, not in the JSON.

Not covered: comparing two runs.
"""

from collections.abc import Mapping
from pathlib import Path

from loresmith import artifact
from loresmith.artifact import Artifact, Plan
from loresmith.errors import LoresmithError
from loresmith.progress import Work
from loresmith.recipe.settings import ReportSettings
from loresmith.records import Progress

PAGE, MARKDOWN, FIGURES = "report.html", "report.md", "report.json"
VOTED = "blind/"
"""What the paths of blind comparisons begin with."""


def run(plan: Plan, target: Path, files: Mapping[str, Path] | None = None) -> Work[Artifact]:
    """Leave the report on all of the plan's parents in `target`.

    `files` are results of public benchmarks, and pairs and votes of blind comparisons, by their path in the project.
    """
    from loresmith.report.compose import compose
    from loresmith.report.figures import figures
    from loresmith.report.markdown import written
    from loresmith.report.material import Material
    from loresmith.report.page import page

    if not isinstance(plan.settings, ReportSettings):
        raise LoresmithError(
            f"The report was given {type(plan.settings).__name__}.", next_step="This is a bug of Loresmith."
        )
    yield Progress(stage=plan.stage, done=0, total=2, note="gathering figures")
    with artifact.create(target, plan) as draft:
        voted = {name: path for name, path in (files or {}).items() if name.startswith(VOTED)}
        asked = {name: path for name, path in (files or {}).items() if name not in voted}
        material = Material(plan.settings, plan.parents, asked, voted)
        report = compose(material)
        yield Progress(stage=plan.stage, done=1, total=2, note="writing")
        artifact.write_whole(draft.path / PAGE, page(report))
        artifact.write_whole(draft.path / MARKDOWN, written(report))
        artifact.write_whole(draft.path / FIGURES, figures(report, material))
        draft.volatile.update((PAGE, MARKDOWN))
        draft.notes.update(headline=report.headline, decision=report.decision)
    return artifact.read(target, made_by=plan.stage)
