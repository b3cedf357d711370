"""Commands in the pages exist: each verb is real and each flag is one of its flags."""

import re
import shlex
from pathlib import Path

import click
import pytest

from loresmith.cli.__main__ import VERBS, app

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"```bash\n(.*?)```", re.DOTALL)


def commands(page: Path) -> list[str]:
    text = "".join(BLOCK.findall(page.read_text(encoding="utf-8"))).replace("\\\n", " ")
    lines = [line.partition(" #")[0].partition(" | ")[0].strip() for line in text.splitlines()]
    inline = re.findall(r"`(loresmith [a-z][^`]*)`", page.read_text(encoding="utf-8"))
    return [line for line in [*lines, *inline] if line.startswith("loresmith ")]


EXAMPLES = [(page, command) for page in PAGES for command in commands(page)]


@pytest.mark.parametrize(("page", "command"), EXAMPLES, ids=[f"{p.name}: {c}" for p, c in EXAMPLES])
def test_a_command_in_the_pages_names_a_real_verb_and_real_flags(page: Path, command: str) -> None:
    _, verb, *rest = shlex.split(command)
    assert verb in VERBS, page
    found = app.get_command(click.Context(app), verb)
    assert found is not None
    if isinstance(found, click.Group) and rest:
        assert rest[0] in found.commands, page
        found = found.commands[rest.pop(0)]
    known = {flag for option in found.params for flag in (*option.opts, *option.secondary_opts)} | {"--help"}
    assert [word for word in rest if word.startswith("-") and word != "-" and word not in known] == [], page


def test_the_pages_do_show_commands() -> None:
    assert len(EXAMPLES) > 20


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_to_a_file_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if "://" not in link and not (page.parent / link).exists()] == []
