"""`python -m tests.benchmarks.load`: reads a `LoadJob` per line, prints a `LoadResult` per line.

The first line that it prints is `ready`.
"""

import asyncio
import gc
import sys
import time
from dataclasses import asdict

import orjson
import uvloop

from tests.benchmarks.load.client import Client, Record
from tests.benchmarks.load.job import LoadJob, LoadResult
from tests.benchmarks.load.requests import requests_in_turn, submissions

LAST_REPLY_SECONDS = 30


async def run(job: LoadJob) -> LoadResult:
    """Send requests for `job.warm_up + job.seconds` seconds; measure the latter."""
    record = Record(job.expected, job.counted)
    requests = submissions(job) if job.senders else requests_in_turn(job.port, job.documents)
    loop = asyncio.get_running_loop()
    clients: list[Client] = []
    for _ in range(job.connections):
        _, client = await loop.create_connection(
            lambda: Client(requests, record), "127.0.0.1", job.port
        )
        clients.append(client)
    pacer = None
    if job.rate is None:
        for client in clients:
            client.send()
    else:
        record.is_paced = True
        record.idle.extend(clients)
        pacer = asyncio.create_task(pace(record, job.rate))
    await asyncio.sleep(job.warm_up)
    record.counting = True
    started = loop.time()
    await asyncio.sleep(job.seconds)
    record.counting = False
    elapsed = loop.time() - started
    counted = len(record.latencies)
    # A slow server may not have answered yet: then measure its first responses.
    record.counting = not counted
    record.running = False
    if pacer is not None:
        pacer.cancel()
    for client in record.idle:
        client.close()
    await asyncio.wait([client.closed for client in clients], timeout=LAST_REPLY_SECONDS)
    if not counted:
        elapsed, counted = loop.time() - started, len(record.latencies)
    if not counted:
        return LoadResult(0, record.skipped, 0, 0, 0, 0, failure=record.failure or "no reply")
    ordered = sorted(record.latencies)
    return LoadResult(
        requests=counted,
        other_requests=record.skipped,
        rps=counted / elapsed,
        p50_ms=_quantile(ordered, 0.50) * 1000,
        p95_ms=_quantile(ordered, 0.95) * 1000,
        p99_ms=_quantile(ordered, 0.99) * 1000,
        marked=record.marked,
        refused=record.refused,
        failure=record.failure,
    )


async def pace(record: Record, rate: float) -> None:
    """Make requests due at a rate. They are sent as soon as a connection is idle."""
    loop = asyncio.get_running_loop()
    started, sent = loop.time(), 0
    while True:
        late = loop.time() - started - sent / rate
        if late < 0:
            await asyncio.sleep(-late)
            continue
        record.due.append(time.perf_counter() - late)
        record.send_due()
        sent += 1


def _quantile(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def main() -> None:
    # A garbage collection here would look like a slow server.
    gc.disable()
    print("ready", flush=True)
    for line in sys.stdin:
        result = uvloop.run(run(LoadJob(**orjson.loads(line))))
        sys.stdout.write(orjson.dumps(asdict(result)).decode() + "\n")
        sys.stdout.flush()
        gc.collect()


if __name__ == "__main__":
    main()
