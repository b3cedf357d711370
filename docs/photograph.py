"""Take the pictures of the page that the docs show: `python -m docs.photograph`. It needs chromium and playwright.

The small project of the tests is made anew, served behind a key, and gone through by the journey of
`tests/serve/journey.py` at desk and phone width, in light and in dark. Each picture is brought to 128 colours.
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path

PICTURES = Path(__file__).parent / "pictures"
COLOURS = 128
KEPT = {
    "desk-light": ("documents", "source", "monitor"),
    "desk-dark": ("quiz",),
    "phone-light": ("review",),
    "phone-dark": ("source",),
}
"""What the docs show of each round."""


def main() -> None:
    """Go all four rounds and keep what the docs show; a round that asks another host for anything is an error."""
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
    from playwright.sync_api import sync_playwright

    from tests.serve.journey import DESK, PHONE
    from tests.serve.shelf import build_project

    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with tempfile.TemporaryDirectory() as place, sync_playwright() as player:
        project = build_project(Path(place) / "made")
        browser = player.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for name in KEPT:
            size = DESK if name.startswith("desk") else PHONE
            taken = Path(place) / name
            shutil.copytree(project.path, taken / "plant")
            context = browser.new_context(viewport=size, color_scheme=name.partition("-")[2])
            _round(context.new_page(), taken)
            context.close()
            for picture in KEPT[name]:
                _keep(taken / f"{picture}.png", PICTURES / f"page-{picture}-{name}.png")
            sys.stdout.write(f"{name}: {', '.join(KEPT[name])}\n")
        browser.close()


def _round(tab: object, folder: Path) -> None:
    """The whole journey in a fresh copy of the project, which lies in `folder`."""
    from loresmith.pipeline import open_project
    from loresmith.serve.access import Access
    from loresmith.serve.expert import open_expert
    from loresmith.serve.site import create_site
    from tests.ingest.conftest import pdf_bytes
    from tests.serve.journey import DOCK, KEY, QUESTION, Journey, pictures_into
    from tests.serve.librarian import served

    expert = open_expert(open_project(folder / "plant"), "none")
    with served(create_site(expert, Access(api_key=KEY))) as site:
        visit = Journey(tab, site.url, pictures_into(folder, tab))
        visit.sign_in(KEY)
        visit.upload("dock.pdf", pdf_bytes(DOCK, [("The dock", 1), ("Cranes", 2)], 0, False))
        visit.ask(QUESTION)
        visit.open_citation()
        visit.take_quiz(10)
        visit.review()
        visit.monitor()
    assert visit.outside == [], visit.outside


def _keep(taken: Path, kept: Path) -> None:
    from PIL import Image

    with Image.open(taken) as picture:
        picture.convert("RGB").quantize(COLOURS).save(kept, optimize=True)


if __name__ == "__main__":
    main()
