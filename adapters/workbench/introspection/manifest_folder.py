"""Writes a manifest to start from, with a DECIDE comment wherever a person must decide."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from adapters.workbench.introspection.calls import call_of
from adapters.workbench.introspection.codes import GuessedTable
from adapters.workbench.introspection.description import (
    OWN,
    DescribedOperation,
    Description,
    server_reference,
)
from adapters.workbench.introspection.guesses import FINDERS, Guess, guess_capabilities
from adapters.workbench.introspection.record_rules import DECIDE, guessed, record_rules
from adapters.workbench.introspection.write_guesses import GuessedWrite, form_of, guess_writes
from adapters.workbench.introspection.write_rules import attributes, write_rules
from adapters.workbench.introspection.yaml_text import UNPRINTABLE, comment, flow, scalar

MOST_OPERATIONS_LISTED = 60
MOST_NOTES_LISTED = 200
MOST_NAMES = 12
NO_HOST = "http://127.0.0.1:9"
_ADDRESS = re.compile(r"(?i)https?://[^\s{}]+$|(sqlite|postgresql|mysql|mariadb):")
HUB_VARIABLES = (
    "HUB_ACCESS", "HUB_ACCESS_LOG_DAYS", "HUB_ACCESS_LOG_KEYS", "HUB_ACCESS_LOG_REQUIRED",
    "HUB_ACCESS_LOG_SIGNING_KEY", "HUB_ACCESS_LOG_SPILL", "HUB_ACCESS_LOG_URL", "HUB_ADMIN_TOKEN",
    "HUB_ALLOWED_HOSTS", "HUB_ATTACHMENTS_PER_HOUR", "HUB_ATTACHMENTS_PER_REQUEST",
    "HUB_ATTACHMENTS_URL", "HUB_ATTACHMENT_BYTES", "HUB_ATTACHMENT_BYTES_PER_HOUR", "HUB_CACHE_KEY",
    "HUB_CACHE_URL", "HUB_CATALOGUE_MAX_AGE", "HUB_CLAMD", "HUB_CLIENT_COST_PER_MINUTE",
    "HUB_CONNECTIONS", "HUB_CONSENT_DAYS", "HUB_CORS_ORIGINS", "HUB_COST_PER_MINUTE",
    "HUB_CROSSWALK_ENTRIES", "HUB_CROSSWALK_HOURS", "HUB_DATABASE_URL", "HUB_DATA_KEY", "HUB_DEBUG",
    "HUB_DELIVERY", "HUB_DELIVERY_POLL_SECONDS",
    "HUB_DEPARTMENTS", "HUB_DOCUMENT_MODE", "HUB_DOCUMENT_SECONDS", "HUB_DRAFT_DAYS",
    "HUB_DRAIN_NOTICE", "HUB_ENV", "HUB_GRAPHIQL", "HUB_GRAPHIQL_CLIENT", "HUB_GRAPHIQL_EXAMPLES",
    "HUB_HOLIDAYS", "HUB_HOST", "HUB_ID_KEYS", "HUB_INTROSPECTION", "HUB_INTROSPECT_PASSWORD",
    "HUB_ISSUERS", "HUB_LOG_LEVEL", "HUB_LONGEST_WAIT", "HUB_MAX_ALIASES", "HUB_MAX_COST",
    "HUB_MAX_DEPTH", "HUB_MAX_DIRECTIVES", "HUB_MAX_DOCUMENT_BYTES", "HUB_MAX_ERRORS",
    "HUB_MAX_FIELDS", "HUB_MAX_FRAGMENTS", "HUB_MAX_OPERATIONS", "HUB_MAX_ROOT_FIELDS",
    "HUB_MAX_TOKENS", "HUB_MAX_VARIABLE_DEPTH", "HUB_MAX_VARIABLE_VALUES", "HUB_ONLY_DEPARTMENTS",
    "HUB_POLICY", "HUB_PORT", "HUB_PUBLIC_URL", "HUB_REQUEST_BYTES", "HUB_REQUEST_DEADLINE",
    "HUB_REQUEST_SECONDS", "HUB_RUNNING_OPERATIONS", "HUB_SIGNING_KEY", "HUB_SMS_MESSAGES",
    "HUB_SMS_TOKEN", "HUB_SMS_URL", "HUB_SUBMISSION_DAYS", "HUB_TRIES_PER_CALLER",
    "HUB_TRIES_PER_REFERENCE",
    "HUB_TRUSTED_DOCUMENTS", "HUB_TRUSTED_PROXIES", "HUB_UPLOAD_SECONDS", "HUB_WAITING_OPERATIONS",
)  # fmt: skip
"""The hub's own environment variables (docs/settings.md)."""


