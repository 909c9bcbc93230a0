# Transom in a container: docs/book/install.md says how it is run.
FROM rust:1.95-bookworm AS build
WORKDIR /src
COPY . .
# The image's own toolchain: rust-toolchain.toml would have rustup fetch another.
RUN RUSTUP_TOOLCHAIN="$RUST_VERSION" cargo build --release --locked --package transom

FROM debian:bookworm-slim
# The authorities that vouch for Okta, and what asks whether the server is up.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates curl \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /var/lib/transom --shell /usr/sbin/nologin transom \
    && install -d -m 700 -o transom -g transom /var/lib/transom
COPY --from=build /src/target/release/transom /usr/local/bin/transom
USER transom
ENV TRANSOM_DATA_DIR=/var/lib/transom TRANSOM_LOG=info
VOLUME /var/lib/transom
EXPOSE 8080
# By its number and without looking at the certificate, which is of another name: nothing is sent, and "up" is all it hears.
HEALTHCHECK --interval=30s --timeout=5s --start-period=15s \
    CMD address="${TRANSOM_LISTEN:-127.0.0.1:8080}"; scheme=http; [ -z "$TRANSOM_TLS_CERT" ] || scheme=https; \
        curl --fail --silent --show-error --insecure --max-time 4 "$scheme://127.0.0.1:${address##*:}/healthz"
ENTRYPOINT ["transom"]
CMD ["serve"]
