import { definePlugin, z } from 'boternity';
import type {} from '../conversations/index.ts';
import type {} from '../models/index.ts';
import { showTrace } from './actions.ts';
import { OtlpExport } from './otlp.ts';
import { tracedModel, tracedTool, turnSpan } from './record.ts';
import type { Span } from './span.ts';
import { TraceStore } from './store.ts';

/** Keeps what happened in each turn as spans, shows it, and sends it to a collector where one is named. */
export default definePlugin({
  name: 'traces',
  needs: ['home', 'house', 'actions'],
  config: z.strictObject({
    days: z.number().int().positive().default(30).describe('How long traces are kept'),
    endpoint: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe('Base address of a collector that takes OTLP over HTTP; else OTEL_EXPORTER_OTLP_ENDPOINT'),
  }),
  setup(context, { days, endpoint = process.env.OTEL_EXPORTER_OTLP_ENDPOINT }) {
    const { home, house, actions } = context;
    const store = context.use(new TraceStore(home.path, home.log, days));
    const headers = headersIn(process.env.OTEL_EXPORTER_OTLP_HEADERS);
    const sender = endpoint
      ? context.use(new OtlpExport({ endpoint, headers, version: house.version }, home.log))
      : undefined;
    const keep = (span: Span): void => {
      store.add(span);
      sender?.add(span);
    };
    context.wrap('model.call', (next, model, request, signal) =>
      tracedModel(next(model, request, signal), model, request, keep),
    );
    context.wrap('tool.call', (next, at, run) => tracedTool(() => next(at, run), at, keep));
    context.on('turn.ended', (fact) => keep(turnSpan(fact)));
    actions.add(showTrace(store));
  },
});

/** `name=value` with commas between, as OpenTelemetry writes them. */
function headersIn(text = ''): Record<string, string> {
  return Object.fromEntries(
    text.split(',').flatMap((pair) => {
      const [name = '', ...value] = pair.split('=');
      return name.trim() === '' ? [] : [[name.trim(), decodeURIComponent(value.join('=').trim())]];
    }),
  );
}
