# One image for each service, and one with the whole shop in one process (the last one, so it is built unless told
# otherwise):
#
#   docker build --target products -t abasto-products .
#   docker build -t abasto . && docker run -p 127.0.0.1:8080:8080 -v abasto:/app/data abasto
#
# docker-compose.yml puts the services together with PostgreSQL, MongoDB and Redis.

FROM oven/bun:1.4.5-slim AS bun
WORKDIR /app
ENV NODE_ENV=production

# What the packages of every service are installed from: they are installed anew only when one of these changes.
FROM bun AS manifests
COPY package.json bun.lock bunfig.toml ./
COPY packages/kernel/package.json packages/kernel/
COPY packages/contract/package.json packages/contract/
COPY packages/chassis/package.json packages/chassis/
COPY packages/products/package.json packages/products/
COPY packages/inventory/package.json packages/inventory/
COPY packages/cli/package.json packages/cli/
COPY proto/package.json proto/
COPY sdk/package.json sdk/
COPY bench/package.json bench/
COPY packages/chassis/patches packages/chassis/patches

# Compilers and types come along because others name them as peers; nothing that runs needs them.
FROM manifests AS products-packages
RUN bun install --frozen-lockfile --production --filter @abasto/products \
  && rm -rf node_modules/.bun/typescript@* node_modules/.bun/@typescript+* node_modules/.bun/bun-types@*

FROM manifests AS inventory-packages
RUN bun install --frozen-lockfile --production --filter @abasto/inventory \
  && rm -rf node_modules/.bun/typescript@* node_modules/.bun/@typescript+* node_modules/.bun/bun-types@*

FROM manifests AS shop-packages
RUN bun install --frozen-lockfile --production --filter @abasto/cli \
  && rm -rf node_modules/.bun/typescript@* node_modules/.bun/@typescript+* node_modules/.bun/bun-types@*

# What every service has: it listens to the world outside its container, and writes to one folder only.
FROM bun AS service
ENV ABASTO_HOST=0.0.0.0 ABASTO_DATA=/app/data
RUN mkdir data && chown bun:bun data
VOLUME /app/data
STOPSIGNAL SIGTERM
COPY deploy/container deploy/container
COPY proto/gen proto/gen
COPY sdk/src sdk/src
COPY packages/kernel/src packages/kernel/src
COPY packages/contract/src packages/contract/src
COPY packages/chassis/src packages/chassis/src

FROM service AS products
COPY --from=products-packages /app ./
COPY packages/products/src packages/products/src
COPY packages/products/migrations packages/products/migrations
EXPOSE 8001 50051
USER bun
HEALTHCHECK --interval=5s --timeout=4s --start-period=30s --retries=3 \
  CMD ["bun", "deploy/container/health.ts", "PRODUCTS_PORT", "8001"]
CMD ["bun", "packages/products/src/main.ts"]

FROM service AS inventory
COPY --from=inventory-packages /app ./
COPY packages/products/src packages/products/src
COPY packages/inventory/src packages/inventory/src
COPY packages/inventory/migrations packages/inventory/migrations
EXPOSE 8002 50052
USER bun
HEALTHCHECK --interval=5s --timeout=4s --start-period=30s --retries=3 \
  CMD ["bun", "deploy/container/health.ts", "INVENTORY_PORT", "8002"]
CMD ["bun", "packages/inventory/src/main.ts"]

FROM service AS shop
COPY --from=shop-packages /app ./
COPY packages/products/src packages/products/src
COPY packages/products/migrations packages/products/migrations
COPY packages/inventory/src packages/inventory/src
COPY packages/inventory/migrations packages/inventory/migrations
COPY packages/cli/src packages/cli/src
EXPOSE 8080 8001 8002 50051 50052
USER bun
HEALTHCHECK --interval=5s --timeout=4s --start-period=30s --retries=3 \
  CMD ["bun", "deploy/container/health.ts", "GATEWAY_PORT", "8080"]
CMD ["bun", "packages/cli/src/main.ts", "dev"]
