"""What a role may see for one purpose: decisions of the policy, made once and kept."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from hub.access.policy import Level, Policy, Relation, View
from hub.access.policy.attributes import attributes_of
from hub.access.principal import Role
from schema.codes import ErrorCode
from schema.errors import HubError
from schema.personal import FieldClass

SIGN_IN = "You may not read this. Sign in with a role that may."


class Standing:
    """What one role may see for one purpose.

    Attributes:
        purpose: code of the purpose; empty if there is none.
        legal_basis: why the law allows it without a consent; empty if nothing does.
        needs_consent: whether a person's consent shows more.
    """

    def __init__(self, policy: Policy, role: Role, purpose: str) -> None:
        self._policy = policy
        self._role = role
        self.purpose = purpose
        bases = (
            policy.decision(each, role, relation, purpose, in_list=False).legal_basis
            for relation in Relation
            if relation is not Relation.ON_BEHALF
            for each in FieldClass
        )
        self.legal_basis = next((str(each) for each in bases if each), "")
        self.needs_consent = bool(purpose) and policy.needs_consent(role, purpose)
        self._open: dict[type, bool] = {}
        self._views: dict[tuple[type, str, bool], View] = {}

    def is_open(self, record_type: type) -> bool:
        """Return whether everybody's records of a type are shown plain."""
        found = self._open.get(record_type)
        if found is None:
            found = self._open[record_type] = all(
                self.view(record_type, relation, in_list=in_list).is_plain
                for relation in Relation
                for in_list in (False, True)
            )
        return found

    def view(self, record_type: type, relation: Relation, *, in_list: bool) -> View:
        """Return the view of a record type."""
        # The hash of an enum's value takes a tenth of the time of the member's hash.
        key = record_type, relation._value_, in_list
        found = self._views.get(key)
        if found is None:
            found = self._views[key] = self._policy.view(
                record_type, self._role, relation, self.purpose, in_list=in_list
            )
        return found

    def sees(
        self,
        record_type: type,
        relation: Relation,
        attributes: Iterable[str],
        least: Level = Level.PLAIN,
    ) -> bool:
        """Return whether the role sees these attributes, one record at a time.

        Args:
            least: how much of each must be shown.
        """
        known = attributes_of(record_type)
        classes = {each for name in attributes for each in known[name].field_classes}
        # A record can be hidden although single attributes would be shown.
        if hasattr(record_type, "RECORD_CLASS"):
            classes.add(record_type.RECORD_CLASS)
        return all(
            self._policy.decision(each, self._role, relation, self.purpose, in_list=False).level
            >= least
            for each in classes
        )

    def check_arguments(
        self,
        record_type: type,
        relation: Relation,
        arguments: Mapping[str, Sequence[str]],
        least: Level = Level.PLAIN,
    ) -> None:
        """Refuse filters and orders that would show what the role does not see.

        Args:
            arguments: the attributes that each argument reads.
            least: how much of each must be shown.

        Raises:
            HubError: `FORBIDDEN`.
        """
        for name, attributes in arguments.items():
            if not self.sees(record_type, relation, attributes, least):
                message = f"You may not use `{name}`: you do not see the values that it reads."
                raise HubError(ErrorCode.FORBIDDEN, message)


@dataclass(frozen=True, slots=True)
class Standings:
    """The standings of all roles. The hub has one instance."""

    policy: Policy
    _stated: dict[tuple[str, str], Standing] = field(default_factory=dict)
    _known: dict[tuple[str, str], Standing] = field(default_factory=dict)

    def of(self, role: Role, purpose: str) -> Standing:
        """Return the standing of a role for one of the policy's purposes, or for none (empty)."""
        key = role._value_, purpose
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = Standing(self.policy, role, purpose)
        return found

    def stated(self, role: Role, purpose: str) -> Standing:
        """Return the standing of an operation.

        Args:
            purpose: code of the purpose that the client states; empty if it states none.

        Raises:
            HubError: `PURPOSE_REQUIRED`, `PURPOSE_NOT_ALLOWED`, or `FORBIDDEN`: the role has no
                purpose for which it may read.
        """
        found = self._stated.get((role._value_, purpose))
        if found is not None:
            return found
        allowed = [each.code for each in self.policy.purposes_of(role)]
        default = self.policy.default_purpose(role)
        if not purpose and default is not None:
            found = self.of(role, default.code)
        elif purpose in allowed:
            found = self.of(role, purpose)
        elif not allowed:
            raise HubError(ErrorCode.FORBIDDEN, SIGN_IN)
        else:
            raise _refusal(purpose, allowed)
        self._stated[role._value_, purpose] = found
        return found


def _refusal(purpose: str, allowed: Sequence[str]) -> HubError:
    codes = ", ".join(allowed)
    if purpose:
        message = f"Your role may not use this purpose. It may use: {codes}."
        return HubError(ErrorCode.PURPOSE_NOT_ALLOWED, message)
    message = f"State in the header `Hub-Purpose` what the data is used for: {codes}."
    return HubError(ErrorCode.PURPOSE_REQUIRED, message)
