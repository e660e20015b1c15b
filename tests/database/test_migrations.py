"""The schema goes up and down, once at a time, and never below what a newer console made."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from console.database import migrations
from console.database.migrations import (
    current_revision,
    downgrade,
    head_revision,
    is_ancestor,
    migrate,
    require_head,
)
from console.errors import ConsoleError

if TYPE_CHECKING:
    from sqlalchemy import Engine


def schemas(engine: Engine) -> set[str]:
    with engine.connect() as connection:
        return set(connection.scalars(text("SELECT nspname FROM pg_namespace")))


def test_up_and_down_leaves_nothing(bare_database: Engine) -> None:
    assert current_revision(bare_database) is None
    migrate(bare_database)
    assert current_revision(bare_database) == head_revision()
    require_head(bare_database)
    migrate(bare_database)
    downgrade(bare_database, "base")
    assert current_revision(bare_database) is None
    assert "city" not in schemas(bare_database)
    migrate(bare_database)
    assert "city" in schemas(bare_database)


def test_two_consoles_migrate_one_after_the_other(bare_database: Engine) -> None:
    faults: list[BaseException] = []
    barrier = threading.Barrier(3)

    def run() -> None:
        barrier.wait()
        try:
            migrate(bare_database)
        except ConsoleError as fault:
            faults.append(fault)

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert current_revision(bare_database) == head_revision()


def test_newer_schema_is_refused_and_untouched(empty_database: Engine) -> None:
    with empty_database.begin() as connection:
        connection.execute(text("UPDATE public.city_revision SET version_num = '9999'"))
    newer = "newer version of the console"
    with pytest.raises(ConsoleError, match=newer):
        migrate(empty_database)
    with pytest.raises(ConsoleError, match=newer):
        downgrade(empty_database, "base")
    with pytest.raises(ConsoleError, match=newer):
        require_head(empty_database)
    assert current_revision(empty_database) == "9999"
    assert "city" in schemas(empty_database)


def test_missing_schema_says_what_to_run(bare_database: Engine) -> None:
    with pytest.raises(ConsoleError, match="migrate"):
        require_head(bare_database)


def test_unknown_revision_is_a_sentence(empty_database: Engine) -> None:
    with pytest.raises(ConsoleError, match="cannot be migrated"):
        migrate(empty_database, "no_such_revision")


def test_failed_step_keeps_the_old_schema(bare_database: Engine) -> None:
    with bare_database.begin() as connection:
        connection.execute(text("CREATE SCHEMA city"))  # in the way of the first revision
    with pytest.raises(Exception, match="already exists"):
        migrate(bare_database)
    assert current_revision(bare_database) is None


def test_direction_of_a_revision() -> None:
    head = head_revision()
    assert is_ancestor("base", head)
    assert not is_ancestor(head, head)
    assert not is_ancestor("no_such_revision", head)


def test_every_revision_is_named_by_its_file() -> None:
    revisions = {step.revision for step in migrations._script().walk_revisions()}
    assert revisions == migrations._known_revisions()
    assert migrations._script().get_current_head() == head_revision()