def write_folder(description: Description, name: str, to: Path, source: str) -> list[Path]:
    """Write the files of a manifest.

    Args:
        description: description of the department.
        name: identifier of the department.
        to: folder to write, new or empty.
        source: the description's path or URL, for a comment.

    Returns: the written files.

    Raises:
        FileExistsError: `to` is not empty.
    """
    if to.exists() and any(to.iterdir()):
        raise FileExistsError(to)
    to.mkdir(parents=True, exist_ok=True)
    guesses = guess_capabilities(description)
    tables: dict[str, GuessedTable] = {}
    writes = guess_writes(description)
    lines = _department(description, guesses, writes, name, source, tables)
    texts = {"department.yaml": "\n".join(lines)}
    texts["codes.yaml"] = "\n".join(_codes(tables))
    services = [*_services(name, description.title), *attributes(form_of(writes))]
    texts["services.yaml"] = "\n".join(services)
    written: list[Path] = []
    for file, content in description.files.items():
        (to / file).write_bytes(content)
        written.append(to / file)
    for file, text in texts.items():
        text = UNPRINTABLE.sub("\ufffd", text.replace(OWN, environment_prefix(name)))
        (to / file).write_text(text + "\n", encoding="utf-8")
        written.append(to / file)
    return written


def environment_prefix(name: str) -> str:
    """Return the start of the names of the department's environment variables.

    It is `HUB_<DEPARTMENT>`, but never the start of one of the hub's own variables.
    """
    prefix = f"HUB_{name.upper().replace('-', '_')}"
    if any(variable.startswith(f"{prefix}_") for variable in HUB_VARIABLES):
        return prefix.replace("HUB_", "HUB_DEPARTMENT_", 1)
    return prefix


def environment_name(name: str) -> str:
    """Return the name of the environment variable for the department's URL."""
    return f"{environment_prefix(name)}_URL"


def _department(
    description: Description,
    guesses: Sequence[Guess],
    writes: Sequence[GuessedWrite],
    name: str,
    source: str,
    tables: dict[str, GuessedTable],
) -> Iterator[str]:
    yield comment(f"Written by `hub introspect` from {source}.")
    yield "# Lines with DECIDE are guesses or examples: check or replace them."
    yield "# Check the rules that are `guessed from` a name, too."
    yield "manifest: 1"
    yield f"department: {name}"
    yield f"label: {{en: {scalar(' '.join(description.title.split())[:100])}, hi: DECIDE}}"
    yield f"identity: {{scheme: {DECIDE}_NUMBER}}  # DECIDE: the department's numbers of citizens"
    yield "#reference: XYZ/\\d{4}/\\d+  # DECIDE: format of its application reference numbers"
    yield ""
    yield from _connector(description)
    yield ""
    yield "limits: {deadline: 5s, concurrency: 4, reply_bytes: 4MiB}  # DECIDE: what it can handle"
    yield "maintenance: []  # DECIDE: when it is closed"
    yield ""
    if guesses:
        yield "capabilities:"
        for guess in guesses:
            yield from _capability(guess, description.kind)
    else:
        yield comment("DECIDE: no operation looks like applications, benefits or certificates.")
        yield "capabilities: {}"
    yield ""
    subjects = {guess.subject: guess for guess in sorted(guesses, key=lambda each: each.score)}
    yield "records:" if subjects else "records: {}"
    for subject, guess in subjects.items():
        yield from record_rules(subject, guess, tables)
    yield ""
    can_find = any(each.capability in FINDERS.values() for each in guesses)
    yield from write_rules(writes, description.kind, _service_code(name), can_find=can_find)
    used = [each.operation for each in guesses] + [each.operation for each in writes]
    yield from _leftovers(description, used)


