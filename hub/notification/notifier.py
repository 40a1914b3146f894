"""Sends messages in the background, so that a response does not depend on the recipient."""

import asyncio
import logging
import time
import uuid
from collections.abc import Callable, Mapping

from hub.notification.messages import Messages
from hub.notification.sms import MessageNotSentError, Sms, SmsGateway, mobile_number
from schema.codes import ErrorCode
from schema.errors import HubError
from schema.language import Language

log = logging.getLogger(__name__)

FAILED_SECONDS = 30.0
"""Seconds in which no message is sent after the gateway failed."""
CLOSE_SECONDS = 10.0
MAX_SENDING = 200
OCCASIONS = uuid.UUID("8d5f0a53-6f2c-4c0e-9a5d-2b1f6f3c7e10")
"""Namespace of the ids of messages that must be sent once."""


class Notifier:
    """Sends messages to telephones. The hub has one instance.

    Args:
        gateway: None if none is configured.
        messages: the registered texts.
        count: receives `sent`, `refused` or `failed` for each message.
        clock: returns a time in seconds that never goes back.
    """

    def __init__(
        self,
        gateway: SmsGateway | None,
        messages: Messages,
        count: Callable[[str], None] = lambda _outcome: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._gateway = gateway
        self._messages = messages
        self._count = count
        self._clock = clock
        self._failed_at: float | None = None
        self._sending: set[asyncio.Task[None]] = set()

    def check_available(self) -> None:
        """Check that messages can be sent. The result is the same for all recipients.

        Raises:
            HubError: `MESSAGES_UNAVAILABLE`, no gateway is configured, it has just failed, or too
                many messages wait for it.
        """
        if self._gateway is None:
            raise HubError(
                ErrorCode.MESSAGES_UNAVAILABLE,
                "This hub can't send messages: HUB_SMS_URL is not set. The citizen can grant the "
                "request when signed in.",
            )
        failed = self._failed_at is not None and self._clock() < self._failed_at + FAILED_SECONDS
        if failed or len(self._sending) >= MAX_SENDING:
            raise HubError(
                ErrorCode.MESSAGES_UNAVAILABLE,
                "The SMS gateway does not accept messages at the moment. Retry in a minute.",
                retryable=True,
            )

    def start_sending(
        self, telephone: str | None, name: str, lang: Language, values: Mapping[str, str]
    ) -> None:
        """Send a message in the background. Without a usable number, do nothing.

        Args:
            telephone: the number as a department wrote it.
            name: name of the message.
            values: values of its placeholders.
        """
        sms = self._sms(telephone, name, lang, values, str(uuid.uuid4()))
        if self._gateway is None or sms is None:
            return
        task = asyncio.create_task(self._send(self._gateway, sms, name))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def send_once(
        self,
        telephone: str | None,
        name: str,
        lang: Language,
        values: Mapping[str, str],
        occasion: str,
    ) -> None:
        """Send a message, and return when the gateway has it. Failures are logged only.

        Args:
            telephone, name, lang, values: as for `start_sending`.
            occasion: why it is sent. The gateway gets messages of one occasion with the same id, so
                that it can leave out repetitions.
        """
        message_id = str(uuid.uuid5(OCCASIONS, f"{name}|{occasion}"))
        sms = self._sms(telephone, name, lang, values, message_id)
        if self._gateway is not None and sms is not None:
            await self._send(self._gateway, sms, name)

    @property
    def has_gateway(self) -> bool:
        """Whether a gateway is configured."""
        return self._gateway is not None

    def _sms(
        self,
        telephone: str | None,
        name: str,
        lang: Language,
        values: Mapping[str, str],
        message_id: str,
    ) -> Sms | None:
        """Return the message; None without a usable number."""
        number = mobile_number(telephone)
        if number is None:
            return None
        template = self._messages.messages[name].in_language(lang)
        return Sms(
            message_id,
            number,
            template.filled(values),
            lang.name.lower(),
            self._messages.entity_id,
            self._messages.header,
            template.template_id,
        )

    async def close(self) -> None:
        """Wait for the messages that are being sent, and close the gateway."""
        if self._sending:
            await asyncio.wait(self._sending, timeout=CLOSE_SECONDS)
        for task in self._sending:
            task.cancel()
        if self._gateway is not None:
            await self._gateway.close()

    async def _send(self, gateway: SmsGateway, sms: Sms, name: str) -> None:
        try:
            await gateway.send(sms)
        except MessageNotSentError as error:
            if error.is_temporary:
                self._failed_at = self._clock()
            self._count("failed" if error.is_temporary else "refused")
            log.error(
                "The message %s could not be sent: %s from the SMS gateway. Check HUB_SMS_URL, and "
                "the registration of template %s.",
                name,
                error,
                sms.template_id,
            )
        except Exception as error:
            # The text of another error may contain the message.
            self._count("failed")
            log.error("The message %s could not be sent: %s", name, type(error).__name__)
        else:
            self._failed_at = None
            self._count("sent")
