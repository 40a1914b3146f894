"""Compression, caching and methods of `/graphql`, over real connections."""

import gzip
import json
from typing import Any

import brotli
import httpx
import pytest

from hub.http.compression import LARGE_BYTES, MIN_BYTES, preferred_coding
from tests.support.processes import Hub

CATALOGUE = "{ services(first: 100) { nodes { code description department { identifier } } } }"
SMALL = '{ service(code: "SJE-OAS") { code } }'
PERSONAL = "{ me { id } departments { identifier } }"
STATUS = "{ departments { identifier sourceStatus { state } } }"
DECODERS = {"br": brotli.decompress, "gzip": gzip.decompress}


def get(hub: Hub, document: str, method: str = "GET", **headers: str) -> httpx.Response:
    # httpx sends these headers by default.
    headers = {"accept-encoding": "identity", "accept": "*/*", **headers}
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    with httpx.Client(trust_env=False) as client:
        return client.request(method, hub.url, params={"query": document}, headers=names)


def raw(hub: Hub, document: str, accept_encoding: str) -> tuple[httpx.Response, bytes]:
    """Return the response to a POST, and its body as it was sent."""
    headers = {"accept-encoding": accept_encoding}
    with (
        httpx.Client(trust_env=False) as client,
        client.stream("POST", hub.url, json={"query": document}, headers=headers) as reply,
    ):
        return reply, b"".join(reply.iter_raw())


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip, deflate", "gzip"),
        ("br;q=0.5, gzip", "gzip"),
        ("BR;Q=0.9 , GZip;q=0.1", "br"),
        ("*", "br"),
        ("*;q=0.5, br;q=0", "gzip"),
        ("identity, gzip;q=0.5", None),
        ("gzip;q=0, br;q=0", None),
        ("gzip;q=high, br;q=2", None),
        ("gzip;q=nan", None),
        ("deflate", None),
        ("gzip," * 100, None),
    ],
)
def test_the_coding_that_the_client_prefers_is_used(
    accepted: str, coding: str | None, hub: Hub
) -> None:
    reply, body = raw(hub, CATALOGUE, accepted)
    assert reply.headers.get("content-encoding") == coding
    assert int(reply.headers["content-length"]) == len(body)
    plain = DECODERS[coding](body) if coding else body
    assert json.loads(plain) == hub.query(CATALOGUE)
    if coding:
        assert len(body) < len(plain) / 2


def test_a_large_response_is_compressed_completely(hub: Hub) -> None:
    aliases = " ".join(f"a{n}: services(first: 100) {{ nodes {{ ...S }} }}" for n in range(120))
    document = f"{{ {aliases} }} fragment S on Service {{ code description }}"
    _reply, body = raw(hub, document, "gzip")
    plain = gzip.decompress(body)
    assert len(plain) > LARGE_BYTES
    assert json.loads(plain) == hub.query(document)


def test_a_small_response_is_not_compressed(hub: Hub) -> None:
    reply, body = raw(hub, SMALL, "br, gzip")
    assert "content-encoding" not in reply.headers
    assert len(body) < MIN_BYTES


def test_no_header_means_no_preference() -> None:
    assert preferred_coding(b"") is None


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_caches_may_store_responses_from_the_public_catalogue_only(method: str, hub: Hub) -> None:
    def headers_of(document: str) -> Any:
        if method == "GET":
            return get(hub, document).headers
        return httpx.post(hub.url, json={"query": document}, trust_env=False).headers

    for document in (CATALOGUE, SMALL):
        assert headers_of(document)["cache-control"] == "public, max-age=300"
        assert headers_of(document)["etag"].startswith('W/"')
    for document in (
        PERSONAL,
        STATUS,
        "{ __typename }",
        "{ nope }",
        '{ service(code: "X") { id } }',
    ):
        assert headers_of(document)["cache-control"] == "no-store"
        assert "etag" not in headers_of(document)
    for document in (CATALOGUE, PERSONAL):
        assert headers_of(document)["vary"] == "Accept, Accept-Encoding, Accept-Language"


def test_an_unchanged_response_is_not_sent_again(hub: Hub) -> None:
    first = get(hub, CATALOGUE)
    tag = first.headers["etag"]
    for known in (tag, f'"other", {tag}', tag.removeprefix("W/"), "*"):
        again = get(hub, CATALOGUE, if_none_match=known, accept_encoding="br")
        assert (again.status_code, again.content) == (304, b"")
        for name in ("etag", "cache-control", "vary"):
            assert again.headers[name] == first.headers[name]
    assert get(hub, CATALOGUE, if_none_match='W/"other"').status_code == 200
    assert get(hub, PERSONAL, if_none_match="*").status_code == 200


def test_the_entity_tag_depends_on_the_content_only(hub: Hub) -> None:
    tags = {
        get(hub, CATALOGUE, accept_encoding=each).headers["etag"] for each in ("br", "gzip", "")
    }
    assert len(tags) == 1
    assert get(hub, SMALL).headers["etag"] not in tags


def test_a_post_is_never_answered_with_304(hub: Hub) -> None:
    known = {"If-None-Match": "*"}
    reply = httpx.post(hub.url, json={"query": SMALL}, headers=known, trust_env=False)
    assert reply.status_code == 200
    assert reply.json()["data"]


def test_head_returns_the_headers_of_get(hub: Hub) -> None:
    shown, head = get(hub, CATALOGUE), get(hub, CATALOGUE, "HEAD")
    assert (head.status_code, head.content) == (200, b"")
    for name in ("content-type", "content-length", "etag", "cache-control"):
        assert head.headers[name] == shown.headers[name]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_only_post_runs_mutations(method: str, hub: Hub) -> None:
    document = 'mutation { eraseCopies(citizen: {memberIdentifier: "7KNL042101"}) { __typename } }'
    reply = get(hub, document, method)
    assert (reply.status_code, reply.headers["allow"]) == (405, "GET, HEAD, POST")


def test_pages_of_other_sites_cannot_send_queries(hub: Hub) -> None:
    refused = get(hub, PERSONAL, sec_fetch_site="cross-site", sec_fetch_mode="no-cors")
    assert refused.status_code == 403
    assert refused.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"
    for site in ("same-origin", "same-site", "none"):
        assert get(hub, PERSONAL, sec_fetch_site=site).status_code == 200
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    posted = httpx.post(hub.url, content="query={me{id}}", headers=form, trust_env=False)
    assert posted.status_code == 415
