"""Opens the durable work: submissions and their delivery."""

from collections.abc import Iterable

from adapters.adapter import ManifestAdapter
from adapters.manifest import Manifest
from adapters.manifest.limits import Limits
from hub.access.signed_addresses import AttachmentAddresses, ReceiptAddresses
from hub.app.storage import Storage
from hub.durable.drafts import Drafts
from hub.durable.submissions import Submissions
from hub.durable.work import DurableWork, WorkOptions
from hub.federation.submissions import SubmissionStores
from hub.observe import Metrics
from hub.settings import Settings

RECEIPT_SECONDS = 86_400
"""Time for which the address of a receipt is valid."""


def calls_at_once(limits: Limits) -> int:
    """Return how many deliveries may call a department at once.

    Each waits for the department's rate, and must get its turn before the deadline.
    """
    if limits.rate is None:
        return limits.concurrency
    in_time = limits.rate.calls / limits.rate.per * limits.deadline
    return max(1, min(limits.concurrency, int(in_time / 2)))


async def open_work(
    settings: Settings,
    storage: Storage,
    departments: Iterable[tuple[Manifest, ManifestAdapter]],
    metrics: Metrics,
) -> DurableWork:
    """Open the durable work. Close the storage if that fails.

    Raises:
        StoreError: the tables of deliveries can't be created.
    """
    files = [manifest.file for manifest, _adapter in departments]
    calls = {file.department: calls_at_once(file.limits) for file in files if file.writes}
    options = WorkOptions(
        settings.delivery == "on", settings.delivery_poll_seconds, settings.submission_days
    )
    work = DurableWork(
        storage.store, storage.cipher, storage.signer, calls, options, metrics.submissions
    )
    try:
        await work.open()
    except BaseException:
        await storage.close()
        raise
    return work


def submission_stores(
    settings: Settings, storage: Storage, submissions: Submissions, files: AttachmentAddresses
) -> SubmissionStores:
    """Return where submissions and what belongs to them are stored."""
    return SubmissionStores(
        submissions,
        storage.attachments,
        Drafts(storage.store, storage.cipher, storage.signer, settings.draft_days),
        ReceiptAddresses(storage.ids, RECEIPT_SECONDS, settings.public_url),
        files,
    )
