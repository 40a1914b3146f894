"""Composition root: creates the hub's parts from the settings and connects them."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import SecretStr
from starlette.applications import Starlette

from adapters.adapter import ManifestAdapter
from adapters.assembly import assemble, build_adapter
from adapters.contract import CallContext
from adapters.manifest import Manifest, find_departments, load_department
from hub import access
from hub.access import AccessEntry, AccessLog, Caller, Role, SignIn
from hub.access.caller_tokens import CallerTokens
from hub.access.consent.events import CORRELATION_ID
from hub.access.consent.opening import open_consents
from hub.access.consent.retention import ConsentRetention
from hub.access.document_addresses import DocumentAddresses
from hub.access.keys import content_cipher, id_cipher
from hub.access.log import Act, LogOptions, default_spill, default_url
from hub.access.log.command_acts import CommandActs
from hub.access.policy import Policy, load_policy
from hub.access.sign_in import Issuer, Revocations, load_issuers
from hub.access.signing import signer_of
from hub.execution import Executor
from hub.execution.demand import Budgets, Limits, SharedBudgets
from hub.execution.trusted_documents import (
    DocumentMode,
    TrustedDocuments,
    read_trusted_documents,
)
from hub.federation import Directory, Federation
from hub.federation.crosswalk import Crosswalk
from hub.federation.gateway import PrincipalRequest
from hub.holidays import BUILT_IN, read_working_days
from hub.http import Admission, HubApplication, LoopLag
from hub.http.documents import DocumentEndpoint
from hub.http.graphql import GraphQLEndpoint, NewContext
from hub.http.origins import with_origins
from hub.http.query_page import EXAMPLES, PageSignIn, QueryPage
from hub.http.requested_documents import RequestedDocuments
from hub.http.trusted_proxies import behind_proxies
from hub.link import DepartmentLink
from hub.link.cache import CopyStore
from hub.link.credential_reload import CredentialReload, CredentialReloads
from hub.notification import HttpSmsGateway, Notifier, read_messages
from hub.notification.messages import BUILT_IN as BUILT_IN_MESSAGES
from hub.observe import Metrics
from hub.production import check_production, unknown_variables
from hub.settings import Settings
from hub.store import open_store
from hub.store.configuration import note_configuration
from hub.store.kept_files import KeptFiles
from hub.store.pauses import Pauses
from schema.context import RequestContext
from schema.contract import build_schema
from schema.needed_fields import NeededFields
from schema.sources import Sources

POLICY_OFF = Path(access.__file__).with_name("policy_off.yaml")

NewCopies = Callable[[str], CopyStore | None]


async def open_app(settings: Settings) -> HubApplication:
    """Create the ASGI application. Call this in the event loop that will serve it.

    Raises:
        ManifestError: manifests have errors; it lists those of all manifests.
        PolicyError: the policy file has mistakes.
        StoreError: the database cannot be used.
        ExamplesError: the examples of GraphiQL cannot be read.
        ProductionError: `HUB_ENV` is `production` and the settings fit a demo only.
        IssuersError: the issuers file cannot be used.
        HolidaysError: the file of holidays cannot be used.
        MessagesError: the file of messages cannot be used.
        WeakKeyError: the key of the access log or of ids is too short.
        SharedCopiesError: the shared cache cannot be used.
        TrustedDocumentsError: the trusted documents cannot be read.
    """
    folders = find_departments(settings.departments, settings.only_departments)
    new_copies = shared_copies(settings)
    policy = _policy(settings)
    issuers = load_issuers(settings.issuers) if settings.issuers else ()
    page = _query_page(settings, issuers) if settings.graphiql else None
    working_days = read_working_days(settings.holidays or BUILT_IN)
    trusted = _trusted_documents(settings)
    if settings.env == "production":
        check_production(settings, issuers, policy, folders)
        for warning in unknown_variables(find_departments(settings.departments)):
            logging.getLogger(__name__).warning(warning)
    metrics = Metrics()
    notifier = _notifier(settings, policy, metrics)
    store = await open_store(settings.database_url)
    try:
        files = KeptFiles(store, await content_cipher(store, _secret(settings.data_key)))
        departments = assemble(folders, files)
        ids = await id_cipher(store, _secret(settings.id_keys))
        signer = await signer_of(store, _secret(settings.signing_key))
        await note_configuration(store, "policy", policy.digest, Act.CHANGE_POLICY)
        await note_configuration(store, "documents", trusted.digest, Act.CHANGE_DOCUMENTS)
        log = await _access_log(settings, metrics)
    except BaseException:
        await store.close()
        raise
    manifests = [manifest for manifest, _adapter in departments]
    links = {
        manifest.file.department: _link(adapter, manifest, metrics, new_copies)
        for manifest, adapter in departments
    }
    reloads = _credential_reloads(departments, links, files)
    crosswalk = Crosswalk(settings.crosswalk_entries, settings.crosswalk_hours * 3600)
    addresses = DocumentAddresses(ids, settings.document_seconds, settings.public_url)
    consents, nominations = open_consents(
        store, signer, ids, policy, log, metrics.consents, settings.public_url or "citizen-hub"
    )
    retention = ConsentRetention(consents, settings.consent_days)
    federation = Federation(
        Directory(manifests),
        links,
        policy,
        consents,
        nominations,
        notifier,
        crosswalk,
        Pauses(store),
        log,
        working_days,
        ids,
        addresses,
    )
    admission = Admission(
        settings.running_operations,
        settings.waiting_operations,
        settings.longest_wait,
        metrics.admission,
    )
    loop_lag = LoopLag(admission.tick)
    budgets = Budgets.configured(settings, metrics.demand.refused)
    shared_budgets = _shared_budgets(settings, budgets)
    revocations = Revocations(store, signer, metrics.sign_in)
    command_acts = CommandActs(store, log)
    revocations.on_change(command_acts.wake)
    sign_in = SignIn(
        issuers,
        metrics.sign_in,
        revocations,
        admin_token=_secret(settings.admin_token),
    )
    running = False

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        nonlocal running
        await revocations.open()
        await federation.open()
        reloads.start()
        log.start()
        command_acts.start()
        retention.start()
        loop_lag.start()
        if shared_budgets is not None:
            shared_budgets.start()
        running = True
        yield
        running = False
        loop_lag.stop()
        if shared_budgets is not None:
            await shared_budgets.stop()
        await sign_in.close()
        await revocations.close()
        await command_acts.close()
        await reloads.close()
        await retention.close()
        await notifier.close()
        await federation.close()
        await log.close()
        await store.close()

    executor = Executor(
        build_schema(),
        debug=settings.debug,
        introspection=settings.introspection,
        limits=Limits.configured(settings),
        metrics=metrics.demand,
    )
    tokens = CallerTokens(signer, settings.public_url or "citizen-hub", policy)
    new_context = _contexts(settings, federation, log, budgets, tokens)
    endpoint = GraphQLEndpoint(
        executor,
        sign_in,
        new_context,
        admission,
        metrics,
        settings.request_bytes,
        settings.catalogue_max_age,
        page,
        RequestedDocuments(trusted, DocumentMode(settings.document_mode), metrics.documents),
    )
    documents = DocumentEndpoint(addresses, sign_in, new_context, admission)
    return HubApplication(
        behind_proxies(
            with_origins(endpoint, settings.allowed_hosts, settings.cors_origins),
            settings.trusted_proxies,
        ),
        behind_proxies(documents, settings.trusted_proxies),
        lambda: running,
        metrics,
        lifespan,
        page,
        log,
        signer.jwks,
    )


def _query_page(settings: Settings, issuers: Sequence[Issuer]) -> QueryPage:
    client = settings.graphiql_client
    sign_in = PageSignIn(issuers[0].issuer, client) if client and issuers else None
    return QueryPage(settings.graphiql_examples or EXAMPLES, sign_in)


def _policy(settings: Settings) -> Policy:
    """Return the policy on personal data.

    Raises:
        PolicyError: the policy file has mistakes.
    """
    if settings.access == "off":
        message = "HUB_ACCESS is off: everybody may read everything. For benchmarks only."
        logging.getLogger(__name__).warning(message)
        return load_policy(POLICY_OFF)
    return load_policy(settings.policy)


class SharedCopiesError(Exception):
    """The shared cache cannot be used. The message shows the hub's operator what to correct."""


