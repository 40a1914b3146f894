"""Operations that fill in the fields of submissions, drafts, documents and problems."""

import time
from collections.abc import Iterator, Mapping
from typing import Any

from graphql import GraphQLSchema

from tests.portal.filled_fields import select_all
from tests.support.ids import global_id
from tests.support.processes import ADMIN_TOKEN, Hub, Mock
from tests.support.submitting import LABOUR_DOCUMENTS, LABOUR_FORM, Submitter, new_key, values

SECONDS = 30.0
PAUSE = 'mutation { pauseDepartment(input: {department: "labour"}) { __typename } }'


class _Filling:
    """Submits as an administrator, who also sees the internals.

    The policy of tests allows that.
    """

    def __init__(self, hub: Hub, schema: GraphQLSchema) -> None:
        self.person = Submitter(hub, ADMIN_TOKEN)
        self._schema = schema
        types = schema.get_possible_types(schema.type_map["Problem"])  # type: ignore[arg-type]
        each_type = (f"... on {each.name} {self.all_of(each.name)}" for each in types)
        self.problems = f"problems {{ __typename {' '.join(each_type)} }}"
        self.submission = f"submission {self.all_of('Submission')}"

    def all_of(self, type_name: str, nodes: int = 1) -> str:
        return select_all(self._schema, type_name, nodes)

    def submit(self, mutation: str, **given: Any) -> dict[str, Any]:
        given.setdefault("idempotencyKey", new_key())
        return self.run(
            f"mutation ($input: {mutation[0].upper()}{mutation[1:]}Input!) {{ {mutation}("
            f"input: $input) {{ {self.submission} {self.problems} }} }}",
            input=given,
        )

    def run(self, document: str, **variables: Any) -> dict[str, Any]:
        response = self.person.run(document, **variables)
        assert response.get("data"), response
        found: dict[str, Any] = response["data"]
        return found

    def until(self, submitted: Mapping[str, Any], field: str) -> dict[str, Any]:
        """Return a submission as soon as a field of it has a value."""
        (payload,) = submitted.values()
        number = payload["submission"]["receiptNumber"]
        document = (
            f"query ($n: String!) {{ submission(receiptNumber: $n) {self.all_of('Submission')} }}"
        )
        deadline = time.monotonic() + SECONDS
        while not (found := self.run(document, n=number))["submission"][field]:
            assert time.monotonic() < deadline, found
            time.sleep(0.1)
        return found


def submissions(mocks: Mapping[str, Mock], schema: GraphQLSchema) -> Iterator[Any]:
    """Yield the data of operations that submit something, and of those that show it."""
    names = ("registry", "labour", "helpdesk")
    hub = Hub(
        {name: mocks[name] for name in names},
        HUB_DELIVERY_POLL_SECONDS="0.3",
        HUB_MAX_FIELDS="10000",
        HUB_MAX_COST="1000000",
    )
    try:
        yield from _answers(hub, _Filling(hub, schema))
    finally:
        hub.stop()
        # Other tests compare the citizen's lists with files.
        for name in ("labour", "helpdesk"):
            mocks[name].clear()


def _answers(hub: Hub, filling: _Filling) -> Iterator[Any]:
    person = filling.person
    attachments = [person.attachment(evidence=each) for each in LABOUR_DOCUMENTS]
    form = [*values({"days_worked": "1"}), {"code": "trade", "values": ["MASON"]}]
    given: dict[str, Any] = {"citizen": person.key, "service": "LAB-BOC", "attributes": form}
    yield filling.run(
        "mutation ($input: SaveDraftInput!) { saveDraft(input: $input) "
        f"{{ draft {filling.all_of('Draft')} }} }}",
        input={**given, "documents": attachments, "idempotencyKey": new_key()},
    )
    unknown = global_id("Attachment", "0" * 32)
    yield filling.submit("submitApplication", **given, documents=[unknown])
    complete = person.labour_application(attachments, confirmDuplicate=True)
    submitted = filling.submit("submitApplication", **complete)
    yield filling.until(submitted, "applicationReferenceNumber")
    yield filling.submit("submitApplication", **complete | {"attributes": []})
    yield filling.submit("submitApplication", **given)
    number = submitted["submitApplication"]["submission"]["receiptNumber"]
    yield filling.submit("fileAppeal", application=number, level="FIRST", grounds="Late")
    yield filling.submit("respondToQuery", application=number, answer="Here it is")
    complaint = {"citizen": person.key, "category": "GRV-PEN"}
    yield filling.submit("fileGrievance", **complaint, text="")
    sent = filling.submit("fileGrievance", **complaint, text="No pension since May")
    yield filling.until(sent, "registrationNumber")
    yield filling.run(
        "query ($number: String!) { citizen(by: {memberIdentifier: $number}) "
        f"{filling.all_of('Citizen', 2)} }}",
        number=person.citizen,
    )
    yield filling.run(
        'query ($number: String!) { trackApplication(reference: $number, phoneLast4: "0123") '
        f"{filling.all_of('TrackedApplication')} }}",
        number=number,
    )
    hub.administrate(PAUSE)
    waiting = filling.submit(
        "submitApplication",
        **person.labour_application(attributes=values(LABOUR_FORM), confirmDuplicate=True),
    )
    yield filling.until(waiting, "nextAttemptDatetime")
