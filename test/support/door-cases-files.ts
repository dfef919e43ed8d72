import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import path from 'node:path';
import { promisify } from 'node:util';
import { listOf } from './answers.ts';
import type { Door, DoorCase, Success } from './door-cases.ts';
import type { Product } from './product.ts';

const assistant = { bot: 'assistant' };
const nonsense = { nonsense: 'x' };
const soulOf = (product: Product, bot: unknown): Promise<string | undefined> =>
  product.files.read(`bots/${String(bot)}/SOUL.md`);

/** What git, the real one, says in a bot's folder. */
export async function gitIn(product: Product, bot: string, ...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('git', ['-C', path.join(product.home, 'bots', bot), ...args]);
  return stdout.trim();
}

/** Cases of the actions that read and change files, their history and their seal. */
export const fileCases: Record<string, DoorCase> = {
  'files.list': {
    wrong: { ...assistant, ...nonsense },
    right: assistant,
    check: ({ t, output }) => {
      const files = listOf(output.files);
      t.match(
        files.find((file) => file.path === 'SOUL.md'),
        { sealed: true },
      );
      t.match(
        files.find((file) => file.path === 'AGENT.md'),
        { sealed: false },
      );
    },
  },
  'files.read': {
    wrong: { ...assistant, path: 'SOUL.md', at: 'main' },
    right: { ...assistant, path: 'SOUL.md' },
    check: async ({ t, product, output }) => {
      const text = await soulOf(product, 'assistant');
      const digest = createHash('sha256')
        .update(text ?? '')
        .digest('hex');
      t.match(output, { text, digest, sealed: true, commit: null });
    },
  },
  'files.write': {
    wrong: { ...assistant, path: 'AGENT.md', text: 'x', why: '' },
    right: { ...assistant, path: 'AGENT.md', text: 'x' },
    prepare: async (product, door) => ({
      bot: await newBot(product, door, 'written'),
      path: 'data/facts.yaml',
      text: 'colour: blue\n',
      why: 'Learn a colour',
    }),
    check: async ({ t, product, input }) => {
      const bot = String(input.bot);
      t.equal(await product.files.read(`bots/${bot}/data/facts.yaml`), 'colour: blue\n');
      t.match(await gitIn(product, bot, 'log', '-1', '--format=%an: %s'), /: Learn a colour$/);
      t.equal(await gitIn(product, bot, 'status', '--porcelain'), '', 'and git sees a clean folder');
    },
  },
  'files.rename': {
    wrong: { ...assistant, path: 'AGENT.md', to: 'x'.repeat(401) },
    right: { ...assistant, path: 'AGENT.md', to: 'notes/agent.md' },
    prepare: async (product, door) => ({
      bot: await newBot(product, door, 'renamed'),
      path: 'AGENT.md',
      to: 'notes/agent.md',
    }),
    check: async ({ t, product, input }) => {
      const bot = String(input.bot);
      t.equal(await product.files.read(`bots/${bot}/AGENT.md`), undefined);
      t.ok(await product.files.read(`bots/${bot}/notes/agent.md`));
      t.equal(await gitIn(product, bot, 'log', '-1', '--format=%s'), 'Rename AGENT.md to notes/agent.md');
      t.equal(await gitIn(product, bot, 'status', '--porcelain'), '', 'and git sees a clean folder');
    },
  },
  'files.remove': {
    wrong: { ...assistant, path: 'x'.repeat(401) },
    right: { ...assistant, path: 'AGENT.md' },
    prepare: async (product, door) => ({ bot: await newBot(product, door, 'thinned'), path: 'AGENT.md' }),
    check: async ({ t, product, input }) => {
      t.equal(await product.files.read(`bots/${String(input.bot)}/AGENT.md`), undefined);
      t.equal(await gitIn(product, String(input.bot), 'log', '-1', '--format=%s'), 'Remove AGENT.md');
    },
  },
  'files.history': {
    wrong: { ...assistant, limit: 0 },
    right: { ...assistant, path: 'AGENT.md' },
    prepare: (product, door) => twice(product, door, 'told'),
    check: ({ t, output }) => {
      const messages = listOf(output.commits).map(({ message }) => message);
      t.strictSame(messages, ['Second', 'First', 'Create from the template assistant']);
    },
  },
  'files.diff': {
    wrong: { ...assistant, from: '--output=x' },
    right: assistant,
    prepare: (product, door) => twice(product, door, 'compared'),
    check: ({ t, output }) => {
      t.match(output.diff, /^-one$/m);
      t.match(output.diff, /^\+two$/m);
    },
  },
  'files.blame': {
    wrong: { ...assistant, path: 'AGENT.md', at: 'HEAD~1' },
    right: { ...assistant, path: 'SOUL.md' },
    check: ({ t, output }) => {
      const [first] = listOf(output.lines);
      t.match(first, { line: 1, text: '---', author: String });
    },
  },
  'files.rollback': {
    wrong: { ...assistant, path: 'AGENT.md', to: 'HEAD' },
    right: { ...assistant, path: 'AGENT.md', to: 'abcdef0' },
    prepare: async (product, door) => {
      const made = await twice(product, door, 'rolled');
      const to = await gitIn(product, made.bot, 'rev-parse', 'HEAD~1');
      return { ...made, to };
    },
    check: async ({ t, product, input, output }) => {
      t.equal(await product.files.read(`bots/${String(input.bot)}/AGENT.md`), 'one\n');
      t.equal(output.commit, await gitIn(product, String(input.bot), 'rev-parse', 'HEAD'));
    },
  },
  'soul.show': {
    wrong: { ...assistant, ...nonsense },
    right: assistant,
    check: async ({ t, product, output }) => t.equal(output.text, await soulOf(product, 'assistant')),
  },
  'soul.edit': {
    wrong: { ...assistant, text: 'x', why: '' },
    right: { ...assistant, text: '---\nname: Ada\n---\nYou are calm.\n' },
    prepare: async (product, door) => ({ bot: await newBot(product, door, 'soul'), text: soulText('Edited') }),
    check: async ({ t, product, input }) => {
      t.equal(await soulOf(product, input.bot), soulText('Edited'));
      t.equal(await gitIn(product, String(input.bot), 'log', '-1', '--format=%s'), 'Edit SOUL.md');
    },
  },
  'soul.history': {
    wrong: { ...assistant, ...nonsense },
    right: assistant,
    check: ({ t, output }) => t.match(listOf(output.versions).at(-1), { version: 1, digest: /^[0-9a-f]{64}$/ }),
  },
  'soul.diff': {
    wrong: { ...assistant, from: 0 },
    right: assistant,
    prepare: (product, door) => withSoul(product, door, 'soul-diff'),
    check: ({ t, output }) => t.match(output, { from: 1, to: 2, diff: /\+name: Second/ }),
  },
  'soul.rollback': {
    wrong: { ...assistant, version: 0 },
    right: { ...assistant, version: 1 },
    prepare: async (product, door) => ({ ...(await withSoul(product, door, 'soul-back')), version: 1 }),
    check: async ({ t, product, input, output }) => {
      t.equal(output.version, 3);
      t.match(await soulOf(product, input.bot), 'soul-back');
      t.equal(await gitIn(product, String(input.bot), 'log', '-1', '--format=%s'), 'Rollback to version 1');
    },
  },
  'soul.verify': {
    wrong: { ...assistant, ...nonsense },
    right: assistant,
    check: ({ t, output }) => t.match(output, { ok: true, waiting: [] }),
  },
  'soul.accept': {
    wrong: { ...assistant, ...nonsense },
    right: assistant,
    prepare: (product, door) => withWaiting(product, door, 'accepted'),
    check: async (success) => {
      await ended(success, 'Somebody else');
      const { t, product, input } = success;
      t.equal(await gitIn(product, String(input.bot), 'log', '-1', '--format=%s'), 'Accept SOUL.md');
    },
  },
  'soul.restore': {
    wrong: { ...assistant, ...nonsense },
    right: assistant,
    prepare: (product, door) => withWaiting(product, door, 'restored'),
    check: (success) => ended(success, 'restored'),
  },
  'approvals.list': {
    wrong: { ...assistant, ...nonsense },
    right: assistant,
    prepare: (product, door) => withCode(product, door, 'listed'),
    check: ({ t, output }) => t.match(output.approvals, [{ kind: 'code', path: 'hooks/before_inference' }]),
  },
  'approvals.grant': {
    wrong: { ...assistant, path: '' },
    right: { ...assistant, path: 'hooks/x' },
    prepare: async (product, door) => ({
      ...(await withCode(product, door, 'granted')),
      path: 'hooks/before_inference',
    }),
    check: async ({ t, product, input, output }) => {
      t.equal(output.waiting, 0);
      t.match(await product.client.call('bots.show', { bot: String(input.bot) }), { waits: [] });
    },
  },
};

