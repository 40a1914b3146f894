"""SMS over HTTP: a JSON request per message to the gateway at `HUB_SMS_URL`."""

import aiohttp
from tenacity import (
    AsyncRetrying,
    retry_if_exception,
    stop_after_attempt,
    wait_random_exponential,
)

from hub.notification.sms import MessageNotSentError, Sms

ATTEMPTS = 3
TIMEOUT_SECONDS = 5.0
FIRST_WAIT_SECONDS = 0.2
LONGEST_WAIT_SECONDS = 2.0
TOO_MANY_REQUESTS = 429


class HttpSmsGateway:
    """Sends messages to an HTTP gateway. It is tried again when it fails, up to three times.

    Args:
        url: receives the messages.
        token: bearer token of the hub at the gateway; None if it needs none.
    """

    def __init__(self, url: str, token: str | None) -> None:
        self._url = url
        self._headers = {"authorization": f"Bearer {token}"} if token else {}
        self._session: aiohttp.ClientSession | None = None
        self._attempts = AsyncRetrying(
            stop=stop_after_attempt(ATTEMPTS),
            wait=wait_random_exponential(FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS),
            retry=retry_if_exception(_is_temporary),
            reraise=True,
        )

    async def send(self, sms: Sms) -> None:
        """Hand a message over to the gateway.

        Raises:
            MessageNotSentError: the gateway refused it, or failed in all attempts.
        """
        await self._attempts.copy()(self._attempt, sms)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def _attempt(self, sms: Sms) -> None:
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)
            self._session = aiohttp.ClientSession(headers=self._headers, timeout=timeout)
        body = {
            "messageId": sms.message_id,
            "entityId": sms.entity_id,
            "header": sms.header,
            "templateId": sms.template_id,
            "language": sms.language,
            "to": sms.telephone,
            "text": sms.text,
        }
        try:
            # A redirect could send the number to another host.
            async with self._session.post(self._url, json=body, allow_redirects=False) as reply:
                status = reply.status
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            reason = f"no reply ({type(error).__name__})"
            raise MessageNotSentError(reason, is_temporary=True) from None
        if not 200 <= status < 300:
            is_temporary = status >= 500 or status == TOO_MANY_REQUESTS
            raise MessageNotSentError(f"HTTP status {status}", is_temporary=is_temporary)


def _is_temporary(error: BaseException) -> bool:
    return isinstance(error, MessageNotSentError) and error.is_temporary
