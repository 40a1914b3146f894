"""The SOAP operations of the pensions department."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from mocks.faults.pages import page_size, rows_sent
from mocks.pensions.dataset import dataset
from mocks.pensions.soap import NAMESPACE, SoapFaultError
from mocks.pensions.submissions import PensionSubmissions
from mocks.pensions.wire_format import application_element
from mocks.population import Population
from mocks.population.clock import parse_day
from mocks.population.records import Application, Benefit
from mocks.population.services import PENSIONS, Status
from mocks.submissions import ApplicationDesk, Intake

BATCH_LIMIT = 50
KEPT_ELEMENTS = 20_000
"""Size of the cache of Application elements."""
MONTHLY_PAISE = 300_000
WRITES = frozenset({"SubmitApplication", "RespondToQuery"})


class PensionOperations:
    """Each operation takes the payload element and returns the content of the Result element.

    It raises SoapFaultError for too many numbers or an invalid date.
    """

    def __init__(self, population: Population, intake: Intake) -> None:
        self._citizens = citizens = population.by_member_id
        generated = population.pension_applications
        self._desk = ApplicationDesk(PENSIONS, generated, citizens, intake)
        self._pensions: defaultdict[str, list[Benefit]] = defaultdict(list)
        for pension in population.pensions:
            self._pensions[pension.owner].append(pension)
        submissions = PensionSubmissions(self._desk, intake)
        self._generated = by_number = {each.reference: each for each in generated}

        # The key is the number, because the hash of a whole application is slow.
        @lru_cache(KEPT_ELEMENTS)
        def element(number: str) -> str:
            application = by_number[number]
            return application_element(application, citizens[application.member_id])

        self._kept_element = element
        self.operations: dict[str, Callable[..., str]] = {
            "GetApplications": self.get_applications,
            "GetApplicationsByNumber": self.get_applications_by_number,
            "FindApplications": self.find_applications,
            "SearchApplications": self.search_applications,
            "GetPensions": self.get_pensions,
            "SubmitApplication": submissions.submit,
            "RespondToQuery": submissions.respond,
        }

    def _element(self, application: Application) -> str:
        if self._generated.get(application.reference) is application:
            return self._kept_element(application.reference)
        citizen = self._citizens[application.member_id]
        return application_element(application, citizen, self._desk.hub_reference(application))

    def get_applications(self, payload: Any) -> str:
        """Return all applications of the given beneficiaries."""
        return "".join(map(self._element, self._desk.of_owners(_numbers(payload))))

    def get_applications_by_number(self, payload: Any) -> str:
        """Return the applications with these numbers, without unknown ones."""
        return "".join(map(self._element, self._desk.by_references(_numbers(payload))))

    def find_applications(self, payload: Any) -> str:
        """Return the applications with these references of the sender, each copy."""
        return "".join(map(self._element, self._desk.find(_numbers(payload))))

    def search_applications(self, payload: Any, faults: frozenset[str] = frozenset()) -> str:
        """Return one page of the work list, newest first, after the number of matches.

        Args:
            faults: faults of this page, from `mocks.faults.pages.PAGE_FAULTS`.
        """
        codes = {
            (code.text or "").strip() for code in payload.iterfind(f".//{{{NAMESPACE}}}StatusCode")
        } - {""}
        found = self._desk.matching(codes, _from_date(_text(payload, "FromDate")))
        offset, limit = int(_text(payload, "Offset")), int(_text(payload, "Limit"))
        limit = page_size(limit, len(found), faults)
        page = rows_sent(found[offset : offset + limit], faults)
        elements = "".join(map(self._element, page))
        return f"<TotalCount>{len(found)}</TotalCount>{elements}"

    def get_pensions(self, payload: Any) -> str:
        """Return all pensions of the given beneficiaries, as a DataSet."""
        numbers = _numbers(payload)
        pensions = [each for number in numbers for each in self._pensions.get(number, ())]
        for application in self._desk.of_owners(numbers):
            is_paid = PENSIONS.status(application.status_code) is Status.DELIVERED
            if is_paid and self._desk.hub_reference(application):
                pensions.append(_pension_of(application))
        return dataset([(each, self._citizens[each.member_id]) for each in pensions])


def _pension_of(application: Application) -> Benefit:
    """Return the pension that began with a received application."""
    return Benefit(
        number=f"PN-{application.reference.rpartition('/')[2]}",
        owner=application.owner,
        member_id=application.member_id,
        service_code=application.service_code,
        amount_paise=MONTHLY_PAISE,
        sanctioned_on=application.updated_at.date(),
        status_code="A",
        status_changed_on=None,
        paid_on=None,
    )


def _numbers(payload: Any) -> Sequence[str]:
    # The payload is valid, so it holds one list of numbers.
    numbers = [(number.text or "").strip() for number in payload[0]]
    if len(numbers) > BATCH_LIMIT:
        raise SoapFaultError("E-LIMIT", f"At most {BATCH_LIMIT} numbers in one call.")
    return list(dict.fromkeys(numbers))


def _text(payload: Any, name: str) -> str:
    text: str | None = payload.findtext(f"{{{NAMESPACE}}}{name}")
    return (text or "").strip()


def _from_date(text: str) -> date | None:
    if not text:
        return None
    try:
        return parse_day(text, "%d/%m/%Y")
    except ValueError as error:
        raise SoapFaultError("E-DATE", f"{text} is not a day dd/mm/yyyy.") from error
