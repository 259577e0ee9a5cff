# syntax=docker/dockerfile:1
# The server alone, built from this checkout. RocksDB makes the first build long (about 15 minutes on two cores);
# the cache mounts keep it for the next.

FROM rust:1.95-bookworm AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends libclang1-14 libclang-common-14-dev make \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/target \
    CARGO_TARGET_DIR=/target ./dev build \
    && install -D -m 0755 /target/release/tessera /out/tessera

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends libstdc++6 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --user-group --no-create-home --home-dir /var/lib/tessera --shell /usr/sbin/nologin tessera \
    && install -d -o tessera -g tessera -m 0700 /var/lib/tessera
COPY --from=build /out/tessera /usr/local/bin/tessera
COPY config/docker.toml /etc/tessera/tessera.toml
USER tessera
WORKDIR /var/lib/tessera
VOLUME /var/lib/tessera
EXPOSE 8080
# bash alone, so that the image needs no HTTP client.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /health/ready HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n' >&3 && read -r _ status _ <&3 && [ \"$status\" = 200 ]"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["tessera"]
CMD ["serve"]
