# Build:  docker build -t ghcr.io/driftline/drift:0.1.0 .
# Needs BuildKit. What it is built of is named by digest; .github/dependabot.yml renews the base. By hand:
#   docker buildx imagetools inspect python:3.13-slim-trixie
ARG PYTHON_IMAGE=python:3.13-slim-trixie@sha256:9d2e5553305c7c7b0097999bb17187c69b921ccd6bc9d40e4bb5ebe652c00285

# The programs that render charts and Kustomize folders, as their projects publish them.
FROM scratch AS tools-amd64
ADD --checksum=sha256:1e4ab49e429626cf6c6958d914248b78c9730803c2751b87627e171dc800e7bb https://get.helm.sh/helm-v3.22.0-linux-amd64.tar.gz /helm.tar.gz
ADD --checksum=sha256:8b8f088da2dab964f853b38464033b1be15ede2839eca751482357c45abdd05a https://dl.k8s.io/release/v1.36.4/bin/linux/amd64/kubectl /kubectl

FROM scratch AS tools-arm64
ADD --checksum=sha256:f14e804dfee240f55525b667488fe9adca349e63e00c9af634c0beb1421ac310 https://get.helm.sh/helm-v3.22.0-linux-arm64.tar.gz /helm.tar.gz
ADD --checksum=sha256:0ecf44450ee6063bf19dd166a103ee6df4a9034455c2abce626e6eea657d73fb https://dl.k8s.io/release/v1.36.4/bin/linux/arm64/kubectl /kubectl

# hadolint ignore=DL3006
FROM tools-${TARGETARCH} AS tools

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
RUN uv sync --frozen --no-dev \
    --extra apprise --extra azure --extra dask --extra gcp --extra github --extra kubernetes --extra objects \
    --extra otel --extra postgres --extra sam --extra vault --no-install-project

COPY README.md LICENSE ./
COPY drift ./drift
COPY providers ./providers
COPY reports ./reports
COPY channels ./channels
COPY forges ./forges
RUN uv sync --frozen --no-dev \
    --extra apprise --extra azure --extra dask --extra gcp --extra github --extra kubernetes --extra objects \
    --extra otel --extra postgres --extra sam --extra vault --no-editable

COPY --from=tools /helm.tar.gz /kubectl /tools/
RUN tar --extract --gzip --file /tools/helm.tar.gz --directory /tools --strip-components 1 --wildcards '*/helm' \
    && rm /tools/helm.tar.gz \
    && chmod 0755 /tools/helm /tools/kubectl

FROM ${PYTHON_IMAGE} AS runtime

ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="drift" \
      org.opencontainers.image.description="Compares what Git declares with what is live in the clouds, and says what differs." \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.source="https://github.com/driftline/drift" \
      org.opencontainers.image.documentation="https://github.com/driftline/drift/blob/main/docs/deploy.md" \
      org.opencontainers.image.vendor="driftline" \
      org.opencontainers.image.licenses="Apache-2.0"

# What Debian has today, with its security fixes.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates git \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 65532 drift \
    && useradd --uid 65532 --gid 65532 --home-dir /cache --no-create-home --shell /usr/sbin/nologin drift \
    && install --directory --owner=65532 --group=65532 /cache /reports

COPY --from=build /tools/helm /tools/kubectl /usr/local/bin/
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
