"""Checks the SQL statements of a database department, without its database.

SQLite itself compiles statements for SQLite, against empty tables. sqlglot parses the statements of
other dialects; it accepts some forms of other dialects, which `_FOREIGN` lists. Only a call can
show whether tables, columns and functions exist in the department's database.
"""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import urlsplit

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from adapters.connectors.database import DatabaseCall, DatabaseSettings
from adapters.workbench.check.findings import Findings, Severity
from adapters.workbench.check.reply_trees import OPEN, Names, names_of_columns

_BOUND = re.compile(r"(?<![:\w\\]):(\w+)(?!:)")
_IN_LIST = re.compile(r"(?i)\bIN\s+(:\w+)")
_WORD = re.compile(r"[^\W\d]\w*")
_QUOTED = re.compile(r"[\"`\[]([^\"`\]]+)[\"`\]]")
MOST_STEPS = 200
SQLGLOT = {"postgresql": "postgres", "mssql": "tsql", "mysql": "mysql", "oracle": "oracle"}
TITLES = {
    "postgresql": "PostgreSQL",
    "mssql": "SQL Server",
    "mysql": "MySQL",
    "oracle": "Oracle",
    "sqlite": "SQLite",
}
_LIMIT = (r"\bLIMIT\s+[\d:]", "`LIMIT`")
_ILIKE = (r"\bILIKE\b", "`ILIKE`")
_CAST = (r"::", "`::`")
_TOP = (r"\bSELECT\s+(DISTINCT\s+)?TOP\b", "`TOP`")
_FETCH = (r"\bFETCH\s+(FIRST|NEXT)\b", "`FETCH FIRST`")
_ROWNUM = (r"\bROWNUM\b", "`ROWNUM`")
_NVL = (r"\b(NVL|DECODE|IFNULL)\s*\(", "`NVL`, `DECODE` and `IFNULL`")
_TABLE_AS = (r"\b(FROM|JOIN)\s+[\w.\"]+\s+AS\b", "`AS` of a table")
_FOREIGN = {
    "oracle": [_LIMIT, _ILIKE, _CAST, _TOP, _TABLE_AS],
    "mssql": [_LIMIT, _ILIKE, _CAST, _ROWNUM, (r"\|\|", "`||`")],
    "mysql": [_ILIKE, _CAST, _FETCH, _ROWNUM, (r"\[\w+\]", "names in brackets")],
    "postgresql": [_ROWNUM, _NVL, (r"\bLIMIT\s+\d+\s*,", "`LIMIT a, b`"), (r"==", "`==`")],
}
"""Forms of other dialects that sqlglot accepts: a pattern, and words for it."""
REMEDY = "write it for {title}; `sql` may have one statement per dialect"


def dialect_of(url: str) -> str:
    """Return the dialect of a database's URL, as a manifest names it."""
    scheme = urlsplit(url).scheme.partition("+")[0]
    return "mysql" if scheme == "mariadb" else scheme


def check_statements(findings: Findings) -> None:
    """Report statements that their dialect rejects, and statements that change data."""
    settings = findings.manifest.file.connector
    if not isinstance(settings, DatabaseSettings):
        return
    others: set[str] = set()
    for capability, model in findings.manifest.file.capabilities.items():
        call = DatabaseCall.model_validate(model.call)
        for name, sql in call.sql.items():
            dialect = dialect_of(settings.url) if name == "any" else name
            written = isinstance(model.call.get("sql"), dict)
            at = ("capabilities", capability.value, "call", "sql", *([name] if written else []))
            title = TITLES[dialect]
            for message in faults_of(sql, dialect, call):
                remedy = REMEDY.format(title=title)
                findings.add(Severity.ERROR, "sql", at, f"{title} rejects it: {message}", remedy)
            if dialect != "sqlite":
                others.add(title)
    if others:
        message = (
            f"the statements for {' and '.join(sorted(others))} were parsed only: whether tables, "
            "columns and functions exist, `hub adapter test --live` shows"
        )
        findings.add(Severity.NOTE, "sql", ("connector", "url"), message)


