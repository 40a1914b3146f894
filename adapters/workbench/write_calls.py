"""Recognises calls of a manifest that may change a department's data."""

import re
from collections.abc import Iterable
from typing import Any

from adapters.connectors.database import DatabaseCall, DatabaseSettings
from adapters.connectors.files import FilesSettings
from adapters.connectors.graphql import GraphqlSettings
from adapters.connectors.rest import RestSettings
from adapters.connectors.rest.settings import RestCall
from adapters.contract import Capability
from adapters.manifest.model import Manifest
from adapters.workbench.operation_names import why_not_read, write_word_in

_SQL_WRITE = re.compile(
    r"(?i)\b(INSERT\s+INTO|UPDATE\s+[\w.\"`\[\]]+\s+SET|DELETE\s+FROM|MERGE\s+INTO|REPLACE\s+INTO"
    r"|TRUNCATE|DROP|ALTER|CREATE|GRANT|REVOKE|EXEC|EXECUTE|CALL|INTO\s+OUTFILE|FOR\s+UPDATE"
    r"|LOCK\s+TABLES?|NEXTVAL|SETVAL)\b"
)
_SQL_READ = re.compile(r"(?i)\s*(\(\s*)*(SELECT|WITH|VALUES|TABLE|SHOW)\b")
_TEXTS = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|`[^`]*`|--[^\n]*|/\*.*?\*/", re.DOTALL)
_MUTATION = re.compile(r"(?m)^\s*(mutation|subscription)\b")


class MayWriteError(Exception):
    """A call may change the department's data; the message says why, and what to do."""


def refuse_writes(
    manifest: Manifest, capabilities: Iterable[Capability], *, in_doubt: bool = True
) -> None:
    """Raise `MayWriteError` if the call of one of the capabilities looks like a write.

    Args:
        manifest: the department's manifest.
        capabilities: the capabilities that will be called.
        in_doubt: as for `why_it_may_write`.
    """
    for capability in capabilities:
        reason = why_it_may_write(manifest, capability, in_doubt=in_doubt)
        if reason:
            raise MayWriteError(
                f"{manifest.file.department} was not called, because {capability.value} may be a "
                f"write: {reason}. Read the department's documentation; if the call only reads, "
                "repeat the command with --yes-it-reads"
            )


def why_it_may_write(manifest: Manifest, capability: Capability, *, in_doubt: bool = True) -> str:
    """Return why the capability's call may change data; empty if it looks like a read.

    Args:
        manifest: the department's manifest.
        capability: one of its capabilities.
        in_doubt: True if a method other than GET is enough, unless the path names a read.
    """
    settings, call = manifest.file.connector, manifest.file.capabilities[capability].call
    if isinstance(settings, FilesSettings):
        return ""
    if isinstance(settings, DatabaseSettings):
        return _of_database(DatabaseCall.model_validate(call))
    if isinstance(settings, GraphqlSettings):
        kind = _MUTATION.search(str(call.get("query")))
        return f"the query is a {kind[1]}" if kind else ""
    if isinstance(settings, RestSettings):
        return _of_rest(RestCall.model_validate(call), in_doubt=in_doubt)
    return _of_names(str(call.get("operation")), call.get("action"))


def _of_rest(call: RestCall, *, in_doubt: bool) -> str:
    path, _, query = call.path.partition("?")
    word = write_word_in(path)
    if word is not None:
        return f"the word {word!r} in the path {path} says that it may change data"
    for name, value in call.query.items():
        # For example `?action=updateStatus`.
        if re.search(r"(?i)action|method|operation|command|cmd|^op$|^do$|^m$", name):
            query = f"{query} {value}"
    word = write_word_in(query) if query else None
    if word is not None:
        return f"the word {word!r} in the query says that it may change data"
    if in_doubt and call.method != "GET" and why_not_read(path):
        return f"it is a {call.method}, and the path {path} does not say that it only reads"
    return ""


def _of_names(operation: str, action: Any) -> str:
    names = [operation]
    if isinstance(action, str) and action:
        names.append(re.split(r"[/#:]", action.rstrip("/"))[-1])
    word = write_word_in(*names)
    if word is None:
        return ""
    return (
        f"the word {word!r} in the name of the operation {operation} says that it may change data"
    )


def _of_database(call: DatabaseCall) -> str:
    if call.procedure is not None:
        word = write_word_in(call.procedure.rpartition(".")[2])
        if word is None:
            return ""
        return f"the word {word!r} in the name of the procedure says that it may change data"
    for sql in call.sql.values():
        bare = _TEXTS.sub(" x ", sql)
        found = _SQL_WRITE.search(bare)
        if found is not None:
            return f"the statement contains {' '.join(found[1].split()[:2]).upper()}"
        if not _SQL_READ.match(bare):
            return "the statement does not begin with SELECT or WITH"
    return ""
