# syntax=docker/dockerfile:1
# The gateway with its capabilities mounted at /capabilities:
#   docker build -t naftiko .
#   docker run --read-only --tmpfs /tmp -p 8080:8080 -p 9090:9090 -v "$PWD/capabilities:/capabilities:ro" naftiko
ARG NODE_IMAGE=node:22-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --include=dev
COPY tsconfig.json ./
COPY schemas ./schemas
COPY scripts ./scripts
COPY src ./src
COPY capabilities/koyeb-sessions.yaml ./capabilities/
# Run once as it will be run, so that what V8 makes of the code is there for every start.
RUN npm run build \
  && timeout --preserve-status -s TERM 10 node --max-semi-space-size=32 dist/cli/main.js \
    run capabilities/koyeb-sessions.yaml --mock --rest-port 0 --mcp-port 0 \
  && npm prune --omit=dev

FROM ${NODE_IMAGE}
ENV NODE_ENV=production NO_COLOR=1
WORKDIR /app
COPY --from=build /build/package.json ./
COPY --from=build /build/node_modules ./node_modules
COPY --from=build /build/schemas ./schemas
COPY --from=build /build/dist ./dist
COPY LICENSE ./
# A number, so that a cluster that wants no root can tell.
USER 1000:1000
EXPOSE 8080 9090 9464
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:9464/livez').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# The young generation of Node is small for what a request makes and drops; see docs/operating.md.
ENTRYPOINT ["node", "--max-semi-space-size=32", "/app/dist/cli/main.js"]
CMD ["run", "/capabilities", "--host", "0.0.0.0", "--admin", "0.0.0.0:9464", "--log-format", "json"]
