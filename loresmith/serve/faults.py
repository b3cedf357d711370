"""Every fault as OpenAI's clients expect it: `{"error": {message, type, param, code}}` with a fitting status."""

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from loresmith.errors import LoresmithError, UserError
from loresmith.serve.desk import OutOfTime
from loresmith.serve.feedback import RoomUsedUp
from loresmith.serve.line import Busy, Closing
from loresmith.serve.schema import fault

KINDS = {401: "authentication_error", 404: "not_found_error", 429: "rate_limit_error"}


class Refused(Exception):
    """A request that cannot be served as it is; `param` is the key at fault, `code` a word for programs."""

    def __init__(self, message: str, *, status: int = 400, param: str | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.message, self.status, self.param, self.code = message, status, param, code


def translate_faults(app: FastAPI) -> None:
    """Answer every fault of `app` in that shape."""
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _refused_by_route)
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(LoresmithError, _failed)
    app.add_exception_handler(Exception, _broken)


def explain(wrong: LoresmithError) -> dict[str, object]:
    """The body for `wrong`, also for a stream that has begun."""
    kind = "invalid_request_error" if isinstance(wrong, UserError) else "server_error"
    kind = "rate_limit_error" if isinstance(wrong, Busy) else kind
    code = "rate_limit_exceeded" if isinstance(wrong, Busy) else "timeout" if isinstance(wrong, OutOfTime) else None
    return fault(f"{wrong.problem} {wrong.next_step}", kind=kind, code=code)


async def _invalid(_: Request, wrong: Exception) -> JSONResponse:
    assert isinstance(wrong, RequestValidationError)
    first = wrong.errors()[0]
    place = ".".join(str(part) for part in first["loc"] if part != "body")
    message = f"{place}: {first['msg']}" if place else str(first["msg"])
    return JSONResponse(fault(message, kind="invalid_request_error", param=place or None), status_code=400)


async def _refused_by_route(_: Request, wrong: Exception) -> JSONResponse:
    assert isinstance(wrong, HTTPException)
    kind = KINDS.get(wrong.status_code, "invalid_request_error")
    return JSONResponse(fault(str(wrong.detail), kind=kind), status_code=wrong.status_code, headers=wrong.headers)


async def _refused(_: Request, wrong: Exception) -> JSONResponse:
    assert isinstance(wrong, Refused)
    kind = "rate_limit_error" if wrong.status == 429 else "invalid_request_error"
    body = fault(wrong.message, kind=kind, param=wrong.param, code=wrong.code)
    return JSONResponse(body, status_code=wrong.status)


async def _failed(_: Request, wrong: Exception) -> JSONResponse:
    assert isinstance(wrong, LoresmithError)
    if isinstance(wrong, Busy):
        return JSONResponse(explain(wrong), status_code=429, headers={"retry-after": str(wrong.retry_seconds)})
    return JSONResponse(explain(wrong), status_code=_status(wrong))


def _status(wrong: LoresmithError) -> int:
    if isinstance(wrong, Closing):
        return 503
    if isinstance(wrong, OutOfTime):
        return 504
    if isinstance(wrong, RoomUsedUp):
        return 507
    return 400 if isinstance(wrong, UserError) else 500


async def _broken(_: Request, __: Exception) -> JSONResponse:
    """A bug: the log has the traceback, the client gets none of it."""
    return JSONResponse(
        fault("The server failed; its log says why.", kind="server_error"),
        status_code=500,
        headers={"connection": "close"},
    )
