"""What the submissions of all operations share."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from adapters.writes import Misfit, WriteCapability
from hub.access import AccessLog
from hub.access.policy import Policy
from hub.access.signed_addresses import AttachmentAddresses, ReceiptAddresses
from hub.durable.attachments.attachments import Attachments
from hub.durable.drafts import Drafts
from hub.durable.model import Submission
from hub.durable.submissions import Submissions
from hub.federation.catalogue import Catalogue
from hub.federation.directory import Directory
from hub.federation.gateway import DepartmentGateway
from hub.federation.registry import RegistryReader
from hub.link import DepartmentLink
from schema.ids import IdCipher


@dataclass(frozen=True, slots=True)
class SubmissionStores:
    """Where submissions and what belongs to them are stored.

    Attributes:
        submissions: accepts submissions.
        attachments: the documents that citizens uploaded.
        drafts: the forms that were not submitted yet.
        receipts: the addresses of receipts.
        files: the addresses of documents.
    """

    submissions: Submissions
    attachments: Attachments
    drafts: Drafts
    receipts: ReceiptAddresses
    files: AttachmentAddresses


@dataclass(frozen=True, slots=True)
class SubmissionServices:
    """What the submissions of all operations share.

    Attributes:
        stores: where they are stored.
        policy: who may submit what.
        directory: the departments.
        links: by department.
        catalogue: the services.
        registry: reads citizens and families.
        gateway: logs what is read.
        log: the access log.
        ids: encrypts ids.
        inform: informs the citizen about a submission, in the background.
    """

    stores: SubmissionStores
    policy: Policy
    directory: Directory
    links: Mapping[str, DepartmentLink]
    catalogue: Catalogue
    registry: RegistryReader
    gateway: DepartmentGateway
    log: AccessLog
    ids: IdCipher
    inform: Callable[[Submission], None]

    def offers(self, department: str, capability: WriteCapability) -> bool:
        """Return whether the department takes a kind of write through the hub."""
        manifest = self.directory.manifests.get(department)
        return manifest is not None and capability in manifest.file.writes

    def misfits(
        self,
        department: str,
        capability: WriteCapability,
        service: str | None,
        values: Mapping[str, object],
        facts: Mapping[str, object],
    ) -> Sequence[Misfit]:
        """Return the values that the department does not take as they are."""
        if not self.offers(department, capability):
            return ()
        return self.links[department].misfits(service or "", values, facts, capability)
