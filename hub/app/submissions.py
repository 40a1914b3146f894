"""Opens the durable work: submissions and their delivery."""

from collections.abc import Iterable

from adapters.adapter import ManifestAdapter
from adapters.manifest import Manifest
from hub.app.storage import Storage
from hub.durable.work import DurableWork, WorkOptions
from hub.settings import Settings


async def open_work(
    settings: Settings, storage: Storage, departments: Iterable[tuple[Manifest, ManifestAdapter]]
) -> DurableWork:
    """Open the durable work. Close the storage if that fails.

    Raises:
        StoreError: the tables of deliveries can't be created.
    """
    files = [manifest.file for manifest, _adapter in departments]
    calls = {file.department: file.limits.concurrency for file in files if file.writes}
    options = WorkOptions(
        settings.delivery == "on", settings.delivery_poll_seconds, settings.submission_days
    )
    work = DurableWork(storage.store, storage.cipher, storage.signer, calls, options)
    try:
        await work.open()
    except BaseException:
        await storage.close()
        raise
    return work
