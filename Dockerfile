# Build:  docker build -t ghcr.io/driftline/drift:0.1.0 .
# The base's tag follows the security fixes of Python and Debian. To build on the very same base again, name its digest:
#   --build-arg PYTHON_IMAGE=python:3.13-slim-trixie@sha256:…
ARG PYTHON_IMAGE=python:3.13-slim-trixie

FROM ${PYTHON_IMAGE} AS build

ARG UV_VERSION=0.13.9
ENV UV_COMPILE_BYTECODE=1 \
    UV_LINK_MODE=copy \
    UV_NO_CACHE=1 \
    UV_PROJECT_ENVIRONMENT=/opt/drift \
    UV_PYTHON_DOWNLOADS=never
RUN python -m pip install --no-cache-dir "uv==${UV_VERSION}"

WORKDIR /src
# The locked dependencies first: this layer stays while only the program changes.
COPY pyproject.toml uv.lock ./
RUN uv sync --frozen --no-dev --extra azure --extra gcp --extra kubernetes --extra objects --extra postgres --no-install-project

COPY README.md LICENSE ./
COPY drift ./drift
COPY providers ./providers
COPY reports ./reports
COPY channels ./channels
COPY forges ./forges
RUN uv sync --frozen --no-dev --extra azure --extra gcp --extra kubernetes --extra objects --extra postgres --no-editable

FROM ${PYTHON_IMAGE} AS runtime

ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="drift" \
      org.opencontainers.image.description="Compares what Git declares with what is live in the clouds, and says what differs." \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.licenses="Apache-2.0"

RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates git \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 65532 drift \
    && useradd --uid 65532 --gid 65532 --home-dir /cache --no-create-home --shell /usr/sbin/nologin drift \
    && install --directory --owner=65532 --group=65532 /cache /reports

COPY --from=build /opt/drift /opt/drift

# Only /cache, /reports and /tmp are written to; the rest of the file system can be read-only.
ENV PATH=/opt/drift/bin:$PATH \
    HOME=/cache \
    XDG_CACHE_HOME=/cache \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1

WORKDIR /reports
USER 65532:65532
ENTRYPOINT ["drift"]
CMD ["--help"]
