# syntax=docker/dockerfile:1
FROM golang:1.26-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends libdnnl-dev libjpeg62-turbo-dev && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=container
RUN go build -trimpath -buildvcs=false -tags sqlite_omit_load_extension,libjpeg -ldflags "-X main.version=$VERSION" -o /workbench ./workbench \
    && install -d -o 10001 -g 10001 /data

FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends libdnnl2 libgomp1 libjpeg62-turbo && rm -rf /var/lib/apt/lists/*
COPY --from=build /workbench /usr/local/bin/workbench
COPY --from=build --chown=10001:10001 /data /data
USER 10001:10001
WORKDIR /data
VOLUME /data
# The port is published on the host's loopback by docker-compose.yml: every address inside is not every address outside.
ENV WORKBENCH_DB=/data/workbench.db WORKBENCH_ADDR=0.0.0.0:8080
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s --retries=3 CMD ["workbench", "health", "http://127.0.0.1:8080"]
ENTRYPOINT ["workbench"]
CMD ["serve"]
