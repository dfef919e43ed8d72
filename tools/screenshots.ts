import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { frame } from '../test/support/chat-frames.ts';
import { startService, type Asked, type Reply } from '../test/support/model-service.ts';
import { visit } from '../test/support/page-visit.ts';
import { startProduct, until, type Product } from '../test/support/product.ts';

/**
 * `node tools/screenshots.ts` writes docs/images/conversation-{light,dark}.png: the page as it is now, on a small home, with a
 * model that says what stands here. `node tools/screenshots.ts <folder>` writes them there. Wants a font with emoji (Debian: fonts-noto-color-emoji).
 */
const folder = path.resolve(process.argv[2] ?? path.join(import.meta.dirname, '../docs/images'));
const size = { width: 1280, height: 800 };

const bots = { Rosalind: 'researcher', Grace: 'coder', Italo: 'writer' };

const QUESTION = 'Who of my bots could check the figures in a draft before I send it?';
const ANSWER = `**Rosalind** is the one to ask: she looks things up and says where she found them. A good way to share the work:

| who | does |
| --- | --- |
| Rosalind | checks every figure against its source |
| Grace | runs the sums again in a small script |
| Italo | rewrites the sentences that change |

Shall I write down what each of them needs? I remember from last week that you want sources named \`[1]\`, \`[2]\` at the end.
`;

/** What people asked the bots before, newest last. */
const earlier: readonly (readonly [string, string, string])[] = [
  ['grace', 'Why does this loop read past the end of the list?', 'Because of `<=`: the last index is `length - 1`.'],
  ['italo', 'A first line for the invitation, please', '“The lake is warm again, and so is the kitchen.”'],
  ['rosalind', 'How many people live in Tampere?', 'About 260,000, says the city itself.'],
  ['assistant', 'Plan a weekend in Ghent', 'Saturday by boat, Sunday on foot.'],
];

await using model = await startService(reply);
await using product = await startProduct({
  files: {
    'providers.yaml': `providers:\n  house:\n    type: openai-compatible\n    address: ${model.url}/v1\n    models: [small-model]\n`,
    'settings.yaml': 'model: small-model\n',
  },
});
for (const [name, template] of Object.entries(bots)) await product.client.call('bots.create', { name, template });
for (const [bot, question] of earlier) await talk(product, bot, question);
const conversation = await talk(product, 'assistant', QUESTION);

await mkdir(folder, { recursive: true });
await using visited = await visit(product, size);
const { page } = visited;
for (const colorScheme of ['light', 'dark'] as const) {
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
  await page.goto(`${product.url}/conversations/${conversation}`);
  await page.getByRole('table').waitFor();
  await page.waitForLoadState('networkidle').catch(() => undefined);
  await page.evaluate(() => document.fonts.ready);
  await writeFile(path.join(folder, `conversation-${colorScheme}.png`), await page.screenshot());
}

/** A conversation of one question that has been answered. */
async function talk({ client }: Product, bot: string, text: string): Promise<string> {
  const { id } = await client.call('conversations.create', { bot });
  await client.call('messages.send', { conversation: id, text });
  await until('the answer', async () => {
    const { nodes, active } = await client.call('conversations.show', { conversation: id });
    return active === null && nodes.some(({ kind, state }) => kind === 'agent' && state === 'finished');
  });
  return id;
}

function reply({ path: place, json, body }: Asked): Reply {
  if (place === '/v1/models') return { json: { object: 'list', data: [{ id: 'small-model', object: 'model' }] } };
  const asked = (json.messages as { role: string; content: unknown }[] | undefined) ?? [];
  if (body.includes('Note what is worth remembering')) return said('{"facts": [], "points": []}');
  const about = [[QUESTION, ANSWER], ...earlier.map(([, question, answer]) => [question, answer])];
  const [question = '', answer = ''] = about.find(([question = '']) => body.includes(question)) ?? [];
  if (body.includes('Give this conversation a title.')) return said(question.replace(/\?$/, ''));
  const mayLook = question === QUESTION && !asked.some(({ role }) => role === 'tool');
  return mayLook ? called('bots_list') : said(answer);
}

function said(content: string): Reply {
  const usage = { prompt_tokens: 1_180, completion_tokens: Math.ceil(content.length / 4) };
  return {
    frames: [
      frame({ choices: [{ index: 0, delta: { role: 'assistant', content }, finish_reason: 'stop' }], usage }),
      'data: [DONE]\n\n',
    ],
  };
}

function called(name: string): Reply {
  const call = { index: 0, id: 'call_1', type: 'function', function: { name, arguments: '{}' } };
  return {
    frames: [
      frame({ choices: [{ index: 0, delta: { tool_calls: [call] }, finish_reason: 'tool_calls' }] }),
      'data: [DONE]\n\n',
    ],
  };
}
