"""URLs in every form, faults as sentences, statements that can be stopped."""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING
from urllib.parse import quote

import psycopg2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from console.database.connection import Cancellation, connect, connect_listener, normalise, server_name, url_of
from console.database.faults import Cancelled, DatabaseAway, Refused, explain
from console.errors import ConsoleError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine


@pytest.mark.parametrize(
    ("url", "hosts"),
    [
        ("postgresql://u:p@db/city", None),
        ("postgres://u:p@db/city", None),
        ("postgresql+psycopg2://u:p@db:5433/city", None),
        ("postgresql:///city?host=/run/x", "/run/x"),
        ("postgresql://u:p@a:5432,b:5433/city?target_session_attrs=read-write", ("a:5432", "b:5433")),
        ("postgresql://u:p@a,b/city", ("a:5432", "b:5432")),
        ("postgresql://u:p@/city?host=a:5432&host=b:5432", ("a:5432", "b:5432")),
    ],
)
def test_every_form_of_url(url: str, hosts: object) -> None:
    parsed = normalise(url)
    assert parsed.drivername == "postgresql+psycopg2"
    assert parsed.database == "city"
    assert parsed.query.get("host") == hosts


@pytest.mark.parametrize("url", ["", "city", "mysql://a/b", "http://x", "postgresql://a:port/b", "sqlite:///x"])
def test_what_is_no_postgresql_url(url: str) -> None:
    with pytest.raises(ConsoleError, match="no PostgreSQL URL"):
        normalise(url)


@given(
    user=st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1),
    password=st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1),
)
def test_login_survives_and_password_is_never_shown(user: str, password: str) -> None:
    url = f"postgres://{quote(user, safe='')}:{quote(password, safe='')}@host.example:5433/city"
    parsed = normalise(url)
    assert (parsed.username, parsed.password) == (user, password)
    assert server_name(parsed) == "host.example:5433/city"


def with_part(engine: Engine, **parts: str) -> Engine:
    return connect(engine.url.set(**parts).render_as_string(hide_password=False))  # type: ignore[arg-type]  # a dictionary


def said(action: Callable[[], object], kind: type[ConsoleError] = ConsoleError) -> str:
    with pytest.raises(kind) as caught:
        action()
    return str(caught.value)


def test_wrong_password(bare_database: Engine) -> None:
    engine = with_part(bare_database, password="wrong")
    words = said(engine.connect)
    assert "refused the user name or the password" in words
    assert "wrong" not in words
    assert "refused" in said(lambda: connect_listener(url_of(engine)))


def test_missing_database(bare_database: Engine) -> None:
    engine = with_part(bare_database, database="atlantis")
    assert "no such database" in said(engine.connect)


def test_unreachable_server() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]  # bound but not listening
        engine = connect(f"postgresql://u:secret@127.0.0.1:{port}/city")
        words = said(engine.connect, DatabaseAway)
    assert f"127.0.0.1:{port}/city cannot be reached" in words
    assert "secret" not in words


def test_dead_host_in_a_list_is_passed_over(bare_database: Engine) -> None:
    folder = bare_database.url.query["host"]
    url = bare_database.url.set(query={"host": ["/nowhere:5432", f"{folder}:5432"]}).render_as_string(
        hide_password=False
    )
    engine = connect(url)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT 1")) == 1
    engine.dispose()
    listener = connect_listener(url)
    listener.close()


def test_missing_right(empty_database: Engine) -> None:
    with empty_database.connect() as connection:
        connection.execute(text("SET ROLE acceptor"))
        assert "Your role does not allow this" in said(lambda: connection.execute(text("DELETE FROM city.zone")))
        connection.invalidate()


def test_statement_that_takes_too_long(bare_database: Engine) -> None:
    engine = connect(url_of(bare_database), statement_timeout_s=0.05)
    with engine.connect() as connection:
        assert "too long to answer" in said(lambda: connection.execute(text("SELECT pg_sleep(60)")))
    engine.dispose()


def test_contention_asks_to_try_again(bare_database: Engine) -> None:
    with bare_database.begin() as connection:
        connection.execute(text("CREATE TABLE t (n int)"))
    with bare_database.begin() as one, bare_database.connect() as two:
        one.execute(text("LOCK TABLE t"))
        assert "try again" in said(lambda: two.execute(text("LOCK TABLE t NOWAIT")))


