"""The port to an SMS gateway."""

import re
from dataclasses import dataclass, field
from typing import Protocol


class MessageNotSentError(Exception):
    """The gateway did not accept a message. The text contains nothing of the message.

    Attributes:
        is_temporary: whether the gateway fails, rather than refuses this message.
    """

    def __init__(self, reason: str, *, is_temporary: bool) -> None:
        super().__init__(reason)
        self.is_temporary = is_temporary


@dataclass(frozen=True, slots=True)
class Sms:
    """A message, in the form that India's operators deliver (TRAI, DLT).

    Attributes:
        message_id: a UUID, equal in all attempts, by which the gateway finds repetitions.
        telephone: the number in E.164 form.
        text: the text, equal to the registered template.
        language: `en` or `hi`.
        entity_id: registration of the sender.
        header: registered name of the sender.
        template_id: registration of the template.
    """

    message_id: str
    # Neither the number nor the code in the text may appear in a log or a traceback.
    telephone: str = field(repr=False)
    text: str = field(repr=False)
    language: str
    entity_id: str
    header: str
    template_id: str


class SmsGateway(Protocol):
    """Sends messages."""

    async def send(self, sms: Sms) -> None:
        """Hand a message over to the operator.

        Raises:
            MessageNotSentError: the gateway refused it, or failed repeatedly.
        """

    async def close(self) -> None: ...


def mobile_number(written: str | None) -> str | None:
    """Return a registered Indian mobile number in E.164 form; None if it is not one.

    Departments write ten digits, often with blanks, hyphens, `0` or `+91` before them.
    """
    digits = re.sub(r"[\s()./-]", "", written or "")
    # Landlines get no SMS. Most of them start with a lower digit.
    found = re.fullmatch(r"(?:\+91|0091|91|0)?([5-9][0-9]{9})", digits)
    return f"+91{found[1]}" if found is not None else None
