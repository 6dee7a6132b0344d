# The platform as an image: the dashboard is built with all packages, the platform runs with those it needs.
ARG NODE=node:24.21.0-bookworm-slim

FROM ${NODE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN node node_modules/vite/bin/vite.js build --config dashboard/vite.config.ts --logLevel warn

FROM ${NODE} AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev

FROM ${NODE}
ENV NODE_ENV=production HD_DATA_DIRECTORY=/data
WORKDIR /app
COPY --from=packages /app/node_modules node_modules
COPY --from=build /app/dashboard/dist dashboard/dist
COPY package.json main.ts main-api.ts main-backup.ts main-base.ts main-demo.ts main-duties.ts main-engines.ts main-making-backup.ts main-metrics.ts main-migrate.ts main-notices.ts main-notifications.ts main-restore.ts ./
COPY domain domain
COPY config config
COPY adapters adapters
COPY ingest ingest
COPY api api
COPY firmware-sim firmware-sim
# The program belongs to root and is only read: the root file system may be read-only. All that is written is in /data.
# Several processes of a city have theirs in /city, with folders in common: a volume takes over who owns the folder it is mounted on.
RUN install --directory --owner=node --group=node /data /city /city/exports /city/firmware /city/photos
USER node
VOLUME /data
EXPOSE 8080 1883 8883
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://localhost:${process.env.HD_HTTP_PORT ?? 8080}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "main.ts"]
