"""The blind comparison in a real browser, by its keys; skipped where there is none."""

from pathlib import Path
from typing import Any

import pytest

from loresmith.blind.contest import drawn, folder_of, save, sitter
from loresmith.blind.session import Session
from loresmith.serve.access import Access
from loresmith.serve.blind.site import create_blind_site
from tests.blind.ballot import HOSTILE, examined
from tests.serve.librarian import served


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_keys_vote_open_the_source_go_back_and_end_with_who_was_who(
    browser: Any, tmp_path: Path, width: int, scheme: str
) -> None:
    project = examined(tmp_path / "project", {"base": [HOSTILE] * 3, "lora": ["6 bar", "7 bar", ""]})
    sides = sitter(project.path, "base", "base"), sitter(project.path, "lora", "lora")
    save(folder_of(project.path, "c"), drawn("c", *sides, seed=3, most=8))
    session, complaints, outside = Session(folder_of(project.path, "c")), [], []
    with (
        served(create_blind_site(project, Access())) as site,
        browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme) as context,
    ):
        tab = context.new_page()
        tab.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
        tab.on("request", lambda asked: None if asked.url.startswith((site.url, "data:")) else outside.append(asked))
        tab.goto(f"{site.url}/blind/c")
        tab.fill("input[name=rater]", "anna & <b>")
        tab.keyboard.press("Enter")
        tab.wait_for_selector(".pair")
        tab.wait_for_load_state()
        assert HOSTILE.split("\x1b")[0] in tab.inner_text("#asked")
        tab.keyboard.press("s")
        assert tab.locator("#source[open]").count() == 1
        assert not tab.evaluate("document.documentElement.scrollWidth > window.innerWidth")
        for number, key in enumerate(("1", "2", "t")):
            tab.keyboard.press(key)
            tab.wait_for_function(
                "said => document.getElementById('progress').textContent.startsWith(said)", arg=f"{number + 1} of 3"
            )
            tab.wait_for_load_state()  # a page listens to keys once its script has run
            if number == 0:
                tab.keyboard.press("u")
                tab.wait_for_url("**again=true")
                tab.keyboard.press("b")
                tab.wait_for_url(lambda url: "again" not in url)
        assert "votes decide nothing" in tab.inner_text("main h2")
        assert tab.locator("img").count() == 0
    assert [vote.vote for vote in session.votes()] == ["bad", "right", "tie"]
    assert {vote.rater for vote in session.votes()} == {"anna & <b>"}
    assert (complaints, outside) == ([], [])
