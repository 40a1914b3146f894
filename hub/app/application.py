"""Composition root: creates the hub's parts from the settings and connects them."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from starlette.applications import Starlette

from adapters.assembly import assemble
from hub.access import SignIn
from hub.access.caller_tokens import CallerTokens
from hub.access.consent.opening import open_consents
from hub.access.consent.retention import ConsentRetention
from hub.access.log.command_acts import CommandActs
from hub.access.sign_in import Revocations
from hub.access.signed_addresses import AttachmentAddresses, DocumentAddresses, ReceiptAddresses
from hub.app.configuration import read_configuration
from hub.app.contexts import new_contexts
from hub.app.departments import credential_reloads, links_of
from hub.app.secret import secret_of
from hub.app.shared_cache import shared_budgets
from hub.app.storage import Storage
from hub.app.submissions import open_work, submission_stores
from hub.durable.attachments import AttachmentSweep
from hub.execution import Executor
from hub.execution.demand import Budgets, Limits
from hub.execution.trusted_documents import DocumentMode
from hub.federation import Directory, Federation
from hub.federation.crosswalk import Crosswalk
from hub.http import Admission, HubApplication, LoopLag
from hub.http.attachments import AttachmentEndpoint
from hub.http.documents import DocumentEndpoint
from hub.http.graphql import GraphQLEndpoint
from hub.http.origins import with_origins
from hub.http.receipts import ReceiptEndpoint
from hub.http.requested_documents import RequestedDocuments
from hub.http.trusted_proxies import behind_proxies
from hub.http.uploads import Uploads
from hub.observe import Metrics
from hub.pages.receipt import Receipts
from hub.settings import Settings
from hub.store.pauses import Pauses
from schema.contract import build_schema

HUB_NAME = "citizen-hub"
"""Name of the hub in what it signs, if it has no public URL."""


async def open_app(settings: Settings) -> HubApplication:
    """Create the ASGI application. Call this in the event loop that will serve it.

    Raises:
        ManifestError: manifests have errors; it lists those of all manifests.
        StoreError: a database cannot be used.
        WeakKeyError: a secret is too short, or does not fit the database.
        Exception: a file cannot be used, see `read_configuration`.
    """
    metrics = Metrics()
    configuration = read_configuration(settings, metrics)
    storage = await Storage.open(settings, configuration, metrics)
    policy, log, signer = configuration.policy, storage.log, storage.signer
    try:
        departments = assemble(configuration.folders, storage.files)
    except BaseException:
        await storage.close()
        raise
    links = links_of(departments, metrics, configuration.new_copies)
    reloads = credential_reloads(departments, links, storage.files)
    in_addresses = (storage.ids, settings.document_seconds, settings.public_url)
    addresses = DocumentAddresses(*in_addresses)
    attachment_addresses = AttachmentAddresses(*in_addresses)
    attachments = storage.attachments
    name = settings.public_url or HUB_NAME
    work = await open_work(settings, storage, departments, metrics)
    consents, nominations = open_consents(
        storage.store, signer, storage.ids, policy, log, metrics.consents, name
    )
    retention = ConsentRetention(consents, settings.consent_days)
    stores = submission_stores(settings, storage, work.submissions, attachment_addresses)
    federation = Federation(
        Directory([manifest for manifest, _adapter in departments]),
        links,
        policy,
        consents,
        nominations,
        configuration.notifier,
        Crosswalk(settings.crosswalk_entries, settings.crosswalk_hours * 3600),
        Pauses(storage.store),
        log,
        configuration.working_days,
        storage.ids,
        addresses,
        stores,
    )
    admission = Admission(
        settings.running_operations,
        settings.waiting_operations,
        settings.longest_wait,
        metrics.admission,
    )
    loop_lag = LoopLag(admission.tick)
    budgets = Budgets.configured(settings, metrics.demand.refused)
    between_replicas = shared_budgets(settings, budgets)
    revocations = Revocations(storage.store, signer, metrics.sign_in)
    command_acts = CommandActs(storage.store, log)
    revocations.on_change(command_acts.wake)
    sign_in = SignIn(
        configuration.issuers,
        metrics.sign_in,
        revocations,
        admin_token=secret_of(settings.admin_token),
    )
    tokens = CallerTokens(signer, name, policy)
    delivery = federation.delivery(attachments, tokens, is_logged=settings.access == "on")
    running = False

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        """Start the parts that work in the background, and stop them in the opposite order."""
        nonlocal running
        async with AsyncExitStack() as stack:
            stack.push_async_callback(storage.store.close)
            stack.push_async_callback(log.close)
            stack.push_async_callback(configuration.notifier.close)
            stack.push_async_callback(federation.close)
            await revocations.open()
            stack.push_async_callback(revocations.close)
            stack.push_async_callback(sign_in.close)
            await federation.open()
            log.start()
            stack.push_async_callback(work.close)
            await work.start(delivery, command_acts.wake)
            for part in (reloads, command_acts, retention, AttachmentSweep(attachments)):
                part.start()
                stack.push_async_callback(part.close)
            if between_replicas is not None:
                between_replicas.start()
                stack.push_async_callback(between_replicas.stop)
            loop_lag.start()
            stack.callback(loop_lag.stop)
            running = True
            try:
                yield
            finally:
                running = False

    executor = Executor(
        build_schema(),
        debug=settings.debug,
        introspection=settings.introspection,
        limits=Limits.configured(settings),
        metrics=metrics.demand,
    )
    new_context = new_contexts(settings, federation, log, budgets, tokens)
    mode = DocumentMode(settings.document_mode)
    endpoint = GraphQLEndpoint(
        executor,
        sign_in,
        new_context,
        admission,
        metrics,
        settings.request_bytes,
        settings.catalogue_max_age,
        configuration.page,
        RequestedDocuments(configuration.trusted, mode, metrics.documents),
        Uploads(attachments, settings.request_bytes, settings.attachments_per_request),
    )
    documents = DocumentEndpoint(addresses, sign_in, new_context, admission)
    uploaded = AttachmentEndpoint(attachment_addresses, attachments, admission)
    read_receipts = Receipts(work.submissions, attachments, federation.catalogue)
    receipts = ReceiptEndpoint(stores.receipts, read_receipts, admission)
    return HubApplication(
        behind_proxies(
            with_origins(endpoint, settings.allowed_hosts, settings.cors_origins),
            settings.trusted_proxies,
        ),
        {
            prefix: behind_proxies(files, settings.trusted_proxies)
            for prefix, files in (
                (DocumentAddresses.PATH, documents),
                (AttachmentAddresses.PATH, uploaded),
                (ReceiptAddresses.PATH, receipts),
            )
        },
        lambda: running,
        metrics,
        lifespan,
        configuration.page,
        log,
        signer.jwks,
    )
