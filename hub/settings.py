"""Settings from environment variables `HUB_…` or a file `.env` in the working directory."""

from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


def _names(value: object) -> object:
    if not isinstance(value, str):
        return value
    return tuple(name for each in value.split(",") if (name := each.strip()))


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


class Settings(BaseSettings):
    """The hub's settings. Those of one department are in its manifest.

    Attributes:
        host: address to listen on.
        port: port to listen on.
        request_deadline: seconds after which the hub responds with the data that has arrived.
        departments: folder of department folders; None for the built-in and installed ones.
        only_departments: names of the department folders to serve; all if empty.
        admin_token: bearer token of the administrator; None for no administrator.
        env: `production` makes the hub refuse settings that fit a demo only.
        issuers: file of the issuers whose tokens the hub accepts; None for no sign-in.
        policy: file of the policy on personal data; None for the built-in policy.
        access: whether the policy applies. `off` shows everything to everybody, for benchmarks.
        crosswalk_entries: maximum number of citizens in the cache of identifiers.
        crosswalk_hours: hours after which an entry of that cache expires.
        database_url: database of the hub's own tables: `sqlite+aiosqlite:///FILE` or
            `postgresql+asyncpg://…`.
        access_log_url: database of the access log, as `database_url`. If None, a SQLite file beside
            that of `database_url`, or tables in the same PostgreSQL database.
        access_log_required: send no data while the access log cannot be written.
        access_log_keys: secrets that hide people in the access log, separated by commas; equal in
            all replicas. The first is used for new people, all find existing ones. If None, the hub
            generates one and stores it in the access log's database.
        access_log_signing_key: secret from which the key that signs checkpoints is derived. If
            None, the hub generates a key and stores it in the access log's database.
        access_log_spill: file for entries that the database does not take; None for a file beside
            the database, or in the working directory.
        id_keys: secrets that encrypt ids and cursors, separated by commas; equal in all replicas.
            The first encrypts, all decrypt. If None, the hub generates a key and stores it in the
            database.
        data_key: secret that encrypts rows of delivered files, submissions and uploaded documents;
            equal in all replicas. If None, the hub generates a key and stores it in the database.
        signing_key: secrets of the keys that sign consents and hide persons, separated by commas;
            equal in all replicas. The first signs, all verify. If None, the hub generates a key and
            stores it in the database.
        consent_days: days after their end for which consents and requests are kept.
        sms_url: address of the SMS gateway; None if the hub can't send messages.
        sms_token: bearer token of the hub at the SMS gateway.
        sms_messages: file of the messages, as they are registered; None for the built-in file.
        access_log_days: days after which the content of entries of the access log is deleted.
        cache_url: server for the cached replies that replicas share, `valkey://…` or `redis://…`.
            If None, each process has its own cache.
        cache_key: secret that encrypts the shared cache; equal in all replicas.
        public_url: URL under which clients reach the hub, for addresses of documents. If empty,
            these addresses begin with `/documents/`.
        document_seconds: seconds after which the address of a document expires.
        attachments_url: where uploaded documents are stored: `file:///FOLDER` or
            `s3://BUCKET/PREFIX`. If None, the folder `citizen-hub-attachments` beside the file of
            `database_url`, or in the working directory.
        attachment_bytes: maximum size of an uploaded document in bytes.
        attachments_per_request: maximum number of documents in a request.
        attachments_per_hour: documents that one person may upload in an hour.
        attachment_bytes_per_hour: bytes of documents that one person may upload in an hour.
        upload_seconds: seconds within which a request with documents must arrive.
        clamd: `HOST:PORT` of clamd, which scans uploaded documents; None to scan none.
        draft_days: days for which drafts, and documents that no submission contains, are kept.
        delivery: `off` makes this process accept submissions without delivering them; another
            process with the same database must deliver.
        delivery_poll_seconds: how often each department's queue of submissions is read.
        submission_days: days after their end for which the contents of submissions are kept.
        holidays: file of the state's holidays; None for the built-in file.
        graphiql: show GraphiQL at `/graphql` to browsers.
        graphiql_client: identifier of GraphiQL at the first issuer, where it signs people in; None
            for no sign-in in GraphiQL.
        graphiql_examples: folder of the queries in GraphiQL's tabs (`*.graphql`, and
            `variables.json` with values of their variables); None for examples of the catalogue.
        request_bytes: maximum size of a request's body in bytes.
        request_seconds: seconds within which a whole request must arrive.
        running_operations: maximum number of GraphQL operations that run at once.
        waiting_operations: maximum number of operations that wait; further ones are refused.
        longest_wait: seconds after which a waiting operation is refused.
        catalogue_max_age: seconds for which caches may store responses that are read from the
            public catalogue only.
        connections: maximum number of open connections.
        drain_notice: seconds after SIGTERM in which the hub still serves requests while `/readyz`
            returns 503.
        log_level: level of the hub's log.
        trusted_documents: folder or JSON file of the trusted documents; None for none.
        document_mode: which documents the hub runs: `open` for all, `audit` for all but log those
            that are not trusted, `only` for trusted documents.
        allowed_hosts: names that clients may use for the hub (`hub.example.gov.in`,
            `*.example.gov.in`); all if empty.
        cors_origins: origins of other sites that may call the hub from a browser
            (`https://portal.example.gov.in`).
        introspection: answer introspection queries, and suggest names in errors of documents.
        trusted_proxies: addresses or networks of proxies (`10.0.0.0/8`). The header
            `X-Forwarded-For` of their requests gives the client's address.
        max_document_bytes: maximum size of a document in bytes.
        max_tokens: maximum number of tokens in a document.
        max_operations: maximum number of operations in a document.
        max_fragments: maximum number of fragments in a document.
        max_depth: maximum number of nested fields, fragments expanded.
        max_fields: maximum number of fields, fragments expanded.
        max_root_fields: maximum number of root fields, fragments expanded.
        max_aliases: maximum number of aliases, fragments expanded.
        max_directives: maximum number of directives, fragments expanded.
        max_variable_values: maximum number of values in the variables.
        max_variable_depth: maximum number of nested lists and objects in the variables.
        max_errors: maximum number of errors in a response.
        max_cost: maximum estimated cost of an operation (`docs/demand.md`).
        cost_per_minute: what a principal, or an address without sign-in, may spend in a minute.
        client_cost_per_minute: what all users of a portal may spend in a minute.
        tries_per_reference: wrong tries of `trackApplication` and `verifyCertificate` for one
            number in an hour.
        tries_per_caller: wrong tries of these fields of one caller in an hour.
        debug: add `extensions.executor` to responses: the executor that ran the operation.
    """

    model_config = SettingsConfigDict(env_prefix="HUB_", env_file=".env", extra="ignore")

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    request_deadline: float = Field(default=10.0, gt=0, le=120)
    departments: Path | None = None
    only_departments: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_names)] = ()
    admin_token: SecretStr | None = Field(default=None, min_length=8)
    env: Literal["development", "production"] = "development"
    issuers: Path | None = None
    policy: Path | None = None
    access: Literal["on", "off"] = "on"
    crosswalk_entries: int = Field(default=100_000, gt=0)
    crosswalk_hours: float = Field(default=168.0, gt=0)
    database_url: str = "sqlite+aiosqlite:///citizen-hub.db"
    access_log_url: str | None = None
    access_log_required: bool = True
    access_log_keys: SecretStr | None = None
    access_log_signing_key: SecretStr | None = None
    access_log_spill: Path | None = None
    id_keys: SecretStr | None = None
    data_key: SecretStr | None = None
    signing_key: SecretStr | None = None
    consent_days: int = Field(default=365, gt=0)
    sms_url: str | None = Field(default=None, pattern=r"^https?://\S+$")
    sms_token: SecretStr | None = None
    sms_messages: Path | None = None
    access_log_days: int = Field(default=365, gt=0)
    cache_url: str | None = None
    cache_key: SecretStr | None = Field(default=None, min_length=16)
    public_url: str = Field(default="", pattern=r"^(https?://\S+)?$")
    document_seconds: int = Field(default=300, gt=0, le=86_400)
    attachments_url: str | None = None
    attachment_bytes: int = Field(default=10 << 20, gt=0)
    attachments_per_request: int = Field(default=5, gt=0, le=20)
    attachments_per_hour: int = Field(default=300, gt=0)
    attachment_bytes_per_hour: int = Field(default=1 << 30, gt=0)
    upload_seconds: float = Field(default=300.0, gt=0)
    clamd: str | None = Field(default=None, pattern=r"^\S+:\d{1,5}$")
    draft_days: int = Field(default=30, gt=0)
    delivery: Literal["on", "off"] = "on"
    delivery_poll_seconds: float = Field(default=1.0, ge=0.05, le=60)
    submission_days: int = Field(default=400, gt=0)
    holidays: Path | None = None
    graphiql: bool = True
    graphiql_client: str | None = None
    graphiql_examples: Path | None = None
    request_bytes: int = Field(default=256 << 10, gt=0)
    request_seconds: float = Field(default=10.0, gt=0)
    running_operations: int = Field(default=512, ge=2)
    waiting_operations: int = Field(default=512, ge=0)
    longest_wait: float = Field(default=1.0, gt=0)
    catalogue_max_age: int = Field(default=300, ge=0)
    connections: int = Field(default=4000, gt=0)
    drain_notice: float = Field(default=0.0, ge=0)
    trusted_documents: Path | None = None
    document_mode: Literal["open", "audit", "only"] = "open"
    allowed_hosts: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_names)] = ()
    cors_origins: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_names)] = ()
    introspection: bool = True
    log_level: Annotated[
        Literal["CRITICAL", "ERROR", "WARNING", "INFO", "DEBUG"], BeforeValidator(_upper)
    ] = "INFO"
    trusted_proxies: Annotated[
        tuple[IPv4Network | IPv6Network, ...], NoDecode, BeforeValidator(_names)
    ] = ()
    max_document_bytes: int = Field(default=64 << 10, gt=0)
    max_tokens: int = Field(default=2_000, gt=0)
    max_operations: int = Field(default=20, gt=0)
    max_fragments: int = Field(default=50, gt=0)
    max_depth: int = Field(default=20, gt=0, le=50)
    max_fields: int = Field(default=1_000, gt=0)
    max_root_fields: int = Field(default=200, gt=0)
    max_aliases: int = Field(default=200, ge=0)
    max_directives: int = Field(default=100, ge=0)
    max_variable_values: int = Field(default=1_000, ge=0)
    max_variable_depth: int = Field(default=8, ge=0)
    max_errors: int = Field(default=100, gt=0)
    max_cost: int = Field(default=50_000, gt=0)
    cost_per_minute: int = Field(default=500_000, gt=0)
    client_cost_per_minute: int = Field(default=10_000_000, gt=0)
    tries_per_reference: int = Field(default=10, gt=0)
    tries_per_caller: int = Field(default=30, gt=0)
    debug: bool = False
