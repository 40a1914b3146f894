"""Manifest keys that all HTTP connectors share: credentials, certificates, proxy."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from adapters.connectors.secrets import Secret
from adapters.mapping.rules import StrictModel
from adapters.units import Seconds

URL = r"^https?://"


class ApiKeyAuth(StrictModel):
    """A key that is sent with every request, in a header or in the query.

    Attributes:
        header: name of the header that carries the key.
        query: name of the query parameter that carries it.
        value: the key.
    """

    kind: Literal["api_key"]
    header: str | None = None
    query: str | None = None
    value: Secret

    @model_validator(mode="after")
    def _key_has_one_target(self) -> Self:
        if (self.header is None) == (self.query is None):
            raise ValueError("name where the key is sent: `header` or `query`")
        return self


class BasicAuth(StrictModel):
    """HTTP Basic (RFC 7617), in UTF-8."""

    kind: Literal["basic"]
    username: str = Field(pattern=r"^[^:]*$")
    password: Secret


class OAuth2Auth(StrictModel):
    """OAuth 2 client credentials (RFC 6749, 4.4).

    Attributes:
        token_url: URL of the token endpoint.
        client_id: the hub's client id.
        client_secret: the hub's client secret.
        scope: scope of the token.
        send: how id and secret are sent: `basic` (in the header) or `body`.
        parameters: further parameters of the token request, for example `audience`.
        skew: time before its expiry at which a token is renewed.
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
    """A header with the time at which a request was signed.

    Attributes:
        header: name of the header.
        format: `epoch` (seconds since 1970), `epoch_ms` (milliseconds) or `iso` (ISO 8601, UTC).
    """

    header: str
    format: Literal["epoch", "epoch_ms", "iso"] = "epoch"


class HmacAuth(StrictModel):
    """Requests signed with a shared key (HMAC), for example by DigiLocker's rules.

    Attributes:
        secret: the shared key.
        header: name of the header that carries the signature.
        prefix: text before the signature in that header.
        algorithm: hash function.
        encoding: encoding of the signature.
        signs: signed parts, joined by line feeds. `url` is path and query.
        timestamp: header with the time, if the department requires one.
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
            raise ValueError("`signs` contains timestamp: name its header in `timestamp`")
        return self


class LoginRule(StrictModel):
    """The call that opens a session. Exactly one of the three token keys is given.

    Attributes:
        url: URL of the login.
        method: HTTP method.
        body: fields to send. Secrets must be references.
        format: format of the fields.
        token: path to the token in the reply (JSON or XML).
        token_header: header of the reply that contains the token.
        token_cookie: cookie of the reply that contains the token.
        expires_in: path to the duration of the session in seconds.
    """

    url: str = Field(pattern=URL)
    method: Literal["POST", "GET"] = "POST"
    body: dict[str, str] = {}
    format: Literal["json", "form"] = "json"
    token: str | None = None
    token_header: str | None = None
    token_cookie: str | None = None
    expires_in: str | None = None

    @model_validator(mode="after")
    def _has_one_token(self) -> Self:
        sources = (self.token, self.token_header, self.token_cookie)
        if sum(source is not None for source in sources) != 1:
            raise ValueError("give one of `token`, `token_header` and `token_cookie`")
        return self


class SessionAuth(StrictModel):
    """A session. The hub logs in, and logs in again when the session has expired.

    Exactly one of `header`, `cookie` and `query` is given.

    Attributes:
        login: the login call.
        header: header that carries the token in every call.
        cookie: cookie that carries it.
        query: query parameter that carries it.
        prefix: text before the token, for example `Bearer `.
        lasts: duration of a session. Default: until the department rejects it.
        expired_statuses: HTTP statuses that mean that the session has expired.
        expired_texts: texts in a short reply that mean the same, with any status.
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
    def _token_has_one_target(self) -> Self:
        targets = (self.header, self.cookie, self.query)
        if sum(target is not None for target in targets) != 1:
            raise ValueError("name where the token is sent: `header`, `cookie` or `query`")
        return self


AuthSettings = Annotated[
    ApiKeyAuth | BasicAuth | OAuth2Auth | HmacAuth | SessionAuth, Field(discriminator="kind")
]


class TlsSettings(StrictModel):
    """Certificates. File names are relative to the manifest's folder.

    Attributes:
        authority: PEM file of the authorities that may sign the department's certificate. Default:
            the system's authorities. Certificates are always verified.
        certificate: PEM file of the hub's own certificate (mutual TLS).
        key: PEM file of its private key. Default: the key is in the certificate's file.
        password: password of the key.
    """

    authority: str | None = None
    certificate: str | None = None
    key: str | None = None
    password: Secret | None = None

    @model_validator(mode="after")
    def _key_has_certificate(self) -> Self:
        if self.certificate is None and (self.key is not None or self.password is not None):
            raise ValueError("`key` and `password` need a `certificate`")
        return self


class ProxySettings(StrictModel):
    """The HTTP proxy in front of the department (RFC 9110, 7.7 and 9.3.6).

    Attributes:
        url: URL of the proxy. An `https` department is reached through a tunnel (CONNECT).
        username: the hub's user name at the proxy (HTTP Basic).
        password: password of that user.
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
    """Keys of every HTTP connector.

    Attributes:
        auth: the hub's credentials.
        tls: certificates.
        proxy: proxy in front of the department. Proxies of the environment are not used.
    """

    auth: AuthSettings | None = None
    tls: TlsSettings | None = None
    proxy: ProxySettings | None = None


class PagesRule(StrictModel):
    """How to read all pages of a reply.

    Attributes:
        by: how the next page is requested: `page` (`{page}` is its number), `offset` (`{offset}` is
            the number of rows before it), `cursor` (`{cursor}` comes from the previous page) or
            `link` (the Link header, RFC 8288).
        count: path to the number of pages.
        total: path to the number of rows. Without `count` and `total`, `page` and `offset` read
            until a page is empty.
        size: rows per page.
        first: number of the first page.
        next: path to the cursor of the next page; absent or empty after the last page.
        more: path to a truth value: whether there is another page. If it is absent, `next` decides.
        at_once: maximum number of concurrent page requests, if the number of pages is known.
        most: maximum number of pages. A longer reply is an error.
    """

    by: Literal["page", "offset", "cursor", "link"] = "page"
    count: str | None = None
    total: str | None = None
    size: int | None = Field(default=None, gt=0)
    first: int = Field(default=1, ge=0, le=1)
    next: str | None = None
    more: str | None = None
    at_once: int = Field(default=1, gt=0, le=16)
    most: int = Field(default=20, gt=0, le=1000)

    @model_validator(mode="after")
    def _knows_the_end(self) -> Self:
        if self.by == "cursor" and self.next is None:
            raise ValueError("pages by cursor need `next`: the path to the next page's cursor")
        if self.by in ("cursor", "link"):
            return self
        needs_size = self.by == "offset" or self.count is None
        if needs_size and self.size is None:
            raise ValueError("give the number of rows per page (`size`), or the path `count`")
        return self