def faults_of(sql: str, dialect: str, call: DatabaseCall) -> Iterator[str]:
    """Yield what a dialect rejects in a statement."""
    keyset = list(dict.fromkeys(([call.watermark] if call.watermark else []) + call.keyset))
    if dialect == "sqlite":
        paged = f"SELECT page.* FROM ({sql}\n) AS page ORDER BY {', '.join(keyset)}"  # noqa: S608
        fault = _fault_in_sqlite(sql) or (keyset and _fault_in_sqlite(paged)) or None
        if fault:
            yield fault
        return
    bare = _without_texts(sql)
    if bare.rstrip().endswith(";") and (keyset or dialect == "oracle"):
        yield "the statement ends with `;`"
    try:
        trees = [tree for tree in sqlglot.parse(sql, dialect=SQLGLOT[dialect]) if tree is not None]
    except RecursionError:
        yield "it is nested too deep"
        return
    except SqlglotError as error:
        yield _first_line(error)
        return
    if len(trees) != 1:
        yield f"there are {len(trees)} statements instead of one"
    for pattern, what in _FOREIGN[dialect]:
        if re.search(pattern, bare, re.IGNORECASE):
            yield f"it has no {what}"


def _first_line(error: SqlglotError) -> str:
    text = re.sub(r"\x1b\[\d+m", "", str(error)).splitlines()[0]
    return text[:1].lower() + text[1:].rstrip(".")


def _without_texts(sql: str) -> str:
    """Return the statement without texts in quotes and without comments."""
    return re.sub(r"'(?:[^']|'')*'|--[^\n]*|/\*.*?\*/", " ", sql, flags=re.DOTALL)


def _fault_in_sqlite(sql: str) -> str | None:
    """Compile the statement in SQLite; return its fault.

    Every table that the statement names is made with every column that it may mean.
    """
    prepared = _IN_LIST.sub(r"IN (\1)", sql)
    bare = _without_texts(sql)
    columns = {word.lower(): word for word in [*_WORD.findall(bare), *_QUOTED.findall(bare)]}
    values = dict.fromkeys(_BOUND.findall(bare))
    tables: dict[str, dict[str, str]] = {}
    with closing(sqlite3.connect(":memory:")) as database:
        for _ in range(MOST_STEPS):
            try:
                database.execute(f"EXPLAIN {prepared}", values)
            except (sqlite3.Error, sqlite3.Warning) as error:
                fault = str(error)
                if not _mend(database, fault, tables, columns):
                    return fault
            else:
                return None
    return None


def _mend(
    database: sqlite3.Connection,
    fault: str,
    tables: dict[str, dict[str, str]],
    columns: dict[str, str],
) -> bool:
    """Make a missing table, or make an ambiguous column unique; return False if it is neither."""
    what, _, name = fault.partition(": ")
    if what == "no such table" and "." not in name and name not in tables:
        tables[name] = dict(columns)
    elif what == "ambiguous column name":
        owners = [each for each in tables.values() if name.lower() in each]
        if len(owners) < 2:
            return False
        for own in owners[1:]:
            del own[name.lower()]
    else:
        return False
    for table, own in tables.items():
        database.execute(f"DROP TABLE IF EXISTS {_quoted(table)}")
        listed = ", ".join(map(_quoted, own.values())) or "nothing"
        database.execute(f"CREATE TABLE {_quoted(table)} ({listed})")
    return True


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def selected_columns(call: DatabaseCall, url: str) -> Names:
    """Return the columns that the statement selects; open names if it does not name them."""
    dialect = dialect_of(url)
    written = {str(name): sql for name, sql in call.sql.items()}
    sql = written.get(dialect) or written.get("any")
    if sql is None:
        return OPEN
    try:
        tree = sqlglot.parse_one(sql, dialect=SQLGLOT.get(dialect, dialect))
    except (SqlglotError, RecursionError):
        return OPEN
    if not isinstance(tree, exp.Query) or tree.is_star:
        return OPEN
    names: list[str] = []
    for each in tree.selects:
        name = each.alias_or_name
        if not name:
            return OPEN
        identifier = each.args.get("alias") or each.this
        is_quoted = isinstance(identifier, exp.Identifier) and bool(identifier.args.get("quoted"))
        # These databases return unquoted names in small letters; others as they are written.
        folds = dialect in ("postgresql", "oracle") and not is_quoted
        names += [name.lower()] if folds else [name]
        if dialect == "oracle":
            names.append(name.lower())
    return names_of_columns(names)
