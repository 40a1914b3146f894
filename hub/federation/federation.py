"""Makes the ports for each operation."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from adapters.contract import Capability
from hub.access import AccessEntry, AccessLog
from hub.access.caller_tokens import CallerTokens
from hub.access.consent import Consents, Nominations, OneTimeCodes
from hub.access.policy import Action, Policy
from hub.access.signed_addresses import DocumentAddresses
from hub.durable.model import Submission
from hub.federation.access_log import BoundAccessLog
from hub.federation.administration import Administration, BoundAdministration
from hub.federation.attribution import Attribution
from hub.federation.bound_records import BoundRecords
from hub.federation.catalogue import Catalogue
from hub.federation.citizens import BoundCitizens, BoundFamilies
from hub.federation.conflicts import BoundConflicts
from hub.federation.consents import BoundConsents, ConsentServices
from hub.federation.crosswalk import Crosswalk
from hub.federation.delivery import DepartmentDelivery, StoredAttachments
from hub.federation.directory import Directory
from hub.federation.disclosure import AccessRules, Disclosure
from hub.federation.documents import BoundDocuments
from hub.federation.gateway import DepartmentGateway, PrincipalRequest
from hub.federation.hub_rows import APPLICATIONS, GRIEVANCES, SubmittedType
from hub.federation.records import BoundApplications, BoundCertificates, BoundGrievances
from hub.federation.registry import RegistryReader
from hub.federation.standing import Standings
from hub.federation.submission_messages import SubmissionMessages
from hub.federation.submissions import BoundSubmissions, SubmissionServices, SubmissionStores
from hub.federation.submitted_records import SubmittedRecords
from hub.link import DepartmentLink
from hub.notification import Notifier
from hub.store.pauses import Pauses
from schema.application import Application
from schema.benefit import Benefit
from schema.certificate import Certificate
from schema.grievance import Grievance
from schema.ids import IdCipher
from schema.sources import Sources
from schema.working_days import WorkingDays

CLOSE_SECONDS = 5.0


class Federation:
    """The departments of the hub. The hub has one instance."""

    def __init__(
        self,
        directory: Directory,
        links: Mapping[str, DepartmentLink],
        policy: Policy,
        consents: Consents,
        nominations: Nominations,
        notifier: Notifier,
        crosswalk: Crosswalk,
        pauses: Pauses,
        log: AccessLog,
        working_days: WorkingDays,
        ids: IdCipher,
        addresses: DocumentAddresses,
        stores: SubmissionStores | None = None,
    ) -> None:
        self._submissions = None if stores is None else stores.submissions
        self._notifier = notifier
        self._ids = ids
        self._addresses = addresses
        self._directory = directory
        self._links = links
        self._policy = policy
        self._log = log
        self._crosswalk = crosswalk
        self._attribution = Attribution(directory, crosswalk)
        self._gateway = DepartmentGateway(links, policy, self._attribution)
        self._registry = RegistryReader(directory, self._gateway, crosswalk)
        self.catalogue = Catalogue(directory, links, working_days, ids)
        self._rules = AccessRules(
            policy,
            consents,
            nominations,
            directory,
            crosswalk,
            self._registry,
            Standings(policy),
        )
        self._consents = ConsentServices(
            policy,
            consents,
            OneTimeCodes(consents),
            nominations,
            notifier,
            directory,
            self.catalogue,
            self._registry,
        )
        self._services: SubmissionServices | None = None
        if stores is not None:
            self._services = SubmissionServices(
                stores,
                policy,
                directory,
                links,
                self.catalogue,
                self._registry,
                self._gateway,
                log,
                ids,
                self._inform,
            )
        self._delivery: DepartmentDelivery | None = None
        self._informing: set[asyncio.Task[bool]] = set()
        self._administration = Administration(links, pauses, self._registry, crosswalk, policy, log)

    def bind(self, request: PrincipalRequest) -> Sources:
        """Return the ports for one operation."""
        disclosure = Disclosure(self._rules, request)
        request = disclosure.request
        shared = (self._directory, self._gateway, request, disclosure)
        families = BoundFamilies(self._registry, request, disclosure)
        applications = BoundApplications(
            Application,
            Capability.APPLICATIONS_BY_CITIZEN,
            *shared,
            self._submitted(APPLICATIONS, request, disclosure),
        )
        certificates = BoundCertificates(Certificate, Capability.CERTIFICATES_BY_CITIZEN, *shared)
        grievances = BoundGrievances(
            Grievance,
            Capability.GRIEVANCES_BY_CITIZEN,
            *shared,
            self._submitted(GRIEVANCES, request, disclosure),
        )
        return Sources(
            catalogue=self.catalogue,
            citizens=BoundCitizens(self._registry, *shared),
            families=families,
            applications=applications,
            benefits=BoundRecords(Benefit, Capability.BENEFITS_BY_CITIZEN, *shared),
            certificates=certificates,
            documents=BoundDocuments(self._addresses, *shared),
            grievances=grievances,
            conflicts=BoundConflicts(*shared),
            administration=BoundAdministration(self._administration, request),
            access_log=BoundAccessLog(
                self._log, disclosure, self._policy, self._registry, self._crosswalk
            ),
            consents=BoundConsents(self._consents, request, disclosure.relations),
            submissions=BoundSubmissions(
                self._services,
                request,
                disclosure,
                applications,
                certificates,
                grievances,
                families,
            ),
            ids=self._ids,
            own_member_identifier=disclosure.relations.own,
            sees_internals=disclosure.may(Action.SEE_INTERNALS),
        )

    def _submitted(
        self, form: SubmittedType[Any], request: PrincipalRequest, disclosure: Disclosure
    ) -> SubmittedRecords[Any] | None:
        if self._submissions is None:
            return None
        return SubmittedRecords(
            form, self._submissions, self._directory, self._gateway, request, disclosure
        )

    def delivery(
        self, attachments: StoredAttachments, tokens: CallerTokens, *, is_logged: bool
    ) -> DepartmentDelivery:
        """Return what sends submissions to departments.

        Args:
            attachments: the documents of submissions.
            tokens: makes tokens that name the caller.
            is_logged: whether accesses are written to the access log.
        """
        assert self._submissions is not None, "there are no submissions to deliver"
        self._delivery = DepartmentDelivery(
            self._directory,
            self._gateway,
            self._registry,
            self._attribution,
            self._submissions,
            attachments,
            SubmissionMessages(self._notifier, self._registry, self.catalogue),
            tokens,
            self._log if is_logged else None,
        )
        return self._delivery

    def _inform(self, submission: Submission) -> None:
        """Inform the citizen about a submission, in the background."""
        if self._delivery is not None:
            task = asyncio.create_task(self._delivery.notify(submission))
            self._informing.add(task)
            task.add_done_callback(self._informing.discard)

    def attributed(self, entries: Sequence[AccessEntry]) -> list[AccessEntry]:
        """Return an operation's entries for the access log, when all that it read is known."""
        return self._attribution.completed(entries)

    async def open(self) -> None:
        """Close the departments that were paused in the last process, and open all links."""
        await self._administration.restore()
        for link in self._links.values():
            await link.open()

    async def close(self) -> None:
        """Close all links. Messages that are being sent get some seconds."""
        if self._informing:
            await asyncio.wait(set(self._informing), timeout=CLOSE_SECONDS)
        for link in self._links.values():
            await link.close()
