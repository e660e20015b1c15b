"""Database logins of the demonstration city: one for each post, all with the same known password."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from psycopg2 import sql
from psycopg2.extensions import encrypt_password
from sqlalchemy import text

from console.models.demonstration import DEMONSTRATION_PASSWORD

if TYPE_CHECKING:
    from sqlalchemy import Connection


def create_logins(connection: Connection) -> int:
    """Give every login that ``city.staff`` names a database role that is a member of its group role.

    A login that the server knows already keeps its password; it only becomes a member.

    Returns:
        How many logins were made.

    Raises:
        ConsoleError: we may not make roles.
    """
    rows = connection.execute(
        text(
            "SELECT s.login, s.role::text AS role, r.oid IS NOT NULL AS known"
            " FROM city.staff AS s LEFT JOIN pg_roles AS r ON r.rolname = s.login"
            " WHERE s.login IS NOT NULL ORDER BY s.id"
        )
    ).all()
    driver: Any = connection.connection.driver_connection
    # The server gets the verifier, not the password, and need not work it out for each login.
    verifier = encrypt_password(DEMONSTRATION_PASSWORD, "", driver, "scram-sha-256")
    with driver.cursor() as cursor:
        for login, role, known in rows:
            names = {"login": sql.Identifier(login), "role": sql.Identifier(role)}
            statement = (
                "GRANT {role} TO {login}" if known else "CREATE ROLE {login} LOGIN PASSWORD {password} IN ROLE {role}"
            )
            cursor.execute(sql.SQL(statement).format(**names, password=sql.Literal(verifier)))
    return sum(not row.known for row in rows)