def _connector(description: Description) -> Iterator[str]:
    settings = dict(description.connector)
    yield "connector:"
    for key in ("endpoint", "base_url", "url"):
        if key in settings and "${env:" not in str(settings[key]):
            given = str(settings[key])
            if not _ADDRESS.match(given):
                text = f"DECIDE: the address of the server; {given or 'none'!r} is not complete"
                description.comments.insert(0, text)
                given = NO_HOST + (given if re.fullmatch(r"/[^\s{}]+", given) else "")
            settings[key] = server_reference(given)
    for key, value in settings.items():
        yield f"  {key}: {flow(value)}"
    for text in description.comments[:40]:
        yield "  " + comment(text)


def _capability(guess: Guess, kind: str) -> Iterator[str]:
    call, at_once, decide = call_of(guess, kind)
    yield f"  {guess.capability}:"
    yield "    " + comment(
        f"DECIDE: guessed from {guess.operation.name} ({guess.operation.position})"
        + (f": {guess.operation.documentation}" if guess.operation.documentation else "")
    )
    for text in decide:
        yield "    " + comment(f"DECIDE: {text}")
    yield "    call:"
    for key, value in call.items():
        yield f"      {key}: {flow(value)}"
    if at_once > 1:
        yield f"    keys: {{at_once: {at_once}}}  # DECIDE: maximum number of keys"
    if guess.rows and kind != "database":
        yield f"    rows: {scalar('/'.join(guess.rows))}{guessed(guess.row_name)}"
    if guess.key:
        yield f"    key: {scalar('/'.join(guess.key))}{guessed(guess.key[-1])}"
    else:
        yield f"    key: {DECIDE}  # DECIDE: which field of a row has the requested number"
    yield f"    record: {guess.subject}"
    yield ""


def _codes(tables: dict[str, GuessedTable]) -> Iterator[str]:
    yield "# The department's codes, and the hub's value for each."
    yield "# A code that is not listed becomes UNKNOWN, with a warning."
    if not tables:
        yield "tables: {}"
        return
    yield "tables:"
    for name, table in tables.items():
        yield f"  {name}:"
        yield f"    enum: {table.enum.__name__}"
        if not table.meanings:
            words = ", ".join(table.enum.__members__)
            yield f"    codes: {{}}  # DECIDE: each code: one of {words}"
            continue
        yield "    codes:"
        for code, meaning in table.meanings.items():
            mark = "  # DECIDE" if meaning == "UNKNOWN" else "  # DECIDE: guessed"
            yield f"      {scalar(code)}: {{meaning: {meaning}, label: {scalar(code)}}}{mark}"


def _services(name: str, title: str) -> Iterator[str]:
    yield "# The services for which citizens can apply."
    yield "services:"
    yield f"  {_service_code(name)}:  # DECIDE: a code for each service"
    yield f"    name: {{en: {scalar(' '.join(title.split())[:80] or name)}, hi: DECIDE}}"
    yield "    description: {en: DECIDE, hi: DECIDE}"
    yield "    produces: {en: DECIDE, hi: DECIDE}"
    yield "    processing_time: 30  # DECIDE: days, as notified"


def _service_code(name: str) -> str:
    return f"{re.sub(r'[^A-Z0-9]', '', name.upper())[:3] or 'XYZ'}-ONE"


def _leftovers(description: Description, used: Sequence[DescribedOperation]) -> Iterator[str]:
    others = [each for each in description.operations if not any(each is one for one in used)]
    if others:
        yield "# Operations that are not used:"
    for operation in others[:MOST_OPERATIONS_LISTED]:
        fields = operation.arguments
        if description.kind == "database" and operation.reply is not None:
            fields = operation.reply.children[0].children
        names = ", ".join(each.name for each in fields[:MOST_NAMES])
        reason = f": {operation.unused}" if operation.unused else ""
        yield comment(f"- {operation.name}({names}){reason}")
    if len(others) > MOST_OPERATIONS_LISTED:
        yield comment(f"… and {len(others) - MOST_OPERATIONS_LISTED} more.")
    if description.notes:
        yield "# What could not be read, or is not supported:"
    for note in description.notes[:MOST_NOTES_LISTED]:
        yield comment(f"- {note}")
    if len(description.notes) > MOST_NOTES_LISTED:
        yield comment(f"… and {len(description.notes) - MOST_NOTES_LISTED} more.")
