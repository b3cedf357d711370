"""One page of a PDF as a JPEG with a passage marked: a process of its own, which a hostile file may take down.

Reads one JSON object from stdin (`path`, `page` from 1, `quote`), writes the picture to stdout; nothing where there is
none to give.
"""

import io
import json
import sys

import pypdfium2 as pdfium
import pypdfium2.raw as raw
from PIL import Image, ImageDraw

from loresmith.serve.documents.marking import SHORTEST, skeleton

WIDTH_PIXELS = 1000
MOST_PIXELS = 4_000_000
MEMORY_BYTES = 1 << 30
INK = (255, 214, 64, 96)
Box = tuple[float, float, float, float]


def main() -> None:
    """Draw what is asked for."""
    _limit()
    asked = json.load(sys.stdin)
    with pdfium.PdfDocument(asked["path"]) as document:
        if not 1 <= asked["page"] <= len(document):
            return
        page = document[asked["page"] - 1]
        width, height = page.get_size()
        scale = min(WIDTH_PIXELS / max(width, 1), (MOST_PIXELS / max(width * height, 1)) ** 0.5)
        picture = page.render(scale=scale).to_pil().convert("RGBA")
        boxes = boxes_of(page, asked["quote"]) if asked["quote"] else []
        marked = Image.new("RGBA", picture.size, (0, 0, 0, 0))
        pen = ImageDraw.Draw(marked)
        for left, bottom, right, top in boxes:
            pen.rectangle((left * scale, (height - top) * scale, right * scale, (height - bottom) * scale), fill=INK)
        out = io.BytesIO()
        Image.alpha_composite(picture, marked).convert("RGB").save(out, "JPEG", quality=72)
    sys.stdout.buffer.write(out.getvalue())


def boxes_of(page: pdfium.PdfPage, quote: str) -> list[Box]:
    """Boxes (left, bottom, right, top) in points around the words of `quote`, a line each; none where they differ."""
    text = page.get_textpage()
    letters = [chr(raw.FPDFText_GetUnicode(text.raw, place)) for place in range(text.count_chars())]
    places = [place for place, letter in enumerate(letters) if letter.isalnum()]
    wanted = skeleton(quote)
    start = "".join(letters[place].lower()[0] for place in places).find(wanted)
    if start < 0 or len(wanted) < SHORTEST:
        return []
    first, last = places[start], places[start + len(wanted) - 1]
    return [text.get_rect(number) for number in range(text.count_rects(first, last - first + 1))]


def _limit() -> None:
    try:
        import resource
    except ImportError:  # not on Windows: the parent's deadline remains
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


if __name__ == "__main__":
    main()
