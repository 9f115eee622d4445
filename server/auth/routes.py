"""`POST /session`, and the dependency by which other routes learn who is asking."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse

from server.auth.authenticator import Authenticator
from server.auth.identity import Reader

auth_router = APIRouter()


def get_authenticator(request: Request) -> Authenticator:
    """Return what the application tells its readers by."""
    authenticator: Authenticator = request.app.state.authenticator
    return authenticator


AuthenticatorDep = Annotated[Authenticator, Depends(get_authenticator)]


async def identify(request: Request, authenticator: AuthenticatorDep) -> Reader:
    """Tell who sends a request; raises `RequestRefused`."""
    return await authenticator.identify(request)


@auth_router.post("/session")
async def begin_session(request: Request, authenticator: AuthenticatorDep) -> JSONResponse:
    """Give an anonymous reader a token, or a new one for the one they have."""
    session = authenticator.begin_session(request)
    return JSONResponse(
        {
            "token": session.token,
            "expires_at": session.expires_at.isoformat().replace("+00:00", "Z"),
        },
        headers={"Cache-Control": "no-store"},
    )
