"""The models of `services.yaml`, and the schema's services."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from adapters.manifest.texts import TextModel, WrittenText, text_or_none
from adapters.mapping.rules import StrictModel
from adapters.units import Bytes
from schema.certificate import CertificateType
from schema.form import (
    AttributeCondition,
    AttributeOption,
    AttributeType,
    EvidenceGroup,
    EvidenceType,
    MemberField,
    ServiceAttribute,
)
from schema.person import Sex
from schema.scalars import MOST_PAISE, Paise
from schema.service import (
    Audience,
    Cost,
    CostKind,
    Eligibility,
    IncomeScope,
    LifeEvent,
    Money,
    ProcessingTimeUnit,
    Service,
    ServiceRequestType,
)
from schema.status import SubmissionChannel

Channel = Literal["PORTAL", "CSC", "KIOSK", "IVR"]
CODE_PATTERN = r"^[A-Za-z][A-Za-z0-9_]{0,39}$"
Code = Annotated[str, Field(pattern=CODE_PATTERN)]
MediaType = Annotated[str, Field(pattern=r"^[a-z]+/[a-z0-9.+-]+$")]


class CostModel(StrictModel):
    """Money that the citizen pays.

    Attributes:
        kind: a fee of the department, or what a centre charges for its help.
        amount: amount in paise.
        description: what it is for.
        channel: channel to which it applies; all channels by default.
    """

    kind: CostKind
    amount: int = Field(ge=0, le=MOST_PAISE)
    description: WrittenText
    channel: Channel | None = None


class ConditionModel(StrictModel):
    """A condition on the answer to a form field.

    Attributes:
        attribute: code of the field.
        equals: the answer that meets the condition.
        one_of: the answers that meet it.
    """

    attribute: str
    equals: str | None = None
    one_of: list[str] = []

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.equals is None) == (not self.one_of):
            raise ValueError("write either `equals` or `one_of`")
        return self

    @property
    def values(self) -> list[str]:
        return self.one_of if self.equals is None else [self.equals]


class EvidenceModel(StrictModel):
    """A document to submit with an application.

    Attributes:
        code: short name of the document, the same in every service that needs it.
        name: name of the document.
        description: what it must show.
        required: false if the applicant may leave it out.
        group: key of `document_groups`; one document of the group is enough.
        media_types: formats of the file.
        max_size: largest size of the file.
        satisfied_by: type of certificate that replaces it.
        visible_if: the document is needed only if this condition is met.
    """

    code: Code
    name: WrittenText
    description: WrittenText | None = None
    required: bool = True
    group: str | None = None
    media_types: list[MediaType] = Field(
        default=["application/pdf", "image/jpeg", "image/png"], min_length=1
    )
    max_size: Bytes = 2 << 20
    satisfied_by: CertificateType | None = None
    visible_if: ConditionModel | None = None


class OptionModel(StrictModel):
    """A value to choose from.

    Attributes:
        key: value that is sent to the department.
        name: text for the applicant.
    """

    key: Code
    name: WrittenText


class AttributeModel(StrictModel):
    """A field of the application form.

    Attributes:
        code: short name of the field.
        datatype: type of its value.
        required: whether the applicant must fill it in.
        variable: false if the form only shows the label.
        label: the question.
        help: how to fill it in.
        options: values to choose from, for lists.
        min, max: limits of a number.
        min_length, max_length: limits of a text, in characters.
        pattern: regular expression that the whole text must match.
        visible_if: the field is shown only if this condition is met.
        prefill_from: field of the citizen with which a portal fills it in.
    """

    code: Code
    datatype: AttributeType = AttributeType.STRING
    required: bool = False
    variable: bool = True
    label: WrittenText
    help: WrittenText | None = None
    options: list[OptionModel] = []
    min: float | None = None
    max: float | None = None
    min_length: int | None = Field(default=None, ge=0)
    max_length: int | None = Field(default=None, gt=0)
    pattern: str | None = None
    visible_if: ConditionModel | None = None
    prefill_from: MemberField | None = None


class EligibilityModel(StrictModel):
    """A condition for receiving the service.

    Attributes:
        text: the condition.
        min_age, max_age: age limits in years.
        sex: sex to which the condition and its age limits apply.
        max_yearly_income: largest yearly income, in paise.
        income_of: the people that have this income together.
    """

    text: WrittenText
    min_age: int | None = Field(default=None, ge=0, le=150)
    max_age: int | None = Field(default=None, ge=0, le=150)
    sex: Sex | None = None
    max_yearly_income: int | None = Field(default=None, ge=0, le=MOST_PAISE)
    income_of: IncomeScope | None = None


class OfficersModel(StrictModel):
    """The officers who are responsible under the Right to Service Act."""

    designated: WrittenText | None = None
    first_appeal: WrittenText | None = None
    second_appeal: WrittenText | None = None


class ServiceModel(StrictModel):
    """One service of `services.yaml`.

    Attributes:
        name: name of the service.
        description: what it is, in one or two sentences.
        produces: what the citizen receives.
        keywords: more words for searching, in any language and script.
        group: group that it belongs to; the English name is the same in all services of a group.
        life_events: events in life in which citizens need it.
        request_type: when the department issues the number of an application.
        eligibility: conditions for receiving it.
        document_groups: names of groups of documents, by key.
        documents: documents to submit.
        attributes: fields of the application form.
        processing_time: number of days.
        legal_basis: the law or notification.
        notified: whether the Right to Service Act applies to it.
        online: whether citizens can apply online.
    """

    name: WrittenText
    description: WrittenText
    produces: WrittenText
    keywords: list[str] = []
    group: WrittenText | None = None
    request_type: ServiceRequestType = ServiceRequestType.REALTIME
    audience: list[Audience] = [Audience.CITIZEN]
    life_events: list[LifeEvent] = []
    channels: list[Channel] = ["PORTAL", "CSC", "KIOSK"]
    eligibility: list[EligibilityModel] = []
    costs: list[CostModel] = []
    document_groups: dict[Code, WrittenText] = {}
    documents: list[EvidenceModel] = []
    attributes: list[AttributeModel] = []
    processing_time: int | None = Field(default=None, ge=0)
    processing_time_unit: ProcessingTimeUnit = ProcessingTimeUnit.WORKING
    officers: OfficersModel = OfficersModel()
    legal_basis: WrittenText | None = None
    notified: bool = True
    online: bool = True


class ServicesFile(StrictModel):
    """`services.yaml`.

    Attributes:
        services: services by code.
    """

    services: dict[str, ServiceModel] = {}


def service_of(code: str, model: ServiceModel, department: str, *, has_form: bool) -> Service:
    """Return the schema's service for an entry of `services.yaml`.

    Args:
        has_form: whether the manifest says how the department receives applications for it.
    """
    officers = model.officers
    return Service(
        code=code,
        name_text=model.name.text,
        description_text=model.description.text,
        keywords=model.keywords,
        group_text=text_or_none(model.group),
        request_type=model.request_type,
        audience=model.audience,
        life_events=model.life_events,
        channels=[SubmissionChannel[each] for each in model.channels],
        eligibility=[_eligibility_of(each) for each in model.eligibility],
        costs=[_cost_of(each) for each in model.costs],
        evidence=[_evidence_of(each, model.document_groups) for each in model.documents],
        attributes=[_attribute_of(n, each) for n, each in enumerate(model.attributes, start=1)],
        produces_text=model.produces.text,
        processing_time=model.processing_time,
        processing_time_unit=model.processing_time_unit,
        designated_officer_text=text_or_none(officers.designated),
        first_authority_text=text_or_none(officers.first_appeal),
        second_authority_text=text_or_none(officers.second_appeal),
        legal_basis_text=text_or_none(model.legal_basis),
        is_notified=model.notified,
        is_online=model.online,
        accepts_applications=model.online and has_form,
        department_identifier=department,
    )


def _cost_of(model: CostModel) -> Cost:
    return Cost(
        kind=model.kind,
        value=Money(amount=Paise(model.amount)),
        description_text=model.description.text,
        channel=SubmissionChannel[model.channel] if model.channel else None,
    )


def _eligibility_of(model: EligibilityModel) -> Eligibility:
    return Eligibility(
        condition_text=model.text.text,
        min_age=model.min_age,
        max_age=model.max_age,
        sex=model.sex,
        max_yearly_income=None
        if model.max_yearly_income is None
        else Money(amount=Paise(model.max_yearly_income)),
        income_of=model.income_of,
    )


def _evidence_of(model: EvidenceModel, groups: dict[str, TextModel]) -> EvidenceType:
    return EvidenceType(
        code=model.code,
        name_text=model.name.text,
        description_text=text_or_none(model.description),
        required=model.required,
        group=_group_of(model.group, groups),
        media_types=model.media_types,
        max_size_bytes=model.max_size,
        satisfied_by_certificate=model.satisfied_by,
        visible_if=_condition_of(model.visible_if),
    )


def _group_of(key: str | None, groups: dict[str, TextModel]) -> EvidenceGroup | None:
    # The checks of the file report a group that is missing.
    return EvidenceGroup(key=key, name_text=groups[key].text) if key in groups else None


def _condition_of(model: ConditionModel | None) -> AttributeCondition | None:
    if model is None:
        return None
    return AttributeCondition(attribute=model.attribute, one_of=model.values)


def _attribute_of(order: int, model: AttributeModel) -> ServiceAttribute:
    return ServiceAttribute(
        code=model.code,
        datatype=model.datatype,
        required=model.required,
        variable=model.variable,
        order=order,
        label_text=model.label.text,
        help_text=text_or_none(model.help),
        options=[AttributeOption(key=each.key, name_text=each.name.text) for each in model.options],
        min=model.min,
        max=model.max,
        min_length=model.min_length,
        max_length=model.max_length,
        pattern=model.pattern,
        visible_if=_condition_of(model.visible_if),
        prefill_from=model.prefill_from,
    )
