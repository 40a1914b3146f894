"""Shows who may read a record: the same query by different people, and the access log."""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
from rich.table import Table

from mocks.lab.console import LabError, out
from mocks.lab.hub_client import document_named, query_hub
from mocks.lab.mock_processes import MockAddress
from mocks.lab.sign_in import Tokens

CITIZEN = "citizen:7KNL042101"
OPERATOR = "operator:karnal-saral"
OTHER_OFFICER = "officer:scholarships:Karnal"
OWN_OFFICER = "officer:pensions:Karnal"
ASSISTANCE = "ASSISTED_APPLICATION"
PROCESSING = "APPLICATION_PROCESSING"
SEND_CODE = """mutation SendCode($id: ID!) {
  sendOneTimeCode(consentRequestId: $id, lang: EN) { codeExpiryDatetime }
}"""
CONFIRM = """mutation Confirm($input: ConfirmConsentInput!) {
  confirmConsent(input: $input) { expiryDatetime }
}"""
BY_REFERENCE = "application"
MESSAGE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Attempt:
    """One person's query in the tour.

    Attributes:
        title: who sends the query, for the table.
        login: the person.
        purpose: code of the purpose; None to state none.
        query: name of the query.
    """

    title: str
    login: str
    purpose: str | None = None
    query: str = "assisted"


