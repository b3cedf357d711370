"""The report as one HTML file: no outside request, no script; every text escaped."""

from pathlib import Path

from markupsafe import Markup

from loresmith.report.content import Report
from loresmith.templates import templates_in

TEMPLATES = Path(__file__).parent / "templates"


def page(report: Report) -> str:
    """The whole page; texts of documents and models stand in it as text, whatever they contain."""
    style = Markup((TEMPLATES / "style.css").read_text(encoding="utf-8"))
    environment = templates_in(TEMPLATES)
    environment.filters["drawn"] = Markup
    return environment.get_template("report.html.jinja").render(report=report, style=style)
