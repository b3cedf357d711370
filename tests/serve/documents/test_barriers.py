"""What axe-core finds on our pages about documents and on the monitor; skipped where there is no browser."""

from typing import Any

import httpx
import pytest

from tests.serve.journey import DESK, PHONE
from tests.serve.librarian import Site


@pytest.mark.parametrize(("size", "scheme"), [(DESK, "light"), (PHONE, "dark")], ids=["desk in light", "phone in dark"])
def test_axe_finds_nothing_serious_and_nothing_scrolls_sideways(
    browser: Any, site: Site, size: dict[str, int], scheme: str
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    first = httpx.post(f"{site.url}/search", json={"query": "relief valve"}, timeout=60).json()["passages"][0]
    view = f"/documents/{first['document']}?quote=The+relief+valve+opens+at+4+bar"
    with browser.new_context(viewport=size, color_scheme=scheme) as context:
        tab = context.new_page()
        for path in ("/documents", view, "/monitor"):
            tab.goto(f"{site.url}{path}")
            found = axe.Axe().run(tab, options={"resultTypes": ["violations"]}).response["violations"]
            grave = {
                rule["id"]: [node["html"][:200] for node in rule["nodes"][:3]]
                for rule in found
                if rule["impact"] in ("serious", "critical")
            }
            assert grave == {}, path
            assert tab.evaluate("document.documentElement.scrollWidth") <= size["width"], path
