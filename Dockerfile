# syntax=docker/dockerfile:1

# --- The web pages -------------------------------------------------------------------------------
FROM node:20-bookworm-slim AS web
WORKDIR /build/web
COPY web/package.json web/package-lock.json ./
RUN --mount=type=cache,target=/root/.npm npm ci --no-audit --no-fund
COPY schema.graphql /build/
COPY web ./
RUN npm run build

# --- The binary ----------------------------------------------------------------------------------
FROM rust:1.95-bookworm AS binary
WORKDIR /build
COPY . ./
COPY --from=web /build/web/dist web/dist
# Compiled dependencies stay in the cache, so a change of the code compiles that code alone. All of it:
# Cargo goes by dates, and files of an older commit would pass for compiled.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/build/target,sharing=locked \
    find . -path ./target -prune -o -type f -exec touch {} + \
    && cargo build --locked --release --bin tendergraph \
    && install -D target/release/tendergraph /out/tendergraph

# --- What runs -----------------------------------------------------------------------------------
FROM debian:bookworm-slim
# Sources are fetched over HTTPS, which takes the certificates of the authorities.
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --user-group --no-create-home --home-dir /data --shell /usr/sbin/nologin tendergraph \
    && install -d --owner tendergraph --group tendergraph /data
COPY LICENSE-MIT LICENSE-APACHE /usr/share/doc/tendergraph/
COPY --from=binary /out/tendergraph /usr/local/bin/tendergraph

ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Tendergraph" \
      org.opencontainers.image.description="Open procurement data as one fast, typed, documented GraphQL API" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION"

# Without further settings it runs on SQLite in the volume. DATABASE_URL=postgres://… and REDIS_URL change that.
ENV DATABASE_URL=sqlite:///data/tendergraph.db \
    INDEX_PATH=/data/index \
    BIND=0.0.0.0:8000
USER tendergraph
# Files that commands leave beside them, such as rejects, land in the volume too.
WORKDIR /data
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
# Bash speaks enough HTTP to ask; the image has no other client. Migrations may take their time at first.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["bash", "-c", "exec 3<>\"/dev/tcp/127.0.0.1/${BIND##*:}\" && printf 'GET /readyz HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n' >&3 && read -r _ status _ <&3 && [ \"$status\" = 200 ]"]
ENTRYPOINT ["tendergraph"]
CMD ["serve"]
