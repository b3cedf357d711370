"""`/documents/uploads`: a file comes in, how it fares, and it goes again. For our own page, behind the same gate."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request

from loresmith.serve.documents.address import DOCUMENTS_PATH
from loresmith.serve.documents.intake import Intake
from loresmith.serve.documents.names import LONGEST_NAME, accepted
from loresmith.serve.faults import Refused
from loresmith.serve.same_origin import require_own_bytes, require_own_page

UPLOADS_PATH = f"{DOCUMENTS_PATH}/uploads"
UPLOAD_SECONDS = 600.0
"""How long a file may take to come in: 50 MB in that time are 85 kB/s."""
Name = Annotated[str, Query(max_length=10 * LONGEST_NAME)]


def upload_routes(intake: Intake, size_bytes: int) -> APIRouter:
    """Files of at most `size_bytes` into `intake`; longer ones are stopped at the gate, which also counts seconds."""
    routes = APIRouter(include_in_schema=False)

    @routes.post(UPLOADS_PATH, status_code=202, dependencies=[Depends(require_own_bytes)])
    async def take(request: Request, name: Name = "") -> dict[str, Any]:
        job = await intake.receive(accepted(name), request.stream(), size_bytes)
        return job.told()

    @routes.get(f"{UPLOADS_PATH}/{{identity}}")
    def fares(identity: str) -> dict[str, Any]:
        if (job := intake.job(identity)) is None:
            raise Refused("There is no such upload.", status=404, code="no_upload")
        return job.told()

    @routes.delete(UPLOADS_PATH, dependencies=[Depends(require_own_page)])
    async def delete(name: Name = "") -> dict[str, Any]:
        await intake.delete(accepted(name))
        return {"deleted": name}

    return routes
