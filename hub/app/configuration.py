"""What the hub reads from files before it opens its database."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from adapters.manifest import find_departments
from hub import access
from hub.access import Role
from hub.access.policy import Policy, load_policy
from hub.access.sign_in import Issuer, load_issuers
from hub.app.secret import secret_of
from hub.app.shared_cache import NewCopies, shared_copies
from hub.execution.trusted_documents import TrustedDocuments, read_trusted_documents
from hub.holidays import BUILT_IN, read_working_days
from hub.http.query_page import EXAMPLES, PageSignIn, QueryPage
from hub.notification import HttpSmsGateway, Notifier, read_messages
from hub.notification.messages import BUILT_IN as BUILT_IN_MESSAGES
from hub.observe import Metrics
from hub.production import check_production, unknown_variables
from hub.settings import Settings
from schema.working_days import WorkingDays

log = logging.getLogger(__name__)

POLICY_OFF = Path(access.__file__).with_name("policy_off.yaml")


@dataclass(frozen=True, slots=True)
class Configuration:
    """The files that the settings name, read and checked.

    Attributes:
        folders: folders of the departments.
        policy: the policy on personal data.
        issuers: the issuers of access tokens.
        page: page for browsers; None if there is none.
        working_days: the working days of the state.
        trusted: the trusted documents.
        notifier: sends messages to citizens.
        new_copies: creates the shared cache of a department.
    """

    folders: Sequence[Path]
    policy: Policy
    issuers: Sequence[Issuer]
    page: QueryPage | None
    working_days: WorkingDays
    trusted: TrustedDocuments
    notifier: Notifier
    new_copies: NewCopies


def read_configuration(settings: Settings, metrics: Metrics) -> Configuration:
    """Read and check all files.

    Raises:
        ManifestError: there is no department, or not one that the settings name.
        PolicyError: the policy file has mistakes.
        ExamplesError: the examples of GraphiQL cannot be read.
        ProductionError: `HUB_ENV` is `production` and the settings fit a demo only.
        IssuersError: the issuers file cannot be used.
        HolidaysError: the file of holidays cannot be used.
        MessagesError: the file of messages cannot be used.
        SharedCopiesError: the shared cache cannot be used.
        TrustedDocumentsError: the trusted documents cannot be read.
    """
    folders = find_departments(settings.departments, settings.only_departments)
    policy = policy_of(settings)
    issuers = load_issuers(settings.issuers) if settings.issuers else ()
    documents = settings.trusted_documents
    configuration = Configuration(
        folders,
        policy,
        issuers,
        _query_page(settings, issuers) if settings.graphiql else None,
        read_working_days(settings.holidays or BUILT_IN),
        TrustedDocuments(()) if documents is None else read_trusted_documents(documents),
        _notifier(settings, policy, metrics),
        shared_copies(settings),
    )
    if settings.env == "production":
        check_production(settings, issuers, policy, folders)
        for warning in unknown_variables(find_departments(settings.departments)):
            log.warning(warning)
    return configuration


def policy_of(settings: Settings) -> Policy:
    """Return the policy on personal data.

    Raises:
        PolicyError: the policy file has mistakes.
    """
    if settings.access == "off":
        message = "HUB_ACCESS is off: everybody may read everything. For benchmarks only."
        log.warning(message)
        return load_policy(POLICY_OFF)
    return load_policy(settings.policy)


def _query_page(settings: Settings, issuers: Sequence[Issuer]) -> QueryPage:
    client = settings.graphiql_client
    sign_in = PageSignIn(issuers[0].issuer, client) if client and issuers else None
    return QueryPage(settings.graphiql_examples or EXAMPLES, sign_in)


def _notifier(settings: Settings, policy: Policy, metrics: Metrics) -> Notifier:
    path = settings.sms_messages or BUILT_IN_MESSAGES
    messages = read_messages(path)
    gateway = None
    if settings.sms_url is not None:
        messages.check_purposes([each.title for each in policy.purposes_of(Role.OPERATOR)], path)
        gateway = HttpSmsGateway(settings.sms_url, secret_of(settings.sms_token))
    return Notifier(gateway, messages, metrics.consents.message)
