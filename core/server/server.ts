import { z } from 'zod';
import { meterOf } from '../base/meter.ts';
import { definePlugin } from '../kernel/plugin.ts';
import { Registry } from '../kernel/registry.ts';
import { createApp } from './app.ts';
import { listActions, listPanels, listRoutes } from './list-actions.ts';
import { Certificate } from './certificate.ts';
import { listen } from './listen.ts';
import { createPages, type OwnedPanel } from './pages/pages.ts';
import { eventsRoute } from './live/events-route.ts';
import { findStream } from './live/find-stream.ts';
import { listStreams } from './live/list-streams.ts';
import { Live, type LiveStream } from './live/live.ts';
import { createSocketDoor } from './live/socket-door.ts';
import { UnderWay } from './under-way.ts';
import type { Gate, Route } from './web.ts';

const webConfig = z.strictObject({
  host: z.string().default('127.0.0.1'),
  port: z.number().int().min(0).max(65_535).default(4242),
  tls: z.strictObject({ cert: z.string(), key: z.string() }).optional(),
  /** Off for a command without a server: routes and panels can be added, and nothing listens. */
  listen: z.boolean().default(true),
  version: z.string(),
  packageRoot: z.instanceof(URL),
  isReady: z.custom<() => boolean>(),
});

const GATE = 'sign-in';

/** Serves the actions over HTTP, the routes of plugins and the web application, on one port. */
export default definePlugin({
  name: 'web',
  needs: ['actions', 'callers', 'home', 'house', 'reach'],
  provides: ['web'],
  config: webConfig,
  async setup(context, config) {
    const { actions, callers, home, house, reach } = context;
    const routes = new Registry<Route>('route');
    const panels = new Registry<OwnedPanel>('panel');
    const streams = new Registry<LiveStream>('stream');
    const gates = new Registry<Gate & { plugin: string }>('gate');
    const owned = (): OwnedPanel[] => [...panels].map(([, panel]) => panel);
    const pages = createPages({ packageRoot: config.packageRoot, panels: owned, basePath: reach.basePath });
    const underWay = new UnderWay();
    const app = createApp({
      actions,
      callers,
      reach,
      routes: () => [...routes].map(([, route]) => route),
      pages,
      gate: () => {
        const gate = gates.get(GATE);
        return gate && { element: gate.element, module: pages.addressOf(gate) };
      },
      log: home.log,
      version: config.version,
      isReady: config.isReady,
      underWay,
    });
    actions.follow(app.reroute);
    routes.follow(context, app.reroute);
    actions.add(
      listActions(actions),
      listRoutes(actions),
      listPanels(owned, (panel) => pages.addressOf(panel)),
      listStreams(() => [...streams].map(([, stream]) => stream)),
    );
    const live = context.use(new Live(home.log));
    context.wrap('server.drain', async (next, signal) => {
      live.tellStopping();
      await Promise.all([underWay.drain(signal), next(signal)]);
    });
    callers.checkAddress(config.host);
    context.starting(`listening on ${config.host}:${config.port}`);
    const sockets = createSocketDoor({
      actions,
      callers,
      reach,
      live,
      underWay,
      find: (path) => findStream(streams, path),
      log: home.log,
    });
    const certificate = config.tls && context.use(await Certificate.open(config.tls, home.path));
    house.tellProblems(() => (certificate?.problem ? [certificate.problem] : []));
    const { host, port } = config;
    const url = config.listen
      ? context.use(await listen({ host, port, handle: app.handle, sockets, certificate })).url
      : undefined;
    context.provide('web', (consumer) => ({
      route(route) {
        const name = `${route.method} ${route.path}`;
        const handle: Route['handle'] = (call) => meterOf(consumer).time('routes', name, () => route.handle(call));
        routes.add(consumer, name, { ...route, handle });
      },
      stream(stream) {
        streams.add(consumer, stream.name, stream);
        routes.add(consumer, `GET ${stream.path}`, eventsRoute(stream, live));
      },
      gate: (gate) => gates.add(consumer, GATE, { ...gate, plugin: consumer.name }),
      panel: (panel) => panels.add(consumer, panel.path, Object.assign({ plugin: consumer.name }, panel)),
      get served() {
        return app.served();
      },
      url,
      basePath: reach.basePath,
    }));
  },
});
