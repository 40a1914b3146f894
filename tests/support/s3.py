"""A server with the part of the S3 API that the hub's attachments use. It checks no signatures."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import md5

from aiohttp import web


@dataclass(slots=True)
class FakeS3:
    """A bucket.

    Attributes:
        url: address of the server.
        objects: contents by key.
        uploads: parts of uploads that are not complete, by id.
        failing: answer each request with 503.
        modified: time of the last change that it reports for all objects.
    """

    url: str = ""
    objects: dict[str, bytes] = field(default_factory=dict)
    uploads: dict[str, dict[int, bytes]] = field(default_factory=dict)
    failing: bool = False
    modified: datetime = field(default_factory=lambda: datetime.now(UTC))

    async def serve(self, request: web.Request) -> web.Response:
        if self.failing:
            return web.Response(status=503)
        key = request.match_info["key"]
        query = request.query
        body = await request.read()
        if request.method == "GET" and "list-type" in query:
            return self._list(query.get("prefix", ""))
        if request.method == "POST" and "delete" in query:
            return self._delete(re.findall(r"<Key>(.*?)</Key>", body.decode()))
        if "uploads" in query or "uploadId" in query:
            return self._upload(request, key, body)
        if request.method == "PUT":
            self.objects[key] = body
            return web.Response(headers=self._headers(body))
        if key not in self.objects:
            return web.Response(status=404)
        return web.Response(body=self.objects[key], headers=self._headers(self.objects[key]))

    def _delete(self, keys: list[str]) -> web.Response:
        for key in keys:
            self.objects.pop(key, None)
        deleted = "".join(f"<Deleted><Key>{key}</Key></Deleted>" for key in keys)
        return _xml(f"<DeleteResult>{deleted}</DeleteResult>")

    def _upload(self, request: web.Request, key: str, body: bytes) -> web.Response:
        """Serve a request about an upload in parts."""
        upload = request.query.get("uploadId", f"upload-{len(self.uploads)}")
        if request.method == "PUT":
            self.uploads[upload][int(request.query["partNumber"])] = body
        elif request.method == "DELETE":
            del self.uploads[upload]
        elif "uploads" in request.query:
            self.uploads[upload] = {}
            return _xml(
                "<InitiateMultipartUploadResult>"
                f"<Bucket>b</Bucket><Key>{key}</Key><UploadId>{upload}</UploadId>"
                "</InitiateMultipartUploadResult>"
            )
        else:
            parts = self.uploads.pop(upload)
            self.objects[key] = b"".join(parts[number] for number in sorted(parts))
            return _xml(
                "<CompleteMultipartUploadResult><ETag>e</ETag></CompleteMultipartUploadResult>"
            )
        return web.Response(headers=self._headers(body))

    def _headers(self, content: bytes) -> dict[str, str]:
        modified = self.modified.strftime("%a, %d %b %Y %H:%M:%S GMT")
        return {"ETag": md5(content).hexdigest(), "Last-Modified": modified}

    def _list(self, prefix: str) -> web.Response:
        listed = "".join(
            f"<Contents><Key>{key}</Key><Size>{len(content)}</Size><ETag>e</ETag>"
            f"<LastModified>{self.modified.strftime('%Y-%m-%dT%H:%M:%S.000Z')}</LastModified>"
            "</Contents>"
            for key, content in self.objects.items()
            if key.startswith(prefix)
        )
        return _xml(
            f"<ListBucketResult><IsTruncated>false</IsTruncated>{listed}</ListBucketResult>"
        )


def _xml(content: str) -> web.Response:
    return web.Response(text=content, content_type="application/xml")


@asynccontextmanager
async def fake_s3() -> AsyncIterator[FakeS3]:
    """Run the server."""
    bucket = FakeS3()
    app = web.Application(client_max_size=64 << 20)
    app.router.add_route("*", "/bucket/{key:.*}", bucket.serve)
    app.router.add_route("*", "/{key:bucket}", bucket.serve)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    bucket.url = f"http://{host}:{port}"
    try:
        yield bucket
    finally:
        await runner.cleanup()
