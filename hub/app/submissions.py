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

DELIVERIES_FOR_EACH_CALL = 10
RECEIPT_SECONDS = 86_400
"""Time for which the address of a receipt is valid."""


def deliveries_at_once(limits: Limits) -> int:
    """Return how many deliveries to a department may run at once in this process.

    New ones are started once a second, so more may run than calls: they wait for a slot. But those
    that wait for the department's rate must get their turn before the deadline.
    """
    most = DELIVERIES_FOR_EACH_CALL * limits.concurrency
    if limits.rate is not None:
        in_time = limits.rate.calls / limits.rate.per * limits.deadline
        most = min(most, int(in_time / 2))
    return max(1, most)


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
    most = {file.department: deliveries_at_once(file.limits) for file in files if file.writes}
    options = WorkOptions(
        settings.delivery == "on", settings.delivery_poll_seconds, settings.submission_days
    )
    work = DurableWork(
        storage.store, storage.cipher, storage.signer, most, options, metrics.submissions
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
