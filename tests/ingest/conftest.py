"""Small PDFs drawn by the tests themselves."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pypdfium2 as pdfium
import pytest

FACES = {"regular": "Times-Roman", "bold": "Times-Bold", "italic": "Times-Italic", "fixed": "Courier"}
WIDTH, HEIGHT = 612, 792

WritePdf = Callable[..., Path]


def drawn(page: str) -> bytes:
    """The content stream of a page that is described line by line; y counts downwards from the top edge.

    `x y size face text`, `rule x0 x1 y`, `upright x top bottom`, `image x top width height`.
    """
    stream: list[str] = []
    for line in filter(None, map(str.strip, page.splitlines())):
        kind, *rest = line.split(" ")
        if kind == "rule":
            x0, x1, y = map(float, rest)
            stream.append(f"{x0} {HEIGHT - y - 0.2} {x1 - x0} 0.4 re f")
        elif kind == "upright":
            x, top, bottom = map(float, rest)
            stream.append(f"{x - 0.2} {HEIGHT - bottom} 0.4 {bottom - top} re f")
        elif kind == "image":
            x, top, width, height = map(float, rest)
            stream.append(f"q {width} 0 0 {height} {x} {HEIGHT - top - height} cm /I Do Q")
        else:
            x, y, size = map(float, (kind, rest[0], rest[1]))
            text = " ".join(rest[3:]).replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
            stream.append(f"BT /{rest[2]} {size} Tf {x} {HEIGHT - y} Td ({text}) Tj ET")
    return "\n".join(stream).encode("cp1252")


def pdf_bytes(pages: Sequence[str], titles: Sequence[tuple[str, int]], rotate: int, encrypt: bool) -> bytes:
    """A whole PDF; `titles` are the outline's entries as (title, page)."""
    count = len(pages)
    first_page, first_title = 8, 8 + 2 * count
    kids = " ".join(f"{first_page + 2 * index} 0 R" for index in range(count))
    ends = f"/First {first_title} 0 R /Last {first_title + len(titles) - 1} 0 R" if titles else ""
    fonts = " ".join(
        f"/{face} << /Type /Font /Subtype /Type1 /BaseFont /{name} /Encoding /WinAnsiEncoding >>"
        for face, name in FACES.items()
    )
    grey = "/Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8 /Length 1"
    objects: dict[int, bytes] = {
        1: b"<< /Type /Catalog /Pages 2 0 R /Outlines 3 0 R >>",
        2: f"<< /Type /Pages /Count {count} /Kids [{kids}] >>".encode(),
        3: f"<< /Count {len(titles)} {ends} >>".encode(),
        4: f"<< {fonts} >>".encode(),
        5: f"<< /Type /XObject /Subtype /Image {grey} >>\nstream\n@\nendstream".encode(),
    }
    for index, page in enumerate(pages):
        content = drawn(page)
        objects[first_page + 2 * index] = (
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {WIDTH} {HEIGHT}] /Rotate {rotate} "
            f"/Resources << /Font 4 0 R /XObject << /I 5 0 R >> >> /Contents {first_page + 2 * index + 1} 0 R >>"
        ).encode()
        objects[first_page + 2 * index + 1] = (
            f"<< /Length {len(content)} >>\nstream\n".encode() + content + b"\nendstream"
        )
    for index, (title, page_number) in enumerate(titles):
        following = f"/Next {first_title + index + 1} 0 R" if index + 1 < len(titles) else ""
        destination = f"[{first_page + 2 * (page_number - 1)} 0 R /Fit]"
        objects[first_title + index] = f"<< /Title ({title}) /Parent 3 0 R {following} /Dest {destination} >>".encode()
    return _assembled(objects, encrypt)


def _assembled(objects: dict[int, bytes], encrypt: bool) -> bytes:
    raw, places = b"%PDF-1.4\n", {}
    for number, body in sorted(objects.items()):
        places[number] = len(raw)
        raw += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    last = max(objects) + 1
    start = len(raw)
    raw += f"xref\n0 {last}\n".encode()
    for number in range(last):
        raw += f"{places[number]:010d} 00000 n \n".encode() if number in places else b"0000000000 65535 f \n"
    lock = f"/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <{'41' * 32}> /U <{'42' * 32}> >> /ID [<00> <00>]"
    return (
        raw + f"trailer << /Size {last} /Root 1 0 R {lock if encrypt else ''} >>\nstartxref\n{start}\n%%EOF\n".encode()
    )


@pytest.fixture(scope="session")
def truth_markdown(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the Markdown of each PDF of at most 16 pages that has hand-written truth."""
    from loresmith.ingest.pdf import PdfReader

    folder = tmp_path_factory.mktemp("truth")
    for path in sorted((shared_data / "pdf" / "truth" / "pdf").glob("*.pdf")):
        with pdfium.PdfDocument(path) as document:
            pages = len(document)
        if pages <= 16:
            (folder / path.with_suffix(".md").name).write_text(PdfReader().read(path).markdown, encoding="utf-8")
    return folder


@pytest.fixture
def write_pdf(tmp_path: Path) -> WritePdf:
    """Writes a PDF from descriptions of its pages, as `drawn` has them."""

    def write(
        *pages: str,
        titles: Sequence[tuple[str, int]] = (),
        name: str = "paper.pdf",
        rotate: int = 0,
        encrypt: bool = False,
    ) -> Path:
        path = tmp_path / name
        path.write_bytes(pdf_bytes(pages, titles, rotate, encrypt))
        return path

    return write
