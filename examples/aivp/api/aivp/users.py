"""Users of the platform."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, HTTPException, Query
from pydantic import AfterValidator, BaseModel, ConfigDict, EmailStr, StringConstraints
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from aivp.database import DatabaseSession
from aivp.models import User

router = APIRouter(prefix="/api/users", tags=["users"])

# Lower case, so that the unique constraint ignores case as mail servers do.
Email = Annotated[EmailStr, AfterValidator(str.lower)]

# No control characters: PostgreSQL refuses NUL in text.
DisplayName = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$"
    ),
]


class NewUser(BaseModel):
    email: Email
    display_name: DisplayName


class UserView(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    email: str
    display_name: str
    created_at: datetime


@router.post("", status_code=201, response_model=UserView)
def create_user(new_user: NewUser, session: DatabaseSession) -> User:
    # One statement, so that two simultaneous requests cannot both pass a check.
    statement = (
        insert(User)
        .values(**new_user.model_dump())
        .on_conflict_do_nothing(index_elements=[User.email])
        .returning(User)
    )
    user = session.scalars(statement).one_or_none()
    if user is None:
        raise HTTPException(409, "A user with this email exists already")
    session.commit()
    session.refresh(user)
    return user


@router.get("", response_model=list[UserView])
def list_users(
    session: DatabaseSession,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> list[User]:
    statement = select(User).order_by(User.created_at, User.id).limit(limit).offset(offset)
    return list(session.scalars(statement))
