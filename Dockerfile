# Two images: `hub` (the default target) and `mocks`, the demo's department systems.

FROM python:3.11-slim-bookworm AS base
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1
# The fixed uid lets both images share the volume of file deliveries.
RUN useradd --system --uid 10001 --no-create-home --home-dir /var/lib/citizen-hub citizen-hub \
    && install -d -o citizen-hub -g citizen-hub \
        /var/lib/citizen-hub /var/lib/citizen-hub/employment /var/lib/citizen-hub/attachments
WORKDIR /var/lib/citizen-hub

FROM base AS build
RUN pip install --no-cache-dir uv==0.13.9
ENV UV_PROJECT_ENVIRONMENT=/opt/venv UV_COMPILE_BYTECODE=1 UV_NO_CACHE=1 UV_PYTHON_DOWNLOADS=never
WORKDIR /src
COPY pyproject.toml uv.lock ./
# Dependencies have a layer of their own, because they change less often than the code.
RUN uv sync --locked --no-dev --no-install-project --extra valkey --extra sftp --extra mysql
COPY README.md LICENSE ./
COPY schema schema
COPY adapters adapters
COPY hub hub
COPY mocks mocks
RUN uv sync --locked --no-dev --no-editable --extra valkey --extra sftp --extra mysql

FROM build AS build-mocks
RUN uv sync --locked --no-dev --no-editable --extra demo

FROM base AS mocks
# Debian's repository keeps only the newest version, so a pinned one would soon break the build.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends mariadb-server-core \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build-mocks /opt/venv /opt/venv
USER 10001
# The databases load last; their control API responds when they are ready.
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s CMD ["python", "-c", "\
from http.client import HTTPConnection\n\
for port in (9101, 9119, 9120):\n\
    connection = HTTPConnection('127.0.0.1', port, timeout=1)\n\
    connection.request('GET', '/')\n\
    connection.getresponse()"]
ENTRYPOINT ["python", "-m", "mocks"]
CMD ["start", "--host", "0.0.0.0", "--data-dir", "employment=/var/lib/citizen-hub/employment"]

FROM base AS hub
COPY --from=build /opt/venv /opt/venv
USER 10001
ENV HUB_HOST=0.0.0.0
EXPOSE 8000
HEALTHCHECK --interval=5s --timeout=5s --start-period=30s CMD ["python", "-c", "\
from http.client import HTTPConnection\n\
connection = HTTPConnection('127.0.0.1', 8000, timeout=3)\n\
connection.request('GET', '/readyz')\n\
raise SystemExit(connection.getresponse().status != 200)"]
ENTRYPOINT ["hub"]
CMD ["serve"]