def shared_copies(settings: Settings) -> NewCopies:
    """Return a function that creates the shared cache of a department.

    The function returns None if no shared cache is configured.

    Raises:
        SharedCopiesError: the settings of the cache are wrong or the extra `valkey` is missing.
    """
    url, secret = settings.cache_url, settings.cache_key
    if url is None:
        return lambda _department: None
    if secret is None:
        raise SharedCopiesError(
            "HUB_CACHE_URL needs HUB_CACHE_KEY: set it to a long random secret."
        )
    try:
        from valkey.asyncio import Valkey

        from hub.link.shared_copies import SharedCopies

        client = Valkey.from_url(url)
    except ImportError:
        raise SharedCopiesError(
            "HUB_CACHE_URL needs the extra `valkey`: pip install 'citizen-hub[valkey]'."
        ) from None
    except ValueError as error:
        raise SharedCopiesError(f"HUB_CACHE_URL is invalid: {error}") from None
    key = secret.get_secret_value().encode()
    return lambda department: SharedCopies(client, department, key)


def _shared_budgets(settings: Settings, budgets: Budgets) -> SharedBudgets | None:
    url, secret = settings.cache_url, settings.cache_key
    if url is None or secret is None:
        return None
    from valkey.asyncio import Valkey

    return SharedBudgets(
        Valkey.from_url(url),
        secret.get_secret_value().encode(),
        {"cost": budgets.costs, "client": budgets.client_costs, "tries": budgets.tries},
    )


