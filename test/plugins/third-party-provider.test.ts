import { readFile } from 'node:fs/promises';
import path from 'node:path';
import t from 'tap';
import { providerContract, type ServiceAnswer } from 'boternity/testing';
import { frame } from '../support/chat-frames.ts';
import { startModelHouse } from '../support/model-house.ts';
import { later, refused, stageOver } from '../support/model-service.ts';

t.setTimeout(180_000);

const guide = await readFile(path.join(import.meta.dirname, '../../docs/providers.md'), 'utf8');
const [, file = '', code = ''] = /^```ts file=(\S+)\n([^]*?)^```$/m.exec(guide) ?? [];

await using home = await startModelHouse({
  [file]: code,
  'settings.yaml': 'plugins: { acme: true, sign-in: {} }\n',
});

function frames({ text = [], thinking = [], calls = [], usage, stop = 'end' }: ServiceAnswer) {
  const spoken = [
    ...thinking.map((think) => ({ think })),
    ...text.map((say) => ({ say })),
    ...calls.map(({ name, arguments: input }, at) => ({ call: { id: `call_${at}`, name, input } })),
  ];
  return { spoken: spoken.map(frame), last: [...(usage ? [{ usage }] : []), { end: stop }].map(frame) };
}

const stage = stageOver({
  // Added at the front door.
  modelAt: (address, patience) => home.modelAt({ type: 'acme' }, address, patience),
  frames,
  error: frame({ error: { message: 'out of order' } }),
  refusals: {
    key: refused(401, { message: 'no such key' }),
    rate: refused(429, { message: 'slow down' }, later),
    failure: refused(500, { message: 'out of order' }),
    context: refused(400, { message: 'the prompt is too long' }),
    invalid: refused(400, { message: 'no such field' }),
    overload: refused(503, { message: 'overloaded' }),
  },
});

await t.test('LLMP-01: a provider of a third party, in the plugins of a home, keeps the contract', async (t) => {
  t.equal(file, 'plugins/acme/index.ts', 'the example of the guide');
  await providerContract(t, { stage });
});
