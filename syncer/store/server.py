"""What a PostgreSQL has to be like to hold a state, and whatever stands before it; found out when it is opened.

Why all of it is asked at once: each of these faults shows only later otherwise, as tables in somebody else's schema, as
a lock that nobody ever gives back, or as an error in the middle of a run.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import URL, Connection, text

from syncer.store.database import POSTGRESQL_SCHEMA, Database
from syncer.store.errors import StateError, StateUnwritable

CLOCK_TOLERANCE = timedelta(seconds=30)
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


def require_clock(database: Database) -> None:
    """Raises StateError where the clock of this machine is far off the server's, by which all machines are compared.

    What machines share of time would mean another moment to each: when a pair ran last, how long a request may still
    arrive, what an account may create.
    """
    with database.reading() as connection:
        theirs: datetime = connection.scalar(text("SELECT clock_timestamp()"))
    seconds = (database.clock() - theirs).total_seconds()
    if abs(seconds) > CLOCK_TOLERANCE.total_seconds():
        off = f"{abs(seconds):.0f} s {'ahead of' if seconds > 0 else 'behind'}"
        raise StateError(f"the clock of this machine is {off} the database's: set it (NTP), then start again")


@dataclass(frozen=True, slots=True)
class _Rights:
    """What the role of a session may do with our schema."""

    schema: str
    role: str
    database: str
    there: bool
    may_create: bool
    """A schema in the database."""
    may_use: bool
    owner: str
    """Of tables of ours that the role may not change; empty where there are none."""
    owned: bool
    """Whether all tables of ours belong to the role."""

    @property
    def grants(self) -> str:
        """The statements after which a role can work on a state that belongs to another one."""
        return "; ".join(
            (
                f"GRANT USAGE, CREATE ON SCHEMA {self.schema} TO {self.role}",
                f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {self.schema} TO {self.role}",
                f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {self.schema} TO {self.role}",
            )
        )


_RIGHTS = text(
    "SELECT quote_ident(:schema) AS schema, quote_ident(current_user) AS role,"
    " quote_ident(current_database()) AS database, place.oid IS NOT NULL AS there,"
    " has_database_privilege(current_database(), 'CREATE') AS may_create,"
    " coalesce(has_schema_privilege(place.oid, 'USAGE') AND has_schema_privilege(place.oid, 'CREATE'), false)"
    " AS may_use,"
    " coalesce((SELECT min(quote_ident(pg_get_userbyid(relowner))) FROM pg_class WHERE relnamespace = place.oid"
    "  AND ((relkind IN ('r', 'p') AND NOT (has_table_privilege(oid, 'SELECT') AND has_table_privilege(oid, 'INSERT')"
    "   AND has_table_privilege(oid, 'UPDATE') AND has_table_privilege(oid, 'DELETE')))"
    "  OR (relkind = 'S' AND NOT has_sequence_privilege(oid, 'USAGE')))), '') AS owner,"
    " NOT EXISTS (SELECT 1 FROM pg_class WHERE relnamespace = place.oid AND relkind IN ('r', 'p')"
    "  AND NOT pg_has_role(relowner, 'USAGE')) AS owned"
    " FROM (SELECT to_regnamespace(quote_ident(:schema))::oid AS oid) AS place"
)


def _rights(connection: Connection) -> _Rights | None:
    """None where the address names no schema at all."""
    schema = schema_of(connection.engine.url)
    if schema is None:
        return None
    return _Rights(**connection.execute(_RIGHTS, {"schema": schema}).one()._asdict())


def require_rights(connection: Connection, place: str) -> None:
    """Raises StateUnwritable, with all the statements that help, where the role may not use what is there.

    Asked at every opening: a right that is missing shows only with the first write otherwise, in the middle of a run.
    """
    rights = _rights(connection)
    if rights is None or not rights.there:
        return
    if not rights.may_use:
        raise StateUnwritable(
            f"{place}: the role {rights.role} may not use the schema {rights.schema}: {rights.grants}"
        )
    if rights.owner:
        raise StateUnwritable(
            f"{place}: the role {rights.role} may not change the tables of the role {rights.owner}: {rights.grants}"
        )


def require_ownership(connection: Connection, place: str) -> None:
    """Raises StateUnwritable where the tables belong to another role: only their owner can change their shape."""
    rights = _rights(connection)
    if rights is not None and not rights.owned:
        raise StateUnwritable(
            f"{place} is to be upgraded, and its tables belong to another role than {rights.role}: run one command,"
            f" such as `syncer status`, as the role that owns them, or make {rights.role} a member of that role"
        )


def prepare_schema(connection: Connection, place: str) -> None:
    """Creates our schema where it is missing. Raises StateUnwritable, with the statement that helps, where it may not.

    A role that owns the schema needs no right on the database.
    """
    rights = _rights(connection)
    if rights is None or rights.there:
        return
    if "options" in connection.engine.url.query or not rights.may_create:
        raise StateUnwritable(
            f"{place}: there is no schema {rights.schema}, and the role {rights.role} does not create it: as an"
            f" administrator of the server, in the database {rights.database}:"
            f" CREATE SCHEMA {rights.schema} AUTHORIZATION {rights.role}"
        )
    connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {POSTGRESQL_SCHEMA}"))