class AccessTour:
    """The tour through a running demo.

    Args:
        hub_url: GraphQL URL of the hub, which has the built-in policy.
        mocks: the running mocks.
        variables: the demo's family.
    """

    def __init__(
        self, hub_url: str, mocks: Mapping[str, MockAddress], variables: Mapping[str, str]
    ) -> None:
        self._hub_url = hub_url
        self._mocks = mocks
        self._variables = dict(variables)
        self._tokens = Tokens(mocks["identity"].url)
        self._differences: list[str] = []
        self._table = Table("who, for what", "sees", show_lines=True)

    def run(self) -> list[str]:
        """Send the queries and print what each person sees.

        Returns:
            One sentence for each difference from what the policy promises.

        Raises:
            LabError: the hub or a mock does not respond.
        """
        own = self._send(Attempt("the citizen", CITIZEN))
        self._expect("the citizen sees a record", _record(own) is not None)
        calls = self._calls()
        refused = self._send(Attempt("an operator without consent", OPERATOR, ASSISTANCE))
        self._expect("an operator needs consent", _code(refused) == "CONSENT_REQUIRED")
        self._expect("no department is called without consent", self._calls() == calls)
        if _code(refused) == "CONSENT_REQUIRED":
            self._consent(refused["errors"][0]["extensions"]["consentRequestId"])
            assisted = self._send(Attempt("the operator with consent", OPERATOR, ASSISTANCE))
            self._expect(
                "the operator sees the citizen's record with consent",
                _record(assisted) == _record(own),
            )
        other = self._send(Attempt("an officer of another department", OTHER_OFFICER, PROCESSING))
        self._expect("another department's officer finds nobody", _code(other) == "NOT_FOUND")
        hidden = self._send(
            Attempt(
                "the same, an application by its reference", OTHER_OFFICER, PROCESSING, BY_REFERENCE
            )
        )
        self._expect(
            "another department's officer finds no application", _code(hidden) == "NOT_FOUND"
        )
        shown = self._send(
            Attempt("an officer of its department", OWN_OFFICER, PROCESSING, BY_REFERENCE)
        )
        self._expect(
            "the department's officer sees the application, and a masked telephone",
            _phone(shown).startswith("XXXXXX"),
        )
        out.print(self._table)
        self._show_log()
        return self._differences

    def _send(self, attempt: Attempt) -> dict[str, Any]:
        response = self._query(document_named(attempt.query), attempt.login, attempt.purpose)
        who = f"{attempt.title}\n{attempt.purpose}" if attempt.purpose else attempt.title
        self._table.add_row(who, _summary(response))
        return response

    def _query(
        self,
        document: str,
        login: str,
        purpose: str | None = None,
        variables: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        return query_hub(
            self._hub_url,
            document,
            dict(variables or self._variables),
            token=self._tokens.of(login),
            purpose=purpose,
        )

    def _consent(self, request: str) -> None:
        """Let the citizen read the operator the code from the message."""
        earlier = {each["messageId"] for each in self._messages()}
        self._query(SEND_CODE, OPERATOR, ASSISTANCE, {"id": request})
        until = time.monotonic() + MESSAGE_SECONDS
        while not (new := [m for m in self._messages() if m["messageId"] not in earlier]):
            if time.monotonic() > until:
                raise LabError("the hub did not send the one-time code.")
            time.sleep(0.1)
        text = new[0]["text"]
        code = re.search(r"\b\d{6}\b", text)
        given = {"requestId": request, "code": code[0] if code is not None else ""}
        confirmed = self._query(CONFIRM, OPERATOR, ASSISTANCE, {"input": given})
        self._expect("the code confirms the consent", "errors" not in confirmed)
        self._table.add_row("the citizen's telephone", text)

    def _messages(self) -> list[dict[str, str]]:
        return list(_get(f"{self._mocks['sms'].url}/messages")["messages"])

    def _calls(self) -> int:
        return sum(
            _get(f"{self._mocks[name].control}/calls")["total"]
            for name in ("registry", "pensions", "certificates", "food", "power")
        )

    def _show_log(self) -> None:
        response = self._query(document_named("log"), CITIZEN)
        records = ((response.get("data") or {}).get("accessLog") or {}).get("nodes", [])
        table = Table("time", "who", "read at", "for what", "allowed by", show_lines=True)
        operations: dict[str, list[dict[str, Any]]] = {}
        for each in records:
            if not each["isOwn"]:
                operations.setdefault(each["correlationId"], []).append(each)
        for calls in operations.values():
            one = calls[0]
            place = one["centre"] or one["officeIdentifier"] or one["portal"]
            table.add_row(
                one["calledDatetime"][11:19],
                f"{one['roleLabel']} ({place})" if place else one["roleLabel"],
                ", ".join(sorted({each["departmentIdentifier"] for each in calls})),
                one["purposeTitle"],
                ", ".join(sorted({each["accessBasis"] for each in calls if each["accessBasis"]})),
            )
        out.print("The citizen's access log, without the citizen's own accesses:", highlight=False)
        out.print(table)
        by_consent = [each for each in records if each["accessBasis"] == "CONSENT"]
        self._expect(
            "the access log shows the operator's centre and the consent",
            any(
                each["centre"] == "karnal-saral" and each["consentIdentifier"]
                for each in by_consent
            ),
        )
        self._expect(
            "the access log shows the officer",
            any(each["officeIdentifier"] == "pensions" for each in records),
        )

    def _expect(self, promise: str, is_kept: bool) -> None:
        if not is_kept:
            self._differences.append(f"not so: {promise}")


def _get(url: str) -> dict[str, Any]:
    try:
        found: dict[str, Any] = httpx.get(url, trust_env=False).json()
    except (httpx.HTTPError, ValueError) as error:
        raise LabError(f"{url} did not respond: {error}") from None
    return found


def _code(response: Mapping[str, Any]) -> str | None:
    """Return the code of the first error."""
    errors = response.get("errors") or [{}]
    code: str | None = errors[0].get("extensions", {}).get("code")
    return code


def _record(response: Mapping[str, Any]) -> Any:
    return (response.get("data") or {}).get("citizen")


def _phone(response: Mapping[str, Any]) -> str:
    application = (response.get("data") or {}).get("application") or {}
    return str((application.get("applicant") or {}).get("phoneNumber"))


def _summary(response: Mapping[str, Any]) -> str:
    """Return what a response shows, in one or two lines."""
    if response.get("errors"):
        error = response["errors"][0]
        return f"{_code(response)}: {error['message']}"
    data = response["data"]
    if "application" in data:
        application = data["application"]
        person = application["applicant"]
        return (
            f"the application ({application['applicationStatus']}) of "
            f"{person['personName']['fullName']}, telephone {person['phoneNumber']}"
        )
    citizen = data["citizen"]
    applications, benefits = citizen["applications"]["nodes"], citizen["benefits"]["nodes"]
    return (
        f"{citizen['personName']['fullName']}, born {citizen['birthDate']}, telephone "
        f"{citizen['phoneNumber']}, applications: {len(applications)}, benefits: {len(benefits)}"
    )