def test_lost_connection_is_said_and_the_pool_mends_itself(bare_database: Engine) -> None:
    with bare_database.connect() as connection:
        pid = connection.scalar(text("SELECT pg_backend_pid()"))
        with bare_database.begin() as other:
            other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
        said(lambda: connection.execute(text("SELECT 1")), DatabaseAway)
    with bare_database.connect() as connection:
        resting = connection.scalar(text("SELECT pg_backend_pid()"))
        with bare_database.begin() as other:
            killer = other.scalar(text("SELECT pg_backend_pid()"))
    assert resting != killer
    with bare_database.begin() as other:
        own = other.scalar(text("SELECT pg_backend_pid()"))
        victim = resting if own != resting else killer
        other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": victim})
    with bare_database.connect() as one, bare_database.connect() as two:  # both, so also the one that was cut
        assert one.scalar(text("SELECT 1")) == two.scalar(text("SELECT 1")) == 1


def test_fault_of_ours_stays_one(bare_database: Engine) -> None:
    with bare_database.connect() as connection, pytest.raises(ProgrammingError):
        connection.execute(text("SELEKT"))


def raise_rule(engine: Engine, message: str, detail: str | None) -> Refused:
    """What comes of the error that an SQL function raises."""
    function = """
        CREATE FUNCTION pg_temp.refuse(message text, detail text) RETURNS void LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION USING ERRCODE = 'CT042', MESSAGE = message, DETAIL = coalesce(detail, ''); END $$
    """
    with engine.connect() as connection:
        connection.execute(text(function))
        with pytest.raises(Refused) as caught:
            connection.execute(text("SELECT pg_temp.refuse(:message, :detail)"), {"message": message, "detail": detail})
    return caught.value


def test_rule_of_the_city_becomes_a_sentence_with_values(bare_database: Engine) -> None:
    fault = raise_rule(bare_database, "Case {case_no} is closed since {days} days.", '{"case_no": "YC1", "days": 3}')
    assert str(fault) == "Case YC1 is closed since 3 days."
    assert fault.template == "Case {case_no} is closed since {days} days."
    assert fault.values == {"case_no": "YC1", "days": 3}
    assert fault.code == "CT042"


@pytest.mark.parametrize("detail", [None, "no JSON", "[1]", '{"other": 1}'])
def test_rule_that_does_not_keep_to_the_form_is_still_shown(bare_database: Engine, detail: str | None) -> None:
    assert str(raise_rule(bare_database, "Case {case_no} is closed.", detail)) == "Case {case_no} is closed."


def test_words_of_a_chinese_server() -> None:
    fault = psycopg2.OperationalError('connection to server failed: 致命错误:  用户 "a" Password 认证失败')
    assert "refused the user name or the password" in str(explain(fault, "s"))
    assert explain(ValueError(), "s") is None


def test_cancel_from_another_thread(bare_database: Engine) -> None:
    stop = Cancellation()
    running = threading.Event()

    def press() -> None:
        running.wait()
        with bare_database.connect() as watcher:
            while not watcher.scalar(
                text("SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(100)' AND state = 'active'")
            ):
                watcher.rollback()
        stop.cancel()

    thread = threading.Thread(target=press)
    thread.start()
    with bare_database.connect() as connection:
        running.set()
        with pytest.raises(Cancelled), stop.over(connection):
            connection.execute(text("SELECT pg_sleep(100)"))
        thread.join()
        connection.rollback()
        stop.cancel()  # too late to hit anything
        assert connection.scalar(text("SELECT 1")) == 1
    with bare_database.connect() as connection, pytest.raises(Cancelled), stop.over(connection):
        pytest.fail("a pressed switch lets nothing run")


def test_cancel_between_statements_is_noticed(bare_database: Engine) -> None:
    stop = Cancellation()

    def work() -> None:
        with bare_database.connect() as connection, stop.over(connection):
            assert connection.scalar(text("SELECT 1")) == 1
            stop.cancel()

    with pytest.raises(Cancelled):
        work()


def test_session_settings(bare_database: Engine) -> None:
    engine = connect(
        url_of(bare_database) + "&options=-c%20work_mem%3D5MB", application="tester", statement_timeout_s=7
    )
    with engine.connect() as connection:
        shown = {
            name: connection.scalar(text(f"SHOW {name}"))
            for name in ("application_name", "statement_timeout", "lock_timeout", "timezone", "work_mem")
        }
    engine.dispose()
    assert shown == {
        "application_name": "tester",
        "statement_timeout": "7s",
        "lock_timeout": "10s",
        "timezone": "Asia/Shanghai",
        "work_mem": "5MB",
    }
