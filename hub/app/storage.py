"""What the hub opens in its databases: rows, keys and the access log."""

from dataclasses import dataclass
from typing import Self

from hub.access import AccessLog
from hub.access.keys import content_cipher, id_cipher
from hub.access.log import Act, options_of
from hub.access.signing import Signer, signer_of
from hub.app.configuration import Configuration
from hub.app.secret import secret_of
from hub.durable.attachments import Attachments
from hub.durable.attachments.opening import open_attachments
from hub.observe import Metrics
from hub.settings import Settings
from hub.store import Store, open_store
from hub.store.configuration import note_configuration
from hub.store.encryption import ContentCipher
from hub.store.kept_files import KeptFiles
from schema.ids import IdCipher


@dataclass(frozen=True, slots=True)
class Storage:
    """The open databases.

    Attributes:
        store: the hub's own tables.
        files: rows of delivered files.
        ids: encrypts ids and cursors.
        cipher: encrypts contents of rows.
        signer: signs and hides with the hub's keys.
        attachments: the documents that citizens upload.
        log: the access log.
    """

    store: Store
    files: KeptFiles
    ids: IdCipher
    cipher: ContentCipher
    signer: Signer
    attachments: Attachments
    log: AccessLog

    @classmethod
    async def open(cls, settings: Settings, configuration: Configuration, metrics: Metrics) -> Self:
        """Open the databases, and note in the access log if the configuration has changed.

        Raises:
            StoreError: a database cannot be used.
            WeakKeyError: a secret is too short, or does not fit the database.
        """
        store = await open_store(settings.database_url)
        try:
            cipher = await content_cipher(store, secret_of(settings.data_key))
            ids = await id_cipher(store, secret_of(settings.id_keys))
            signer = await signer_of(store, secret_of(settings.signing_key))
            attachments = await open_attachments(settings, store, cipher, signer)
            policy, trusted = configuration.policy, configuration.trusted
            await note_configuration(store, "policy", policy.digest, Act.CHANGE_POLICY)
            await note_configuration(store, "documents", trusted.digest, Act.CHANGE_DOCUMENTS)
            url, options = options_of(settings)
            log = await AccessLog.open(url, options, metrics.access_log)
        except BaseException:
            await store.close()
            raise
        return cls(store, KeptFiles(store, cipher), ids, cipher, signer, attachments, log)

    async def close(self) -> None:
        """Close the databases."""
        await self.log.close()
        await self.store.close()
