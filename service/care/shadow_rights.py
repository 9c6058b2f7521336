"""Whose a rebuild's tables are on PostgreSQL, and who may do what with them: as the live ones.

The new tables would be the rebuild's role's own, and nobody else could read them. What is copied
is the owner and every privilege, of tables, columns and sequences; each is granted by the owner,
whoever had passed it on.
"""

from service.care.shadow import TABLES
from service.store.sql import DatabaseProblem, Sql

FOREIGN = f"""SELECT c.relname AS name, pg_get_userbyid(c.relowner) AS owner FROM pg_class c
    WHERE c.relnamespace = quote_ident(?)::regnamespace
        AND c.relname IN ({", ".join(f"'{table}'" for table in TABLES)})
        AND NOT pg_has_role(c.relowner, 'USAGE')
    ORDER BY 1"""
"""Live tables whose owner's rights this role does not have."""

MAY_CREATE = "SELECT has_schema_privilege(quote_ident(?)::regnamespace, 'CREATE') AS may"

# A table or sequence of the shadow beside the live one of its name.
PAIRS = """pair AS (
    SELECT fresh.oid AS fresh, live.oid AS live, fresh.relkind AS kind,
        fresh.relowner AS owner, live.relowner AS owned_by, live.relacl AS granted,
        fresh.relacl AS has,
        CASE fresh.relkind WHEN 'S' THEN 'SEQUENCE ' ELSE 'TABLE ' END || fresh.oid::regclass
            AS relation
    FROM pg_class fresh JOIN pg_class live ON live.relname = fresh.relname
        AND live.relkind = fresh.relkind AND live.relnamespace = quote_ident(?)::regnamespace
    WHERE fresh.relnamespace = quote_ident(?)::regnamespace AND fresh.relkind IN ('r', 'S'))"""

OWNERS = f"""WITH {PAIRS} SELECT DISTINCT owned_by::regrole::text AS owner,
        CASE kind WHEN 'r' THEN 'ALTER ' || relation || ' OWNER TO ' || owned_by::regrole END
            AS words
    FROM pair WHERE owner <> owned_by AND kind = 'r'"""

_TO = (
    "CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END"
    " || CASE WHEN is_grantable THEN ' WITH GRANT OPTION' ELSE '' END"
)

# First what the new one has by default, then what the live one has.
PRIVILEGES = f"""WITH {PAIRS}
    SELECT 1 AS step, 'REVOKE ALL ON ' || relation || ' FROM ' || owner::regrole AS words
        FROM pair WHERE granted IS NOT NULL
    UNION SELECT 1, 'REVOKE ALL ON ' || relation || ' FROM '
            || CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END
        FROM pair, aclexplode(has)
        WHERE grantee <> owner
    UNION SELECT 2, 'GRANT ' || string_agg(privilege_type, ', ') || ' ON ' || relation
            || ' TO ' || {_TO}
        FROM pair, aclexplode(coalesce(granted, acldefault(
            CASE kind WHEN 'S' THEN 's' ELSE 'r' END::"char", owned_by)))
        WHERE granted IS NOT NULL OR has IS NOT NULL
        GROUP BY relation, grantee, is_grantable
    UNION SELECT 3, 'GRANT ' || string_agg(
            privilege_type || ' (' || quote_ident(attname) || ')', ', ')
            || ' ON ' || relation || ' TO ' || {_TO}
        FROM pair JOIN pg_attribute ON attrelid = live AND attnum > 0 AND NOT attisdropped,
            aclexplode(attacl)
        GROUP BY relation, grantee, is_grantable
    ORDER BY step"""


def ensure(sql: Sql, live: str) -> None:
    """Raise ``DatabaseProblem`` unless tables of this role's making can take the live ones' place.

    Said before the work, not after it.
    """
    foreign = sql.all(FOREIGN, (live,))
    if foreign:
        owner, names = foreign[0]["owner"], ", ".join(row["name"] for row in foreign)
        raise DatabaseProblem(
            f"Tables of the record belong to the role {owner} ({names}). Rebuild as that role, as a"
            " member that inherits its rights, or as a superuser."
        )
    row = sql.one(MAY_CREATE, (live,))
    if row is None or not row["may"]:
        raise DatabaseProblem(
            f"A rebuild on PostgreSQL needs the right to create tables in the schema {live}."
        )


def copy(sql: Sql, live: str, shadow: str) -> None:
    """Give the shadow's tables the live ones' owner and privileges, in the caller's transaction."""
    for row in sql.all(OWNERS, (live, shadow)):
        # Who owns a table must be allowed to make one where it lies.
        sql.run(f"GRANT CREATE ON SCHEMA {_quoted(shadow)} TO {row['owner']}")
        sql.run(row["words"])
    for row in sql.all(PRIVILEGES, (live, shadow)):
        sql.run(row["words"])


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
