"""The catalogue of the database, every object against every role: what is not needed is not granted."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from tests.conftest import _clone as clone

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

    from console.database.cluster import PrivateCluster

ROOT = Path(__file__).parents[2]
ROLES = {
    "acceptor", "dispatcher", "shift_leader", "department", "engineer", "supervisor", "inspector", "gateway",
    "administrator",
}  # fmt: skip
DESKS = ROLES - {"gateway"}
# What is history or only follows from it: nobody writes it, the administrator no more than others.
HISTORY = (
    r"^(case_(file|event|attachment|number|rule|day|presence)|audit_|change_log|alarm|vehicle_(fix|state|day)|trip"
    r"|sensor_(reading|state)|raw_|working_interval|saved_filter)"
)
# Who may call what changes a case or says who somebody is.
CALLERS = {
    "report_case": {"acceptor", "shift_leader", "inspector", "gateway"},
    "move_case": DESKS,
    "attach": {"acceptor", "shift_leader", "dispatcher", "department", "inspector", "gateway"},
    "withdraw_attachment": {"acceptor", "shift_leader", "dispatcher", "department", "inspector", "gateway"},
    "keep_cases": ROLES,
    "show_presence": DESKS,
    "set_password": {"administrator"},
    "own_department_id": {"department"},
    "own_zone_id": {"inspector"},
    "own_cases_elsewhere": {"inspector"},
    "own_cases_with": {"department", "inspector"},
}
BY_GATEWAYS = {"record_fixes", "record_readings", "record_messages", "record_doubtful_fixes"}
BY_NOBODY = {
    "add_move", "adds_evidence", "against_move", "align_login", "asker", "case_described", "case_lights", "case_step",
    "condition_in_force", "described_anew", "ensure_partitions", "evidence_author", "is_own", "keep_folded",
    "log_added", "log_audit", "log_change", "log_evidence", "next_case_no", "place_facts", "refold_cases",
    "refresh_working_time", "sees_case",
}  # fmt: skip
WHO_ASKS = (
    r"\b(asker|alarm_desk|current_staff_id|evidence_author|sees_case|own_department_id|own_zone_id)\s*\("
    r"|\bsession_user\b"
)


@pytest.fixture(scope="module")
def catalogue(cluster: PrivateCluster, administration: Engine, empty_template: str) -> Iterator[Connection]:
    for engine in clone(cluster, administration, empty_template):
        with engine.connect() as connection:
            yield connection


def ask(connection: Connection, query: str, **values: Any) -> list[Any]:
    return list(connection.execute(text(query), values))


FUNCTIONS = """
    SELECT p.oid::regprocedure::text AS said, p.proname AS name, p.prosecdef AS as_owner, p.provolatile AS volatility,
        l.lanname AS language, p.prosrc AS source, p.pronargs AS arguments,
        p.prorettype = 'trigger'::regtype AS is_trigger, p.proowner = n.nspowner AS is_owners,
        coalesce(array_to_string(p.proconfig, ' '), '') AS settings,
        ARRAY(SELECT r::text FROM unnest(enum_range(NULL::city.role)) AS r
              WHERE has_function_privilege(r::text, p.oid, 'EXECUTE')) AS roles
    FROM pg_proc AS p JOIN pg_language AS l ON l.oid = p.prolang JOIN pg_namespace AS n ON n.oid = p.pronamespace
    WHERE n.nspname = 'city' ORDER BY 1
