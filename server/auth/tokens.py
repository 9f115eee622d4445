"""JSON web tokens: their headers, their refusals, and those that this server signs itself.

PyJWT brings cryptography along, 9 MB of memory: whoever may do without tokens imports this module
where there is one.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import jwt

from server.auth.bearer import TOKEN_TYPE
from server.auth.identity import unauthorized
from server.errors import RequestRefused

# The first that fits; PyJWT's exceptions derive from one another.
_REASONS: tuple[tuple[type[jwt.PyJWTError], str, str], ...] = (
    (jwt.ExpiredSignatureError, "token_expired", "This token has expired."),
    (jwt.ImmatureSignatureError, "token_not_yet_valid", "This token is not valid yet."),
    (jwt.InvalidIssuerError, "wrong_issuer", "This token comes from another issuer."),
    (jwt.InvalidAudienceError, "wrong_audience", "This token was made for someone else."),
    (jwt.MissingRequiredClaimError, "missing_claim", "This token lacks a claim that it needs."),
    (jwt.InvalidAlgorithmError, "algorithm_not_allowed", "This token is signed another way."),
    (jwt.InvalidSignatureError, "bad_signature", "This token's signature is wrong."),
    (jwt.DecodeError, "malformed_token", "This is no JSON web token."),
    (jwt.InvalidTokenError, "invalid_claim", "A claim of this token is not what it should be."),
)


def token_header(token: str) -> dict[str, object]:
    """Return the header of a JSON web token, unverified; raises `RequestRefused` (401)."""
    try:
        return jwt.get_unverified_header(token)
    except jwt.InvalidTokenError as error:
        raise unauthorized("malformed_token", "This is no JSON web token.") from error


def token_refusal(error: jwt.PyJWTError) -> RequestRefused:
    """Make the refusal of a token that PyJWT does not accept."""
    code, message = next(
        ((code, message) for kind, code, message in _REASONS if isinstance(error, kind)),
        ("bad_signature", "This token's signature is wrong."),
    )
    return unauthorized(code, message)


def is_session_token(token: str) -> bool:
    """Tell whether a web token is meant as one of this server's; raises `RequestRefused` (401)."""
    return token_header(token).get("typ") == TOKEN_TYPE


def sign_session(claims: Mapping[str, object], secret: str) -> str:
    """Make the token of an anonymous reader."""
    return jwt.encode(dict(claims), secret, algorithm="HS256", headers={"typ": TOKEN_TYPE})


def verified_session(token: str, secrets: Sequence[str], *, leeway: int = 0) -> dict[str, Any]:
    """Return the claims of a token signed with one of the secrets; raises `RequestRefused` (401).

    `leeway` is for how many seconds a token is still good after its end.
    """
    for secret in secrets:
        try:
            return jwt.decode(
                token,
                secret,
                algorithms=["HS256"],
                options={"require": ["exp", "iat", "sub", "origin"]},
                leeway=leeway,
            )
        except jwt.InvalidSignatureError:
            continue
        except jwt.PyJWTError as error:
            raise token_refusal(error) from error
    raise unauthorized("bad_signature", "This token's signature is wrong.")