async function newBot(product: Product, door: Door, what: string): Promise<string> {
  const { slug } = await product.client.call('bots.create', { name: `${what} ${door}` });
  return slug;
}

function soulText(name: string): string {
  return `---\nname: ${name}\n---\n\nYou are calm.\n`;
}

/** A bot whose AGENT.md was written twice. */
async function twice(product: Product, door: Door, what: string): Promise<{ bot: string; path: string }> {
  const made = { bot: await newBot(product, door, what), path: 'AGENT.md' };
  await product.client.call('files.write', { ...made, text: 'one\n', why: 'First' });
  await product.client.call('files.write', { ...made, text: 'two\n', why: 'Second' });
  return made;
}

async function withSoul(product: Product, door: Door, what: string): Promise<{ bot: string }> {
  const bot = await newBot(product, door, what);
  await product.client.call('soul.edit', { bot, text: soulText('Second') });
  return { bot };
}

/** A bot of which somebody changed the soul on disk while such changes wait for a person. */
async function withWaiting(product: Product, door: Door, what: string): Promise<{ bot: string }> {
  const bot = await newBot(product, door, what);
  await product.client.call('settings.set', { key: 'seal', value: 'approve' });
  await product.files.write(`bots/${bot}/SOUL.md`, soulText('Somebody else'));
  const { waiting } = await product.client.call('soul.verify', { bot });
  if (waiting.length !== 1) throw new Error('Nothing waits.');
  return { bot };
}

async function ended({ t, product, input }: Success, name: string): Promise<void> {
  t.match(await soulOf(product, input.bot), name);
  t.match(await product.client.call('soul.verify', { bot: String(input.bot) }), { ok: true, waiting: [] });
}

/** A bot folder that was copied here with a hook in it. */
async function withCode(product: Product, door: Door, what: string): Promise<{ bot: string }> {
  const bot = `${what}-${door}`;
  await product.files.write(`bots/${bot}/hooks/before_inference`, '#!/bin/sh\necho hi\n');
  await product.files.write(`bots/${bot}/SOUL.md`, soulText(what));
  for (let tries = 0; tries < 100; tries += 1) {
    const { bots } = await product.client.call('bots.list', {});
    if (bots.some(({ slug }) => slug === bot)) break;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await product.client.call('soul.verify', { bot });
  return { bot };
}