def _trusted_documents(settings: Settings) -> TrustedDocuments:
    path = settings.trusted_documents
    return TrustedDocuments(()) if path is None else read_trusted_documents(path)


def _notifier(settings: Settings, policy: Policy, metrics: Metrics) -> Notifier:
    path = settings.sms_messages or BUILT_IN_MESSAGES
    messages = read_messages(path)
    gateway = None
    if settings.sms_url is not None:
        messages.check_purposes([each.title for each in policy.purposes_of(Role.OPERATOR)], path)
        gateway = HttpSmsGateway(settings.sms_url, _secret(settings.sms_token))
    return Notifier(gateway, messages, metrics.consents.message)


def _link(
    adapter: ManifestAdapter, manifest: Manifest, metrics: Metrics, new_copies: NewCopies
) -> DepartmentLink:
    file = manifest.file
    return DepartmentLink(
        adapter,
        file.limits,
        metrics.department(file.department),
        windows=file.maintenance,
        copies=new_copies(file.department),
        zone=ZoneInfo(file.timezone),
    )


def _credential_reloads(
    departments: Iterable[tuple[Manifest, ManifestAdapter]],
    links: Mapping[str, DepartmentLink],
    files: KeptFiles,
) -> CredentialReloads:
    def reload_of(manifest: Manifest) -> CredentialReload:
        def build() -> ManifestAdapter:
            return build_adapter(load_department(manifest.folder), files)

        return CredentialReload(manifest, links[manifest.file.department], build)

    return CredentialReloads([reload_of(manifest) for manifest, _adapter in departments])


async def _access_log(settings: Settings, metrics: Metrics) -> AccessLog:
    url, options = access_log_options(settings)
    return await AccessLog.open(url, options, metrics.access_log)


def access_log_options(settings: Settings) -> tuple[str, LogOptions]:
    """Return the URL of the access log's database, and the log's options."""
    url = settings.access_log_url or default_url(settings.database_url)
    options = LogOptions(
        settings.access_log_spill or default_spill(url),
        settings.access_log_days,
        settings.access_log_required,
        _secret(settings.access_log_keys),
        _secret(settings.access_log_signing_key),
    )
    return url, options


def _secret(setting: SecretStr | None) -> str | None:
    return setting.get_secret_value() if setting is not None else None


def _contexts(
    settings: Settings,
    federation: Federation,
    log: AccessLog,
    budgets: Budgets,
    tokens: CallerTokens,
) -> NewContext:
    is_logged = settings.access == "on"

    def new_context(correlation_id: str, caller: Caller) -> RequestContext:
        deadline = asyncio.get_running_loop().time() + settings.request_deadline
        principal = caller.principal
        CORRELATION_ID.set(correlation_id)
        accesses: list[AccessEntry] = []

        def bind(needed: NeededFields) -> Sources:
            call = CallContext(
                correlation_id,
                deadline,
                needed,
                principal.scope,
                principal.caller,
                caller_token=tokens.of(principal, caller.purpose),
            )
            request = PrincipalRequest(
                principal,
                call,
                purpose=caller.purpose,
                address=caller.address,
                accesses=accesses,
            )
            return federation.bind(request)

        async def commit() -> None:
            if is_logged:
                await log.commit(federation.attributed(accesses))

        return RequestContext(correlation_id, bind, commit, budgets.of(caller))

    return new_context
