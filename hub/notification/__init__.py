"""Messages to citizens' telephones."""

from hub.notification.http_gateway import HttpSmsGateway
from hub.notification.messages import MessagesError, read_messages
from hub.notification.notifier import Notifier
from hub.notification.sms import MessageNotSentError, Sms, SmsGateway

__all__ = [
    "HttpSmsGateway",
    "MessageNotSentError",
    "MessagesError",
    "Notifier",
    "Sms",
    "SmsGateway",
    "read_messages",
]
