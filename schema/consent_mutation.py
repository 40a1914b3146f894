"""Mutations about consents and nominations."""

import datetime as dt
from typing import Annotated

import strawberry
from strawberry import argument, field

from schema.batch import Info
from schema.consent import Consent, Nomination
from schema.errors import bad_input
from schema.keys import CitizenKeyInput
from schema.language import Language
from schema.node import local_id_in

MAX_DAYS = 365
MAX_DEPARTMENTS = 100

ConsentId = Annotated[strawberry.ID, argument(description="Id of the consent or request.")]
RequestId = Annotated[
    strawberry.ID, argument(description="Id of the request, from `requestConsent` or an error.")
]


@strawberry.input(description="The citizen, the purpose and the departments.")
class RequestConsentInput:
    citizen: CitizenKeyInput = field(description="The citizen.")
    purpose: str = field(description="Code of the purpose, from `purposes`.")
    departments: list[strawberry.ID] | None = field(
        default=None,
        description="Ids or identifiers of the departments that the data comes from. If null, all "
        "that the purpose covers.",
    )
    days: int | None = field(
        default=None,
        description=f"How many days the consent is to be valid, 1 to {MAX_DAYS}; 30 if null. "
        "Consents for operators are valid for 30 minutes.",
    )


@strawberry.type(description="Result of `requestConsent`.")
class RequestConsentPayload:
    consent_request_id: strawberry.ID = field(
        description="Id of the request. There is one open request for each caller, citizen and "
        "purpose. The result is the same if the citizen does not exist."
    )


@strawberry.type(description="Result of `sendOneTimeCode`.")
class SendOneTimeCodePayload:
    code_expiry_datetime: dt.datetime = field(description="When the code expires.")


@strawberry.input(description="The code that the citizen received.")
class ConfirmConsentInput:
    request_id: strawberry.ID = field(
        description="Id of the request, from `requestConsent` or an error."
    )
    code: str = field(description="The six digits in the message.")


@strawberry.type(description="Result of `confirmConsent`.")
class ConfirmConsentPayload:
    expiry_datetime: dt.datetime = field(description="When the consent expires.")
    artefact: str = field(description="The consent artefact, signed by the hub (JWS).")


@strawberry.type(description="Result of `grantConsent`, `refuseConsent` and `withdrawConsent`.")
class ConsentPayload:
    consent: Consent = field(description="The consent, with its new state.")


@strawberry.type(description="Result of `nominate` and `withdrawNomination`.")
class NominationPayload:
    nomination: Nomination = field(description="The nomination.")


@strawberry.type
class ConsentMutation:
    """Fields of `Mutation`."""

    @strawberry.mutation(
        description="Request a citizen's consent. The citizen sees the request in `consents`. "
        "Operators and officers only. Errors PURPOSE_NOT_ALLOWED, RATE_LIMITED."
    )
    async def request_consent(
        self,
        info: Info,
        input: Annotated[
            RequestConsentInput,
            argument(description="The citizen, the purpose and the departments."),
        ],
    ) -> RequestConsentPayload | None:
        sources = info.context.sources
        if input.days is not None and not 1 <= input.days <= MAX_DAYS:
            raise bad_input(f"`days` is {input.days}; it must be 1 to {MAX_DAYS}.")
        departments = None
        if input.departments is not None:
            if not 0 < len(input.departments) <= MAX_DEPARTMENTS:
                raise bad_input(f"`departments` must have 1 to {MAX_DEPARTMENTS} entries.")
            departments = [
                identifier
                for each in input.departments
                if (identifier := sources.catalogue.department_identifier(each)) is not None
            ]
        request_id = await sources.consents.request(
            input.citizen.number(sources.ids), input.purpose, departments, input.days
        )
        return RequestConsentPayload(consent_request_id=strawberry.ID(request_id))

    @strawberry.mutation(
        description="Send a one-time code to the citizen's registered telephone number. The result "
        "is the same if there is no such citizen or number. For operators, for their own requests. "
        "Errors MESSAGES_UNAVAILABLE, RATE_LIMITED, CONSENT_ENDED."
    )
    async def send_one_time_code(
        self,
        info: Info,
        consent_request_id: RequestId,
        lang: Annotated[Language, argument(description="Language of the message.")] = Language.HI,
    ) -> SendOneTimeCodePayload | None:
        expires = await info.context.sources.consents.send_code(consent_request_id, lang)
        return SendOneTimeCodePayload(code_expiry_datetime=expires)

    @strawberry.mutation(
        description="Give a citizen's consent with the code that the citizen received. The "
        "operator may then act on behalf of the citizen for 30 minutes, for this purpose. Errors "
        "CODE_REJECTED, RATE_LIMITED, CONSENT_ENDED."
    )
    async def confirm_consent(
        self,
        info: Info,
        input: Annotated[
            ConfirmConsentInput, argument(description="The code that the citizen received.")
        ],
    ) -> ConfirmConsentPayload | None:
        expires, artefact = await info.context.sources.consents.confirm(
            input.request_id, input.code
        )
        return ConfirmConsentPayload(expiry_datetime=expires, artefact=artefact)

    @strawberry.mutation(
        description="Grant a request: the consent is valid from then on. For the citizen, the "
        "guardian of a minor, or the nominee of a citizen who died. Error CONSENT_ENDED."
    )
    async def grant_consent(self, info: Info, consent_id: ConsentId) -> ConsentPayload | None:
        return ConsentPayload(consent=await info.context.sources.consents.grant(consent_id))

    @strawberry.mutation(
        description="Refuse a request for consent. Who may grant it may refuse it. Error "
        "CONSENT_ENDED."
    )
    async def refuse_consent(self, info: Info, consent_id: ConsentId) -> ConsentPayload | None:
        return ConsentPayload(consent=await info.context.sources.consents.refuse(consent_id))

    @strawberry.mutation(
        description="Withdraw a consent. From then on it is not valid. Who may grant it may "
        "withdraw it. Error CONSENT_ENDED."
    )
    async def withdraw_consent(self, info: Info, consent_id: ConsentId) -> ConsentPayload | None:
        return ConsentPayload(consent=await info.context.sources.consents.withdraw(consent_id))

    @strawberry.mutation(
        description="Name a person who may see the data of the citizen who is signed in, and "
        "decide about consents, after the citizen's death. The result is the same if there is no "
        "such person."
    )
    async def nominate(
        self,
        info: Info,
        nominee: Annotated[CitizenKeyInput, argument(description="The person.")],
    ) -> NominationPayload | None:
        sources = info.context.sources
        nomination = await sources.consents.nominate(nominee.number(sources.ids))
        return NominationPayload(nomination=nomination)

    @strawberry.mutation(description="Withdraw a nomination of the citizen who is signed in.")
    async def withdraw_nomination(
        self,
        info: Info,
        nomination_id: Annotated[strawberry.ID, argument(description="Id of the nomination.")],
    ) -> NominationPayload | None:
        sources = info.context.sources
        local_id = local_id_in(sources.ids, "Nomination", nomination_id)
        nomination = await sources.consents.withdraw_nomination(local_id)
        return NominationPayload(nomination=nomination)
