"""`/documents`: the list, each document with a passage marked, its pages as pictures, its original; all to look at."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import FileResponse, HTMLResponse, Response

from loresmith.characters import storable
from loresmith.serve.documents.address import DOCUMENTS_PATH, LONGEST_QUOTE
from loresmith.serve.documents.drawing import FOLDER, Drawing, Passage
from loresmith.serve.documents.originals import Originals
from loresmith.serve.documents.picture import Pictures
from loresmith.serve.documents.shelf import Entry, Shelf, Standing
from loresmith.serve.faults import Refused
from loresmith.serve.files import offer

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
)
PDF_POLICY = "default-src 'none'; object-src 'self'; plugin-types application/pdf; style-src 'unsafe-inline'"
FILE_POLICY = "default-src 'none'; sandbox"
FILES = ("documents.css", "documents.js", "view.js")
Identity = Annotated[str, Path(pattern="^[0-9a-f]{16}$")]
Quote = Annotated[str, Query(max_length=2 * LONGEST_QUOTE)]


def document_routes(shelf: Shelf, upload_megabytes: int) -> APIRouter:
    """Looking at the documents on `shelf`; with 0 megabytes the list offers no upload."""
    routes = APIRouter(prefix=DOCUMENTS_PATH, include_in_schema=False)
    drawing, originals, pictures = Drawing(), Originals(), Pictures()

    @routes.get("")
    def listing() -> Response:
        return _page(drawing.list(shelf.project.recipe.name, shelf.standing(), upload_megabytes))

    for name in FILES:
        offer(routes, f"/{name}", FOLDER / name)

    @routes.get("/{identity}")
    def view(
        identity: Identity,
        quote: Quote = "",
        page: Annotated[int | None, Query(ge=1)] = None,
        leaf: Annotated[int | None, Query(ge=1)] = None,
        chunk: Annotated[str | None, Query(max_length=64)] = None,
    ) -> Response:
        standing, entry = _found(shelf, identity)
        path = originals.of(shelf.project, entry)
        kind = None if path is None else "pdf" if entry.format == "pdf" else "file"
        passage = Passage(storable(quote), page, leaf, standing.starts.get(chunk or ""))
        return _page(drawing.view(entry, standing.document(entry).text, passage, kind))

    @routes.get("/{identity}/pages/{number}.jpg")
    def picture(identity: Identity, number: Annotated[int, Path(ge=1, le=1_000_000)], quote: Quote = "") -> Response:
        _, entry = _found(shelf, identity)
        path = originals.of(shelf.project, entry) if entry.format == "pdf" else None
        drawn = pictures.page(path, number, storable(quote)) if path is not None else None
        if drawn is None:
            raise Refused("There is no picture of that page.", status=404, code="no_picture")
        return Response(drawn, media_type="image/jpeg", headers={"cache-control": "private, max-age=3600"})

    @routes.get("/{identity}/original")
    def original(identity: Identity) -> Response:
        _, entry = _found(shelf, identity)
        path = originals.of(shelf.project, entry)
        if path is None:
            raise Refused("The original is not here any more, or has changed.", status=404, code="no_original")
        if entry.format == "pdf":
            # the browser's own viewer shows it; it runs no script of ours and sees no page of ours
            headers = {"content-security-policy": PDF_POLICY, "cache-control": "no-store"}
            return FileResponse(
                path,
                media_type="application/pdf",
                filename=path.name,
                content_disposition_type="inline",
                headers=headers,
            )
        headers = {"content-security-policy": FILE_POLICY, "cache-control": "no-store"}
        return FileResponse(path, media_type="application/octet-stream", filename=path.name, headers=headers)

    return routes


def _found(shelf: Shelf, identity: str) -> tuple[Standing, Entry]:
    standing = shelf.standing()
    if (entry := standing.entry(identity)) is None:
        raise Refused("There is no such document here.", status=404, code="no_document")
    return standing, entry


def _page(text: str) -> Response:
    return HTMLResponse(text, headers={"content-security-policy": POLICY, "cache-control": "no-store"})
