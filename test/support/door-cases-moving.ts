import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { packTar } from 'modern-tar';
import type { DoorCase } from './door-cases.ts';
import type { Product } from './product.ts';

const nonsense = { nonsense: 'x' };

/** Sends an archive with these files; gives the id of the upload. */
export async function upload(product: Product, files: Readonly<Record<string, string>>): Promise<string> {
  const entries = Object.entries(files).map(([name, body]) => ({
    header: { name, size: Buffer.byteLength(body), type: 'file' as const },
    body,
  }));
  return send(product, gzipSync(await packTar(entries)));
}

export async function send(product: Product, archive: Uint8Array): Promise<string> {
  const response = await product.fetch('/api/v1/uploads', {
    method: 'POST',
    body: Buffer.from(archive),
    headers: { 'content-type': 'application/gzip' },
  });
  const answer = (await response.json()) as { data: { upload: string } | null; errors: { message: string }[] };
  if (!answer.data) throw new Error(answer.errors[0]?.message);
  return answer.data.upload;
}

const folder = (name: string): Record<string, string> => ({
  'SOUL.md': `---\nname: ${name}\n---\n\nCalm.\n`,
  'bot.yaml': 'status: active\n',
});

const planned = async (product: Product, name: string): Promise<string> =>
  (await product.client.call('imports.plan', { upload: await upload(product, folder(name)) })).id;

/** Cases of what moves bots and homes. */
export const movingCases: Record<string, DoorCase> = {
  'bots.manifest': {
    wrong: { bot: 'assistant', ...nonsense },
    right: { bot: 'assistant' },
    check: ({ t, output }) =>
      t.match(output, { manifest: { format: 'boternity-bot', slug: 'assistant' }, suspects: [], missing: [] }),
  },
  'backups.create': {
    wrong: nonsense,
    right: {},
    check: async ({ t, output, product }) => {
      t.equal(path.dirname(String(output.file)), path.join(product.home, 'backups'));
      const [first, second] = await readFile(String(output.file));
      t.ok(first === 0x1f && second === 0x8b, 'a gzipped archive lies there');
    },
  },
  'backups.list': {
    wrong: nonsense,
    right: {},
    check: ({ t, output }) => t.ok(Array.isArray(output.backups)),
  },
  'backups.prune': {
    wrong: nonsense,
    right: {},
    prepare: async (product) => {
      await product.files.write('backups/boternity-auto-2020-01-02T03-30-00.tar.gz', 'old');
      for (let day = 10; day < 20; day += 1)
        await product.files.write(`backups/boternity-auto-2026-01-${day}T03-30-00.tar.gz`, 'new');
      return {};
    },
    check: ({ t, output }) => t.ok(String(output.deleted).includes('boternity-auto-2026-01-10T03-30-00.tar.gz')),
  },
  'backups.delete': {
    wrong: { backup: 'x', ...nonsense },
    right: { backup: 'x' },
    prepare: async (product, door) => {
      const backup = `boternity-made-by-${door}.tar.gz`;
      await product.files.write(`backups/${backup}`, 'old');
      return { backup };
    },
    check: ({ t, product, input }) => t.notOk(existsSync(path.join(product.home, 'backups', String(input.backup)))),
  },
  'imports.plan': {
    wrong: { upload: 'x', slug: 'Not A Slug' },
    right: { upload: 'x' },
    prepare: async (product, door) => ({ upload: await upload(product, folder(`Planned by ${door}`)), source: 'box' }),
    check: ({ t, output, product, door }) => {
      t.match(output, { format: 'folder', source: 'box', bots: [{ slug: `planned-by-${door}`, problems: [] }] });
      t.notOk(existsSync(path.join(product.home, `bots/planned-by-${door}`)), 'a plan makes nothing');
    },
  },
  'imports.list': {
    wrong: nonsense,
    right: {},
    check: ({ t, output }) => t.ok(Array.isArray(output.imports)),
  },
  'imports.show': {
    wrong: { import: 'x', ...nonsense },
    right: { import: 'x' },
    prepare: async (product, door) => ({ import: await planned(product, `Shown by ${door}`) }),
    check: ({ t, output, door }) =>
      t.match(output, { bots: [{ name: `Shown by ${door}`, files: [{ file: 'SOUL.md' }, { file: 'bot.yaml' }] }] }),
  },
  'imports.apply': {
    wrong: { import: 'x', skills: 'maybe' },
    right: { import: 'x' },
    prepare: async (product, door) => ({ import: await planned(product, `Applied by ${door}`) }),
    check: async ({ t, output, product, door }) => {
      t.match(output, { bots: [{ slug: `applied-by-${door}` }], skills: [], secrets: [] });
      t.match(await product.files.read(`bots/applied-by-${door}/SOUL.md`), 'Calm.');
    },
  },
  'imports.discard': {
    wrong: { import: 'x', ...nonsense },
    right: { import: 'x' },
    prepare: async (product, door) => ({ import: await planned(product, `Discarded by ${door}`) }),
    check: async ({ t, product, input }) => {
      const { imports } = await product.client.call('imports.list', {});
      t.notOk(imports.some(({ id }) => id === input.import));
      t.notOk(existsSync(path.join(product.home, `.boternity/staging/imports/${String(input.import)}.files`)));
    },
  },
};
