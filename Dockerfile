# syntax=docker/dockerfile:1
# Built from the packed tarball, so that what runs here is what npm installs: npm run package && docker build --tag boternity .

FROM node:24-slim AS build
WORKDIR /build
COPY dist/boternity-*.tgz ./boternity.tgz
RUN npm install --prefix /app --omit=dev --ignore-scripts --no-audit --no-fund /build/boternity.tgz

FROM node:24-slim
RUN apt-get update \
  && apt-get install --yes --no-install-recommends bubblewrap ca-certificates git tini \
  && rm -rf /var/lib/apt/lists/*
COPY --from=build /app /app
ENV NODE_ENV=production \
  BOTERNITY_HOME=/data \
  NO_UPDATE_NOTIFIER=1 \
  PATH=/app/node_modules/.bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
# The user "node" of this image has uid and gid 1000, as the first user of most machines has.
RUN install --directory --owner=node --group=node --mode=0700 /data
USER 1000:1000
WORKDIR /data
VOLUME ["/data"]
EXPOSE 4242
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:4242/healthz').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["tini", "--"]
CMD ["bnity", "serve", "--host", "0.0.0.0", "--port", "4242"]
