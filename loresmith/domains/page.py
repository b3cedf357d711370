"""The report of a prepared set as one HTML file: no outside request, no script; every text escaped."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from loresmith.domains.accounts import PlaceAccount
from loresmith.domains.bars import across, upright
from loresmith.domains.coverage import Coverage

TEMPLATES = Path(__file__).parent / "templates"


def page(
    title: str, places: Sequence[PlaceAccount], coverage: Coverage, warnings: Sequence[str], licences: Sequence[str]
) -> str:
    """The whole page."""
    from markupsafe import Markup

    from loresmith.templates import templates_in

    environment = templates_in(TEMPLATES)
    pictures = [(part, Markup(across(part.title, part.counts))) for part in coverage.parts]
    steps: dict[str, Any] = {
        "difficulty": upright("Rows by difficulty", list(coverage.difficulty), list(coverage.difficulty.values())),
        "along": upright(
            "Mean difficulty along the set", [str(n + 1) for n in range(len(coverage.along))], coverage.along, most=1.0
        ),
    }
    return environment.get_template("coverage.html.jinja").render(
        title=title,
        places=places,
        coverage=coverage,
        warnings=warnings,
        licences=licences,
        pictures=pictures,
        steps={name: Markup(drawn) for name, drawn in steps.items()},
    )
