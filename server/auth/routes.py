"""`POST /session`, and the dependency by which other routes learn who is asking."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse

from server.auth.authenticator import Authenticator
from server.auth.identity import Reader
from server.context import RequestContext
from server.errors import RequestRefused
from server.limits.gate import Gate
from server.limits.scopes import Asker
from server.telemetry.sign_ins import SignIns
from store.records import Scope

auth_router = APIRouter()

# Who begins a session is counted by address alone.
_NOBODY = RequestContext(user_id="")


def get_authenticator(request: Request) -> Authenticator:
    """Return what the application tells its readers by."""
    authenticator: Authenticator = request.app.state.authenticator
    return authenticator


AuthenticatorDep = Annotated[Authenticator, Depends(get_authenticator)]


async def identify(request: Request, authenticator: AuthenticatorDep) -> Reader:
    """Tell who sends a request; raises `RequestRefused`."""
    reader = await authenticator.identify(request)
    if reader.mode:
        sign_ins: SignIns = request.app.state.sign_ins
        await sign_ins.record(reader.context.user_id, mode=reader.mode)
    return reader


async def readable_by(request: Request) -> Scope:
    """Tell what the sender of a request may read; without a valid credential, what everyone may."""
    try:
        reader = await get_authenticator(request).identify(request)
    except RequestRefused:
        return Scope()
    return reader.context.scope


@auth_router.post("/session")
async def begin_session(request: Request, authenticator: AuthenticatorDep) -> JSONResponse:
    """Give an anonymous reader a token, or a new one for the one they have."""
    gate: Gate = request.app.state.gate
    await gate.take_request(Asker.of(request, _NOBODY))
    session = authenticator.begin_session(request)
    return JSONResponse(
        {
            "token": session.token,
            "expires_at": session.expires_at.isoformat().replace("+00:00", "Z"),
        },
        headers={"Cache-Control": "no-store"},
    )
