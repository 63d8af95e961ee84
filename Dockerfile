# Banyan. Compiles inside, so that a clone and an engine are all it needs; the last stage holds the built program and
# what it depends on, nothing to develop with.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json ./
COPY scripts scripts
COPY src src
RUN npm run build

FROM node:24-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
 && find node_modules \( -name '*.map' -o -name '*.md' -o -name '*.markdown' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' \) -delete \
 && find node_modules -type d \( -name test -o -name tests -o -name benchmarks -o -name examples -o -name .github \) -prune -exec rm -rf {} +

FROM node:24-bookworm-slim
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json LICENSE ./
COPY deploy/docker/is-ready.mjs ./
# `banyan` by name for `docker compose exec router banyan …`; a volume at the state folder takes over its owner.
RUN ln -s /app/dist/cli.js /usr/local/bin/banyan \
 && mkdir -p /etc/banyan /var/lib/banyan && chown node:node /var/lib/banyan
USER node
# The container's own network decides who reaches the admin listener: it is not to be published.
ENV NODE_ENV=production \
    ROUTES_FILE=/etc/banyan/routes.yaml \
    LISTEN=0.0.0.0:8080 \
    ADMIN_LISTEN=0.0.0.0:9901
EXPOSE 8080 9901
HEALTHCHECK --interval=5s --timeout=3s --start-period=15s --retries=3 CMD ["node", "/app/is-ready.mjs"]
ENTRYPOINT ["node", "/app/dist/cli.js"]
CMD ["serve"]
