"""Logins of posts: whether they may sign in, and their passwords, which never leave this computer as they are typed."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from psycopg2.extensions import encrypt_password
from sqlalchemy import text

from console.errors import QT_TRANSLATE_NOOP
from console.models.configuration.rows import read_rows
from console.models.configuration.subjects import POST

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from console.models.configuration.draft import Row

SHORTEST = 10
# Without characters that are taken for each other when a password is read out or copied from paper.
_LETTERS = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def account_states(connection: Connection) -> dict[str, str]:
    """What the server knows of each post's login, by the post's key: see ``city.account_states``."""
    return {str(row.staff_id): row.state for row in connection.execute(text("SELECT * FROM city.account_states()"))}


def set_password(connection: Connection, staff_id: int, password: str) -> bool:
    """Make the login of a post, or give it another password; returns whether it is new.

    Raises:
        ConsoleError: the post has no login, the name is not of this city, or logins are kept by hand.
    """
    driver: Any = connection.connection.driver_connection
    verifier = encrypt_password(password, "", driver, "scram-sha-256")
    query = text("SELECT city.set_password(:staff_id, :verifier)")
    return bool(connection.execute(query, {"staff_id": staff_id, "verifier": verifier}).scalar_one())


def password_flaw(password: str, login: str) -> str | None:
    """Why a password is not good enough, as a sentence to translate; None when it is."""
    if len(password) < SHORTEST:
        return QT_TRANSLATE_NOOP("errors", "A password has at least 10 characters.")
    if login and login.lower() in password.lower():
        return QT_TRANSLATE_NOOP("errors", "A password does not contain the login.")
    if len(set(password)) < SHORTEST // 2:
        return QT_TRANSLATE_NOOP("errors", "A password is not made of a few characters repeated.")
    return None


def make_password() -> str:
    """A password nobody has thought of: four groups of four characters, about 93 bits."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))


def read_posts(connection: Connection) -> list[Row]:
    """All posts, each with what the server knows of its login under ``account``."""
    states = account_states(connection)
    return [
        replace(row, values={**row.values, "account": states.get(row.key, "none")})
        for row in read_rows(connection, POST)
    ]
