import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import { dayOf } from '../../core/files/daily-journal.ts';
import { startMockModel } from '../support/mock-model.ts';
import { startProduct, until, type Product } from '../support/product.ts';
import { begin, say } from '../support/talk.ts';

t.setTimeout(120_000);

await using mock = await startMockModel();
await using broken = await startMockModel();

const files = {
  'providers.yaml': `providers:
  one:
    address: ${broken.url}
    models: [wanted]
  two:
    address: ${mock.url}
    models: [standing-in]
    facts: { standing-in: { price: { input: 1, output: 1 } } }
`,
  'settings.yaml': 'model: wanted\nfallback: [standing-in]\nplugins: { demo: false }\n',
};
const bot = 'conversation: { title: words }\ntools: { allow: [time_now] }\n';

interface Collected {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly attributes: readonly { key: string; value: Record<string, unknown> }[];
  readonly status: { code?: number };
}

/** A collector that takes OTLP over HTTP, when it takes anything. */
async function startCollector() {
  const spans: Collected[] = [];
  const headers: string[] = [];
  const collector = { spans, headers, url: '', takes: true };
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      if (!collector.takes) {
        response.writeHead(503).end();
        return;
      }
      headers.push(String(request.headers['x-collector-key']));
      const sent = JSON.parse(body) as { resourceSpans: { scopeSpans: { spans: Collected[] }[] }[] };
      for (const { scopeSpans } of sent.resourceSpans) for (const scope of scopeSpans) spans.push(...scope.spans);
      response.writeHead(request.url === '/v1/traces' ? 200 : 404).end('{}');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  collector.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return Object.assign(collector, { [Symbol.dispose]: () => void server.close() });
}

async function talk(product: Product) {
  await product.client.call('files.write', { bot: 'assistant', path: 'bot.yaml', text: bot });
  broken.script({ error: { status: 500 } }, { error: { status: 500 } });
  mock.script(
    { calls: [{ name: 'time_now', arguments: {} }], usage: { input: 900, output: 20, cached: 400 } },
    { text: 'High noon, and the secret is plum pudding.', usage: { input: 950, output: 30 } },
  );
  return say(product, await begin(product), 'What time is it, for my plum pudding?');
}

await t.test(
  'a turn leaves a tree of spans: agent, calls of models with why and how, calls of tools; never a text',
  async (t) => {
    using collector = await startCollector();
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_HEADERS: 'x-collector-key=let%20me%20in',
    };
    await using product = await startProduct({ files, env });
    const { answer } = await talk(product);
    const shown = await until('the whole trace', async () => {
      const trace = await product.client.call('traces.show', { run: answer.id });
      return !trace.running && trace;
    });
    t.strictSame(
      shown.spans.map(({ depth, name, error }) => [depth, name, error]),
      [
        [0, 'invoke_agent assistant', false],
        [1, 'chat wanted', true],
        [1, 'chat standing-in', false],
        [1, 'execute_tool time_now', false],
        [1, 'chat wanted', true],
        [1, 'chat standing-in', false],
      ],
    );
    const [agent, failed, asked, tool] = shown.spans;
    t.match(agent?.attributes, {
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.agent.name': 'assistant',
      'boternity.turn.id': answer.turn,
    });
    t.match(failed?.attributes, {
      'gen_ai.provider.name': 'one',
      'boternity.model.chosen': 'wanted',
      'error.type': 'server',
    });
    t.match(asked?.attributes, {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'two',
      'gen_ai.request.model': 'standing-in',
      'gen_ai.usage.input_tokens': 900,
      'gen_ai.usage.output_tokens': 20,
      'gen_ai.usage.cache_read.input_tokens': 400,
      'gen_ai.response.finish_reasons': ['tools'],
      'boternity.model.chosen': 'one/wanted: server',
      'boternity.usage.cost_usd': 0.00092,
    });
    t.match(asked?.attributes['boternity.prompt.sections'], [/^\w+ [0-9a-f]{64} \d+$/], 'its prompt by hash');
    t.match(tool?.attributes, { 'gen_ai.tool.name': 'time_now', 'boternity.tool.outcome': 'ok' });
    for (const span of shown.spans.slice(1))
      t.ok(span.startMs >= 0 && span.durationMs >= 0 && span.parent === agent?.id, span.name);

    const ran = await product.cli(['trace', answer.id]);
    t.match(
      ran.stdout,
      /invoke_agent assistant[\s\S]*two, 900 in, 20 out, \$0\.00092, instead of one\/wanted: server[\s\S]*execute_tool time_now/,
    );
    t.match((await product.cli(['trace', 'nothing'])).stderr, /There is no trace of "nothing"/);
    const day = dayOf(new Date());
    const file = (await product.files.read(`.boternity/traces/${day}.jsonl`)) ?? '';
    t.notMatch(file + JSON.stringify(shown), /plum pudding|High noon|What time is it/, 'no word of anybody');

    await until('the collector has all of it', () => collector.spans.length >= 6);
    const root = collector.spans.find(({ parentSpanId }) => parentSpanId === undefined);
    t.equal(root?.traceId, answer.turn.replaceAll('-', ''));
    t.equal(root?.traceId, shown.trace);
    t.ok(
      collector.spans.every(
        ({ traceId, startTimeUnixNano }) => traceId === root?.traceId && /^\d{19}$/.test(startTimeUnixNano),
      ),
    );
    t.match(collector.headers[0], 'let me in');
    const sent = collector.spans.find(({ name }) => name === 'chat standing-in');
    t.match(
      sent?.attributes.find(({ key }) => key === 'gen_ai.usage.input_tokens'),
      { value: { intValue: '900' } },
    );
    t.ok(collector.spans.some(({ status }) => status.code === 2));

    await product.kill9();
    await product.start();
    t.equal(
      (await product.client.call('traces.show', { run: answer.turn })).spans.length,
      6,
      'kill -9 loses none of it',
    );
  },
);

await t.test('a collector that does not answer stops nobody, and gets it all when it is back', async (t) => {
  using collector = await startCollector();
  collector.takes = false;
  await using product = await startProduct({
    files: {
      ...files,
      'settings.yaml': files['settings.yaml'].replace(
        'plugins: {',
        `plugins: { traces: { endpoint: "${collector.url}" },`,
      ),
    },
  });
  t.equal((await talk(product)).answer.state, 'finished');
  await until(
    'it was told of',
    () => /Traces could not be sent/.test(product.heard.stderr + product.heard.stdout),
    10_000,
  );
  collector.takes = true;
  await until('the collector has all of it', () => collector.spans.length >= 6, 20_000);
});