"""


def test_there_are_nine_roles_without_powers_of_their_own(catalogue: Connection) -> None:
    assert set(catalogue.execute(text("SELECT unnest(enum_range(NULL::city.role))::text")).scalars()) == ROLES
    powerful = ask(
        catalogue,
        """
        SELECT rolname FROM pg_roles WHERE rolname = ANY (:roles)
            AND (rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls OR rolreplication OR rolcanlogin)
        """,
        roles=list(ROLES),
    )
    assert not powerful
    members = ask(
        catalogue,
        "SELECT m.member::regrole, m.roleid::regrole FROM pg_auth_members AS m JOIN pg_roles AS r ON r.oid = m.member"
        " WHERE r.rolname = ANY (:roles)",
        roles=list(ROLES),
    )
    assert not members, "no role is a member of another one, nor of PostgreSQL's own"


def test_only_base_data_are_written_and_only_by_the_administrator(catalogue: Connection) -> None:
    writable = ask(
        catalogue,
        """
        SELECT c.oid::regclass::text, r.name, p.privilege
        FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace,
            unnest(CAST(:roles AS text[])) AS r (name),
            unnest('{INSERT,UPDATE,DELETE,TRUNCATE,REFERENCES,TRIGGER}'::text[]) AS p (privilege)
        WHERE n.nspname !~ '^pg_|^information_schema$' AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
            AND (has_table_privilege(r.name, c.oid, p.privilege)
                OR p.privilege IN ('INSERT', 'UPDATE', 'REFERENCES')
                    AND has_any_column_privilege(r.name, c.oid, p.privilege))
        """,
        roles=list(ROLES),
    )
    assert {role for _, role, _ in writable} == {"administrator"}
    assert {way for _, _, way in writable} == {"INSERT", "UPDATE", "DELETE"}
    kept = {table.removeprefix("city.") for table, _, _ in writable}
    assert {"staff", "calendar_day", "filing_condition", "setting", "pipe"} <= kept
    assert not [table for table in kept if re.search(HISTORY, table)]
    audited = ask(
        catalogue,
        """
        SELECT t.tgrelid::regclass::text AS name FROM pg_trigger AS t JOIN pg_proc AS p ON p.oid = t.tgfoid
        WHERE p.proname IN ('log_audit', 'log_added') AND t.tgenabled <> 'D'
        GROUP BY t.tgrelid HAVING bit_or(t.tgtype) & 28 = 28  -- inserts, updates and deletes
        """,
    )
    assert kept <= {row.name.removeprefix("city.") for row in audited}, (
        "whatever the administrator changes is in the audit trail"
    )


def test_nobody_makes_objects_or_draws_numbers(catalogue: Connection) -> None:
    made = ask(
        catalogue,
        """
        SELECT r.name, n.nspname FROM unnest(CAST(:roles AS text[])) AS r (name), pg_namespace AS n
        WHERE n.nspname !~ '^pg_' AND has_schema_privilege(r.name, n.oid, 'CREATE')
        UNION ALL
        SELECT r.name, 'database' FROM unnest(CAST(:roles AS text[])) AS r (name)
        WHERE has_database_privilege(r.name, current_database(), 'CREATE')
        UNION ALL
        SELECT r.name, c.relname FROM unnest(CAST(:roles AS text[])) AS r (name), pg_class AS c
        WHERE c.relkind = 'S' AND c.relnamespace = 'city'::regnamespace
            AND has_sequence_privilege(r.name, c.oid, 'USAGE, SELECT, UPDATE')
        """,
        roles=list(ROLES),
    )
    assert not made


def test_functions_are_called_by_those_who_need_them(catalogue: Connection) -> None:
    functions = ask(catalogue, FUNCTIONS)
    roles = {function.name: set(function.roles) for function in functions}
    assert {name: roles[name] for name in CALLERS} == CALLERS
    assert all(roles[name] == {"gateway"} for name in BY_GATEWAYS)
    assert not any(roles[name] for name in BY_NOBODY)
    anybody = [
        function.said
        for function in functions
        if ask(
            catalogue,
            "SELECT FROM pg_proc AS p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS a"
            " WHERE p.oid = CAST(:said AS regprocedure) AND a.grantee = 0",
            said=function.said,
        )
    ]
    assert not anybody, "EXECUTE is granted to roles, never to everybody"
    assert not [function.said for function in functions if function.is_trigger and function.roles]


def test_whoever_may_call_a_function_has_a_use_for_it(catalogue: Connection) -> None:
    """It is called by the console, by a check, or by the database on behalf of whoever asks; or the docs offer it."""
    texts = [path.read_text() for path in (ROOT / "console").rglob("*.py")]
    texts += [path.read_text() for path in (ROOT / "console/database/checks").glob("*.sql")]
    texts += [path.read_text() for path in (ROOT / "docs").glob("*.md") if path.name != "schema.md"]
    functions = ask(catalogue, FUNCTIONS)
    texts += [function.source for function in functions if not function.as_owner and function.roles]
    texts += [
        row[0] or ""
        for row in ask(
            catalogue,
            """
            SELECT concat_ws(' ', pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)) FROM pg_policy
            UNION ALL SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'city'::regnamespace
            UNION ALL SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef
            UNION ALL
            SELECT pg_get_viewdef(oid) FROM pg_class WHERE relkind = 'v' AND relnamespace = 'city'::regnamespace
            UNION ALL SELECT pg_get_indexdef(indexrelid) FROM pg_index
            """,
        )
    ]
    known = set(re.findall(r"\w+", "\n".join(texts)))
    assert not [
        function.said for function in functions if set(function.roles) - {"gateway"} and function.name not in known
    ]


def test_functions_find_only_what_is_meant(catalogue: Connection) -> None:
    """A table or function of the same name, in a schema of one's own, is never taken for the city's."""
    for function in ask(catalogue, FUNCTIONS):
        assert function.is_owners, function.said
        path = re.search(r"search_path=([^=]*?)(?= \w+=|$)", function.settings)
        if function.as_owner or function.language == "plpgsql":
            assert path, function.said
            assert path[1] == "city, public, pg_temp", function.said


def test_what_runs_with_the_owners_rights_asks_who_asks(catalogue: Connection) -> None:
    """What a role may call past row-level security knows who calls it, or leaves the caller nothing to say."""
    functions = ask(catalogue, FUNCTIONS)
    asking = {function.name for function in functions if re.search(WHO_ASKS, function.source or "")}
    while True:  # what calls one that asks, asks
        calls = rf"\b({'|'.join(asking)})\s*\("
        found = {function.name for function in functions if re.search(calls, function.source or "")}
        if found <= asking:
            break
        asking |= found
    careless = [
        function.said
        for function in functions
        if function.as_owner
        and set(function.roles) - {"gateway", "administrator"}
        and function.arguments
        and function.name not in asking
        and (function.volatility == "v" or re.search(r"\bcase_(file|event|attachment)\b", function.source or ""))
    ]
    assert not careless


def test_no_rule_trusts_what_a_client_can_set(catalogue: Connection) -> None:
    trusting = [
        function.said
        for function in ask(catalogue, FUNCTIONS)
        for said in re.findall(r"current_setting\('([^']*)'", function.source or "")
        if said != "application_name"  # only written down, as what it is: a name that the program gave itself
    ]
    assert not trusting


def test_what_shows_cases_is_under_row_level_security(catalogue: Connection) -> None:
    guarded = {
        row.relname
        for row in ask(
            catalogue,
            "SELECT relname FROM pg_class WHERE relnamespace = 'city'::regnamespace AND relrowsecurity",
        )
    }
    assert {
        "case_file", "case_event", "case_attachment", "case_attachment_withdrawal", "case_presence", "saved_filter",
    } <= guarded  # fmt: skip
    # A view sees with its owner's eyes: what departments and inspectors read through one must tell of no single case.
    views = ask(
        catalogue,
        """
        SELECT DISTINCT v.relname FROM pg_class AS v JOIN pg_rewrite AS w ON w.ev_class = v.oid
        JOIN pg_depend AS d ON d.objid = w.oid AND d.classid = 'pg_rewrite'::regclass
        JOIN pg_class AS t ON t.oid = d.refobjid AND t.relrowsecurity
        WHERE v.relkind = 'v' AND v.relnamespace = 'city'::regnamespace
            AND coalesce(array_to_string(v.reloptions, ' '), '') !~ 'security_invoker=(true|on)'
            AND (has_any_column_privilege('department', v.oid, 'SELECT')
                OR has_any_column_privilege('inspector', v.oid, 'SELECT'))
        """,
    )
    assert not views


def test_the_outbox_says_that_a_case_changed_and_nothing_of_it(catalogue: Connection) -> None:
    carried = ask(
        catalogue,
        "SELECT tgargs FROM pg_trigger WHERE tgrelid = 'city.case_file'::regclass AND tgname = 'log_change'",
    )
    assert [bytes(row.tgargs) for row in carried] == [b"id\x00"]
