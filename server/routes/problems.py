"""What a request that isn't answered gets: a status, and JSON with a code and a sentence."""

from collections.abc import Mapping

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from server.errors import RequestRefused
from server.telemetry.logs import note
from server.telemetry.refusals import Refusals

_UNROUTED = {
    404: ("not_found", "There is nothing at this address."),
    405: ("method_not_allowed", "This address takes no requests of this method."),
}


def answer_problems(app: FastAPI) -> None:
    """Have every refusal of the application answered in the same form."""
    app.exception_handler(RequestRefused)(_refuse)
    app.exception_handler(RequestValidationError)(_name_parameter)
    app.exception_handler(HTTPException)(_tell_status)


async def _refuse(request: Request, error: RequestRefused) -> Response:
    """Answer a refused request, and keep it in mind."""
    refusals: Refusals = request.app.state.refusals
    await refusals.record(error)
    note(refused=error.code)
    return _problem(error.status, error.code, error.message, error.headers)


async def _name_parameter(_request: Request, error: RequestValidationError) -> Response:
    """Tell which part of a request can't be used. What was sent is not sent back."""
    first = error.errors()[0]
    return _problem(400, "invalid_request", f"{first['loc'][-1]}: {first['msg']}")


async def _tell_status(_request: Request, error: HTTPException) -> Response:
    """Answer what no route takes, or the framework can't read."""
    code, message = _UNROUTED.get(error.status_code, ("invalid_request", error.detail))
    return _problem(error.status_code, code, message, error.headers)


def _problem(
    status: int, code: str, message: str, headers: Mapping[str, str] | None = None
) -> Response:
    return JSONResponse(
        {"error": {"code": code, "message": message}}, status_code=status, headers=headers
    )
