"""What a PostgreSQL has to be like to hold a state, and whatever stands before it; found out when it is opened.

Why all of it is asked at once: each of these faults shows only later otherwise, as tables in somebody else's schema, as
a lock that nobody ever gives back, or as an error in the middle of a run.
"""

from __future__ import annotations

import re

from sqlalchemy import URL, Connection, text

from syncer.store.database import POSTGRESQL_SCHEMA, Database
from syncer.store.errors import StateError, StateUnwritable

TRIES = 3
"""How often a pooler is given the chance to show that two sessions share one connection of the server."""


def schema_of(url: URL) -> str | None:
    """The schema that an address is meant for: ours, or the first one that its `options` name; None for none at all."""
    options = url.query.get("options")
    if options is None:
        return POSTGRESQL_SCHEMA
    named = re.search(r"search_path\s*=\s*\"?([^\s,\"\\]+)", str(options))
    return named[1] if named else None


def require_sessions(database: Database, place: str) -> None:
    """Raises StateError where a pooler gives each transaction to another session, or does not take our schema.

    A pair is locked by a session: handed on, the lock of a run that ended would stay with somebody else for good.
    """
    with database.reading() as connection:
        backend = connection.scalar(text("SELECT pg_backend_pid()"))
        told = getattr(connection.connection.driver_connection, "info", None)
        if told is not None and told.backend_pid != backend and _is_shared(database, connection):
            raise StateError(
                f"{place} is a pooler that changes the session with each transaction (PgBouncer: pool_mode ="
                " transaction): name the server itself, or a pool with pool_mode = session"
            )
        wanted = schema_of(database.engine.url)
        found = connection.scalar(text("SHOW search_path"))
        if wanted is not None and wanted not in re.split(r'[\s,"]+', str(found)):
            raise StateError(
                f"{place} does not take the schema {wanted} from `options` (search_path is {found}): connect to the"
                f" server itself, or set it for the role: ALTER ROLE … SET search_path = {wanted}"
            )


def _is_shared(database: Database, connection: Connection) -> bool:
    """Whether a second session is served by what serves ours, though ours is open."""
    for _ in range(TRIES):
        ours = connection.scalar(text("SELECT pg_backend_pid()"))
        with database.transaction() as other:
            if other.scalar(text("SELECT pg_backend_pid()")) == ours:
                return True
    return False


def prepare_schema(connection: Connection, place: str) -> None:
    """Creates our schema where it is missing. Raises StateUnwritable, with the statement that helps, where it may not.

    A role that owns the schema needs no right on the database.
    """
    schema = schema_of(connection.engine.url)
    if schema is None:
        return
    rights = text(
        "SELECT current_user AS role, current_database() AS database, found.oid IS NOT NULL AS there,"
        " has_database_privilege(current_database(), 'CREATE') AS may_create,"
        " has_schema_privilege(found.oid, 'USAGE') AND has_schema_privilege(found.oid, 'CREATE') AS may_use"
        " FROM (SELECT to_regnamespace(quote_ident(:schema))::oid AS oid) AS found"
    )
    row = connection.execute(rights, {"schema": schema}).one()
    if row.there and not row.may_use:
        grant = f'GRANT USAGE, CREATE ON SCHEMA {schema} TO "{row.role}"'
        raise StateUnwritable(f'{place}: the role "{row.role}" may not use the schema {schema}: {grant}')
    if not row.there and ("options" in connection.engine.url.query or not row.may_create):
        create = f'CREATE SCHEMA {schema} AUTHORIZATION "{row.role}"'
        raise StateUnwritable(
            f'{place}: there is no schema {schema}, and the role "{row.role}" does not create it: as the owner of the'
            f" database {row.database}: {create}"
        )
    if not row.there:
        connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {POSTGRESQL_SCHEMA}"))
