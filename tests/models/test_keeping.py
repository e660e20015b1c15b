"""What time itself does to the city: one call does every duty, and one that fails keeps no other from being done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

from console.models.keeping import keep
from tests.town import TOWN

if TYPE_CHECKING:
    import pytest
    from sqlalchemy import Engine

UNSEALED = text("SELECT count(*) FROM city.audit_log WHERE id NOT IN (SELECT audit_id FROM city.audit_link)")
OLD = text("SELECT array_agg(key ORDER BY key) FROM city.change_log WHERE subject = 'test'")


def test_the_outbox_loses_what_is_too_old_and_the_trail_is_sealed(empty_database: Engine) -> None:
    with empty_database.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO city.change_log (at, subject, key, kind) SELECT now() - make_interval(days => d), 'test',"
                " d::text, 'insert' FROM unnest(ARRAY[9, 8, 6, 0]) AS d"
            )
        )
        connection.execute(text(TOWN))
    with empty_database.begin() as connection:
        assert connection.scalar(UNSEALED) > 0
        keep(connection)
    with empty_database.connect() as connection:
        assert connection.scalar(OLD) == ["0", "6"]
        assert connection.scalar(UNSEALED) == 0


def test_a_duty_that_fails_keeps_no_other_from_being_done(
    empty_database: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    with empty_database.begin() as connection:
        connection.execute(text("REVOKE EXECUTE ON FUNCTION city.trim_change_log FROM gateway"))
    with empty_database.begin() as connection:
        connection.execute(text("SET LOCAL ROLE gateway"))
        keep(connection)
    assert "trim_changes was not done" in caplog.text
    with empty_database.connect() as connection:
        assert connection.scalar(UNSEALED) == 0
