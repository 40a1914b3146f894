"""Revokes tokens, persons and service centres in the hub's database."""

import datetime as dt
import getpass
import json
import re
import sys

from rich.table import Table

from hub.access.log.acts import Act
from hub.access.sign_in import RevocationKind, stored_persons
from hub.access.sign_in.issuers import MAX_LEEWAY
from hub.access.sign_in.tokens import TokenError, read_token
from hub.access.signing import signer_of
from hub.cli.console import CliError, out
from hub.cli.departments import read_until
from hub.cli.settings import read_settings
from hub.cli.stores import with_store
from hub.store import Store
from hub.store.queued_acts import QueuedAct
from hub.store.revocations import Revocation, RevocationTable

_HASH = re.compile(r"[0-9a-f]{32}")
_MEMBER = re.compile(r"[A-Za-z0-9]{4,32}")


def revoke(kind: str, value: str, until: str | None, reason: str) -> None:
    """Cut off a token, a person or a service centre.

    Args:
        kind: a value of `RevocationKind`.
        value: id of the token or centre, or number of the person. If it is `-`, the token is read
            from standard input.
        until: when the revocation ends, as for `hub department pause`.
        reason: why.

    Raises:
        CliError: the database can't be used, or an argument is wrong.
    """
    if kind == RevocationKind.TOKEN and value == "-":
        value, expires = _name_and_expiry(sys.stdin.read().strip())
        until = until or expires.isoformat()
    if kind == RevocationKind.PERSON:
        _check_person(value)
    given = read_until(until)
    ends = dt.datetime.fromisoformat(given) if given is not None else None
    now = dt.datetime.now(dt.UTC)
    if ends is not None and ends <= now:
        raise CliError(f"--until {until} is in the past.")
    if not reason.strip():
        raise CliError("--reason is empty. Write why, without personal data.")

    async def save(store: Store) -> None:
        stored = await _stored_value(store, kind, value)
        added = Revocation(kind, stored, now, ends, reason.strip())
        await RevocationTable(store).save(added, _act(Act.REVOKE, kind, stored, added.reason))

    with_store(save)
    end = f" until {ends.astimezone():%Y-%m-%d %H:%M}" if ends else ""
    message = f"The {kind} is revoked{end}. All hub processes refuse it within two seconds."
    out.print(message, highlight=False, soft_wrap=True)


def undo(kind: str, value: str) -> None:
    """End a revocation.

    Raises:
        CliError: the database can't be used, or there is no such revocation.
    """
    if kind not in set(RevocationKind):
        raise CliError(f"{kind!r} can't be revoked. Use token, person or centre.")
    if kind == RevocationKind.PERSON and not _HASH.fullmatch(value):
        _check_person(value)

    async def remove(store: Store) -> bool:
        stored = await _stored_value(store, kind, value)
        act = _act(Act.UNDO_REVOCATION, kind, stored, "")
        return await RevocationTable(store).remove(kind, stored, act)

    if not with_store(remove):
        raise CliError(f"this {kind} is not revoked. See: hub revoke list")
    out.print(f"The {kind} has access again within two seconds.", highlight=False)


def show_revocations(*, as_json: bool) -> None:
    """Print the revocations in force.

    Raises:
        CliError: the database can't be used.
    """
    found = with_store(lambda store: RevocationTable(store).load(dt.datetime.now(dt.UTC)))
    if as_json:
        print(json.dumps([_as_json(each) for each in found], ensure_ascii=False, indent=2))
        return
    if not found:
        out.print("Nobody is revoked.")
        return
    table = Table("kind", "value", "since", "until", "reason")
    for each in found:
        until = f"{each.until.astimezone():%Y-%m-%d %H:%M}" if each.until else ""
        since = f"{each.revoked.astimezone():%Y-%m-%d %H:%M}"
        table.add_row(each.kind, each.value, since, until, each.reason)
    out.print(table)


def _act(act: Act, kind: str, value: str, reason: str) -> QueuedAct:
    now = dt.datetime.now(dt.UTC)
    return QueuedAct(act, f"{kind} {value}", reason, getpass.getuser(), now)


async def _stored_value(store: Store, kind: str, value: str) -> str:
    if kind != RevocationKind.PERSON or _HASH.fullmatch(value):
        return value
    setting = read_settings().signing_key
    signer = await signer_of(store, setting.get_secret_value() if setting is not None else None)
    return stored_persons(signer, value)[0]


def _check_person(value: str) -> None:
    issuer, bar, subject = value.partition("|")
    if not (_MEMBER.fullmatch(value) or (bar and subject and "://" in issuer)):
        raise CliError(
            "write a Family ID member number, or 'https://ISSUER|SUB' with the claim `sub`."
        )


def _name_and_expiry(text: str) -> tuple[str, dt.datetime]:
    """Return the id of a token, and the time when no hub accepts it any more."""
    try:
        token = read_token(text.encode())
        expires = float(token.claims["exp"]) + MAX_LEEWAY
        return token.name, dt.datetime.fromtimestamp(expires, dt.UTC)
    except TokenError as error:
        raise CliError(error.message) from None
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        raise CliError("the token has no usable claim `exp`.") from None


def _as_json(each: Revocation) -> dict[str, str | None]:
    return {
        "kind": each.kind,
        "value": each.value,
        "since": each.revoked.isoformat(),
        "until": each.until.isoformat() if each.until else None,
        "reason": each.reason,
    }
