"""What a manifest says of the hub's credentials at a department."""

import re
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from adapters.connectors.secrets import Referred, Secret
from adapters.mapping.rules import StrictModel
from adapters.units import Seconds

URL = r"^https?://"
SECRET_NAME = re.compile("pass|pwd|psw|secret|token|key|^pin$", re.IGNORECASE)


class ApiKeyAuth(StrictModel):
    """A key that goes with every request, in a header or in the query.

    Attributes:
        header: name of the header, or
        query: name of the query parameter.
        value: the key.
    """

    kind: Literal["api_key"]
    header: str | None = None
    query: str | None = None
    value: Secret

    @model_validator(mode="after")
    def _has_one_place(self) -> Self:
        if (self.header is None) == (self.query is None):
            raise ValueError("say where the key goes: `header` or `query`")
        return self


class BasicAuth(StrictModel):
    """HTTP Basic (RFC 7617), in UTF-8."""

    kind: Literal["basic"]
    username: str = Field(pattern=r"^[^:]*$")
    password: Secret


class OAuth2Auth(StrictModel):
    """OAuth 2 client credentials (RFC 6749, 4.4).

    Attributes:
        token_url: the token endpoint.
        client_id: the hub's name there.
        client_secret: its secret.
        scope: what to ask for.
        send: where the client's name and secret go: `basic` (the header) or `body`.
        parameters: further parameters of the token request, as `audience`.
        skew: a token is renewed so long before it expires.
    """

    kind: Literal["oauth2"]
    token_url: str = Field(pattern=URL)
    client_id: str
    client_secret: Secret
    scope: str | None = None
    send: Literal["basic", "body"] = "basic"
    parameters: dict[str, str] = {}
    skew: Seconds = 30.0


class TimestampRule(StrictModel):
    """A header that says when a request was signed.

    Attributes:
        header: its name.
        format: seconds or milliseconds since 1970, or ISO 8601 in UTC.
    """

    header: str
    format: Literal["epoch", "epoch_ms", "iso"] = "epoch"


class HmacAuth(StrictModel):
    """Signed requests, as DigiLocker's issuers want them.

    Attributes:
        secret: the shared key.
        header: the header that carries the signature.
        prefix: what stands before the signature in it.
        algorithm: the hash.
        encoding: how the signature is written.
        signs: what is signed, joined by line feeds; `url` is path and query.
        timestamp: the header with the time, where the department wants one.
    """

    kind: Literal["hmac"]
    secret: Secret
    header: str = "x-digilocker-hmac"
    prefix: str = ""
    algorithm: Literal["sha256", "sha512"] = "sha256"
    encoding: Literal["base64", "hex"] = "base64"
    signs: list[Literal["method", "url", "timestamp", "body"]] = Field(
        default=["body"], min_length=1
    )
    timestamp: TimestampRule | None = None

    @model_validator(mode="after")
    def _signs_what_it_sends(self) -> Self:
        if "timestamp" in self.signs and self.timestamp is None:
            raise ValueError("`signs` has timestamp: say in which header it goes (`timestamp`)")
        return self


def _secrets_by_reference(value: Any) -> Any:
    if isinstance(value, dict):
        for name, text in value.items():
            secret = SECRET_NAME.search(str(name)) and isinstance(text, str)
            if secret and not isinstance(text, Referred):
                raise ValueError(f"write {name} as ${{env:NAME}} or ${{file:PATH}}, never as it is")
        return {name: str(text) for name, text in value.items()}
    return value


class LoginRule(StrictModel):
    """The call that opens a session, and where its reply has the token.

    Attributes:
        url: where to log in.
        method: HTTP method.
        body: the fields sent.
        format: how they are sent.
        token: path to the token in the reply (JSON or XML), or
        token_header: the header of the reply that is the token, or
        token_cookie: the cookie that is.
        expires_in: path to the seconds that the session lasts, where the reply tells.
    """

    url: str = Field(pattern=URL)
    method: Literal["POST", "GET"] = "POST"
    body: Annotated[dict[str, str], BeforeValidator(_secrets_by_reference)] = {}
    format: Literal["json", "form"] = "json"
    token: str | None = None
    token_header: str | None = None
    token_cookie: str | None = None
    expires_in: str | None = None

    @model_validator(mode="after")
    def _has_one_token(self) -> Self:
        places = (self.token, self.token_header, self.token_cookie)
        if sum(place is not None for place in places) != 1:
            raise ValueError("say where the token is: `token`, `token_header` or `token_cookie`")
        return self


class SessionAuth(StrictModel):
    """A session that the hub logs in to, and logs in to again when it has expired.

    Attributes:
        login: how.
        header: header that carries the token from then on, or
        cookie: cookie that does, or
        query: query parameter that does.
        prefix: what stands before the token, as `Bearer `.
        lasts: how long a session lasts; until it is refused when not given.
        expired_statuses: HTTP statuses by which the department says that the session has expired.
        expired_texts: texts in a short reply that say so, whatever its status.
    """

    kind: Literal["session"]
    login: LoginRule
    header: str | None = None
    cookie: str | None = None
    query: str | None = None
    prefix: str = ""
    lasts: Seconds | None = None
    expired_statuses: list[int] = [401]
    expired_texts: list[str] = []

    @model_validator(mode="after")
    def _has_one_place(self) -> Self:
        places = (self.header, self.cookie, self.query)
        if sum(place is not None for place in places) != 1:
            raise ValueError("say where the token goes: `header`, `cookie` or `query`")
        return self


AuthSettings = Annotated[
    ApiKeyAuth | BasicAuth | OAuth2Auth | HmacAuth | SessionAuth, Field(discriminator="kind")
]


class TlsSettings(StrictModel):
    """Certificates; paths are from the manifest's folder unless absolute.

    Attributes:
        authority: PEM file of the authorities that the department's certificate must come from;
            the system's own when not given. There is no way to leave certificates unchecked.
        certificate: PEM file of the hub's own certificate (mutual TLS).
        key: PEM file of its key; in the certificate's file when not given.
        password: of the key.
    """

    authority: str | None = None
    certificate: str | None = None
    key: str | None = None
    password: Secret | None = None

    @model_validator(mode="after")
    def _key_has_certificate(self) -> Self:
        if self.certificate is None and (self.key is not None or self.password is not None):
            raise ValueError("a `key` goes with a `certificate`")
        return self


class ProxySettings(StrictModel):
    """The HTTP proxy that the department is reached through (RFC 9110, 7.7 and 9.3.6).

    Attributes:
        url: the proxy's; an `https` department is reached by a tunnel (CONNECT).
        username: the hub's name there (Basic).
        password: of that name.
    """

    url: str = Field(pattern=r"^https?://[^@]+$")
    username: str | None = Field(default=None, pattern=r"^[^:]*$")
    password: Secret | None = None

    @model_validator(mode="after")
    def _password_has_username(self) -> Self:
        if (self.username is None) != (self.password is None):
            raise ValueError("a `username` and a `password` go together")
        return self


class HttpSettings(StrictModel):
    """What every connector that speaks HTTP has.

    Attributes:
        auth: the hub's credentials over HTTP.
        tls: certificates.
        proxy: what stands between the hub and the department; proxies of the environment are not
            used.
    """

    auth: AuthSettings | None = None
    tls: TlsSettings | None = None
    proxy: ProxySettings | None = None
