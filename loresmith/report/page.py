"""The report as one HTML file: no outside request, no script; every text escaped."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from loresmith.report.content import Report

TEMPLATES = Path(__file__).parent / "templates"


def page(report: Report) -> str:
    """The whole page; texts of documents and models stand in it as text, whatever they contain."""
    style = Markup((TEMPLATES / "style.css").read_text(encoding="utf-8"))
    return _environment().get_template("report.html.jinja").render(report=report, style=style)


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["drawn"] = Markup
    return environment
