"""What the board receives: the mutation `apply`."""

from datetime import date
from typing import Any

from mocks.population.records import Application
from mocks.population.work_departments import LABOUR_WELFARE
from mocks.submissions import ApplicationDesk
from mocks.submissions.forms import document_problem, text_of, without_content

SERVICE = LABOUR_WELFARE.services[0]
SCHEMES = ("KND", "UNI", "CYC", "SEW")
WEDDING, FOR_SCHOOL = "KND", ("UNI", "CYC")

Problem = dict[str, str]


def apply(desk: ApplicationDesk, form: dict[str, Any]) -> tuple[Application | None, list[Problem]]:
    """Store an application, or return what is wrong with it.

    Args:
        form: the fields of `ApplyInput`.
    """
    owner = text_of(form, "lwbNo")
    worker = desk.citizen(owner, "" if owner else text_of(form, "memberId"))
    problems = list(_problems(form))
    if worker is None:
        problems.append(_problem("lwbNo", "The board does not know this worker"))
    if problems or worker is None:
        return None, problems
    documents = form.get("documents") or []
    fields = {
        **{name: value for name, value in form.items() if name != "documents"},
        "documents": list(map(without_content, documents)),
        "channel": text_of(form, "via"),
    }
    return desk.receive(form["hubRef"], SERVICE.code, owner, worker.member_id, fields), []


def _problems(form: dict[str, Any]) -> Any:
    if text_of(form, "service") != SERVICE.wire_code:
        yield _problem("service", "Unknown service")
    scheme = text_of(form, "scheme")
    if scheme not in SCHEMES:
        yield _problem("scheme", "Unknown scheme")
    if not text_of(form, "employer"):
        yield _problem("employer", "Name the shop or factory")
    if scheme in FOR_SCHOOL and not text_of(form, "school"):
        yield _problem("school", "Name the school")
    if scheme == WEDDING:
        try:
            date.fromisoformat(text_of(form, "weddingDate"))
        except ValueError:
            yield _problem("weddingDate", "Give the day of the wedding as yyyy-mm-dd")
    for document in form.get("documents") or []:
        wrong = document_problem(document)
        if wrong is not None:
            yield _problem("documents", wrong)


def _problem(field: str, message: str) -> Problem:
    return {"field": field, "message": message}
