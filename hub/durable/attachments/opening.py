"""Opens the attachments as the settings say."""

import datetime as dt
from pathlib import Path

from sqlalchemy import make_url

from hub.access.keys import stored_key
from hub.access.signing import Signer
from hub.durable.attachments.attachments import Attachments, Quota
from hub.durable.attachments.contents import Contents
from hub.durable.attachments.incoming import Incoming
from hub.durable.attachments.scanner import scanner_of
from hub.durable.attachments.table import AttachmentTable
from hub.settings import Settings
from hub.store import Store
from hub.store.encryption import ContentCipher

FOLDER = "citizen-hub-attachments"
OWNER_BYTES = 16


async def open_attachments(
    settings: Settings, store: Store, cipher: ContentCipher, signer: Signer
) -> Attachments:
    """Return the attachments.

    Raises:
        StoreError: `HUB_ATTACHMENTS_URL` cannot be used.
    """
    contents = Contents.open(settings.attachments_url or default_url(settings.database_url))
    key = cipher.derived_key(b"attachments")
    scanner = scanner_of(settings.clamd)
    quota = Quota(
        settings.attachments_per_hour,
        settings.attachment_bytes_per_hour,
        dt.timedelta(days=settings.draft_days),
    )
    incoming = Incoming(contents.incoming, key, settings.attachment_bytes, scanner)
    owner = (await stored_key(store, "attachments", OWNER_BYTES)).hex()
    table = AttachmentTable(store, cipher, signer)
    return Attachments(store, table, contents, incoming, quota, owner)


def default_url(database_url: str) -> str:
    """Return the URL of the folder beside the file of a SQLite database.

    For other databases, it is in the working directory.
    """
    url = make_url(database_url)
    is_file = url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:")
    beside = Path(str(url.database)).parent if is_file else Path()
    return (beside / FOLDER).absolute().as_uri()
