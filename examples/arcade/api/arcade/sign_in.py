"""Who asks: the access tokens of people who signed in."""

import os
from typing import Annotated

import jwt
from fastapi import Depends, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

ISSUER = os.environ["AUTH_ISSUER"]
CLIENT_ID = os.environ["AUTH_CLIENT_ID"]

# Keeps the keys for five minutes, and asks for an unknown one at most every 30 seconds.
keys = jwt.PyJWKClient(os.environ["AUTH_JWKS_URI"], timeout=5)


def user_id(authorization: Annotated[HTTPAuthorizationCredentials | None, Depends(HTTPBearer(auto_error=False))]) -> str:
    """Id of the person who signed in. https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html"""
    if authorization is None:
        raise unauthorized("sign in first")
    token = authorization.credentials
    try:
        key = keys.get_signing_key_from_jwt(token)
        claims = jwt.decode(token, key, algorithms=["RS256"], issuer=ISSUER, options={"require": ["exp", "iss", "sub"]})
    except jwt.PyJWKClientConnectionError as error:
        raise HTTPException(503, "sign-in cannot be asked") from error
    except jwt.PyJWTError as error:
        raise unauthorized("the token is not valid") from error
    # An access token of Cognito names its client here, and not as its audience; an ID token is for the site, and no key to the API.
    if claims.get("token_use") != "access" or claims.get("client_id") != CLIENT_ID:
        raise unauthorized("the token is not for this API")
    return claims["sub"]


def unauthorized(detail: str) -> HTTPException:
    return HTTPException(401, detail, headers={"WWW-Authenticate": "Bearer"})
