import { defineAction, z, type Bots } from 'boternity';
import { nameOf, type KeyValue, type KeyValues } from '../key-values.ts';
import { bot, versionView, viewOfVersion } from '../views.ts';

declare module 'boternity' {
  interface ActionTypes {
    'kv.get': ReturnType<typeof getValue>;
    'kv.set': ReturnType<typeof setValue>;
    'kv.list': ReturnType<typeof listValues>;
    'kv.delete': ReturnType<typeof deleteValue>;
    'kv.purge': ReturnType<typeof purgeValue>;
    'kv.versions': ReturnType<typeof listValueVersions>;
    'kv.restore': ReturnType<typeof restoreValue>;
  }
}

export interface ValueParts {
  readonly bots: Bots;
  readonly values: KeyValues;
}

/** Longest name of the file of a key: there are disks that take no more. */
const LONGEST = 230;
/** Characters of a value that a list shows. */
const PREVIEW = 200;

const key = z
  .string()
  .min(1)
  .max(120)
  .regex(/^[^\p{Cc}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}]+$/u, 'a key has no control characters')
  .regex(/^\S(?:.*\S)?$/u, 'a key neither begins nor ends with a space')
  .refine((given) => nameOf(given).length <= LONGEST, 'the key is too long')
  .describe('Name of the value: theme, user.city, orders/2026');
const value = z.unknown().describe('Any JSON');

export function getValue({ bots, values }: ValueParts) {
  return defineAction({
    name: 'kv.get',
    summary: 'Gives the value that a bot keeps under a key.',
    permission: 'kv:read',
    http: 'GET /bots/{bot}/kv/{key}',
    cli: 'kv get <bot> <key>',
    examples: ['bnity kv get assistant user.city'],
    doors: ['http', 'cli', 'bot'],
    input: z.strictObject({ bot, key }),
    output: z.object({ key: z.string(), value, changed_at: z.string() }),
    async run(input) {
      const { value: found, changedMs } = await values.get(bots.idOf(input.bot), input.key);
      return { key: input.key, value: found, changed_at: new Date(changedMs).toISOString() };
    },
  });
}

export function setValue({ bots, values }: ValueParts) {
  return defineAction({
    name: 'kv.set',
    summary: 'Keeps a value for a bot under a key. The value before becomes an older version.',
    permission: 'kv:write',
    http: 'PUT /bots/{bot}/kv/{key}',
    cli: 'kv set <bot> <key> <value>',
    examples: ['bnity kv set assistant user.city Bern', `bnity kv set assistant limits '{"daily": 3}'`],
    doors: ['http', 'cli', 'bot'],
    input: z.strictObject({
      bot,
      key,
      value: value.refine((given) => given !== undefined, 'say which value'),
    }),
    output: z.object({ key: z.string(), version: z.number().int(), bytes: z.number().int() }),
    async run(input, { caller }) {
      const { version, bytes } = await values.set(bots.idOf(input.bot), input.key, input.value, caller);
      return { key: input.key, version, bytes };
    },
  });
}

export function listValues({ bots, values }: ValueParts) {
  return defineAction({
    name: 'kv.list',
    summary: 'Lists the keys of a bot with the beginnings of their values.',
    permission: 'kv:read',
    http: 'GET /bots/{bot}/kv',
    cli: 'kv list <bot>',
    examples: ['bnity kv list assistant', 'bnity kv list assistant --prefix user.'],
    columns: ['key', 'preview', 'bytes', 'changed_at'],
    doors: ['http', 'cli', 'bot'],
    input: z.strictObject({
      bot,
      prefix: z.string().max(120).default('').describe('Only keys that begin so'),
      after: z.string().max(200).optional().describe('Only keys behind this one: next of the page before'),
      limit: z.number().int().min(1).max(1_000).default(100),
    }),
    output: z.object({
      keys: z.array(
        z.object({
          key: z.string(),
          preview: z.string().describe(`The value as JSON, at most ${PREVIEW} characters of it`),
          bytes: z.number().int(),
          changed_at: z.string(),
          problem: z.string().nullable().describe('Why the value cannot be used'),
        }),
      ),
      next: z.string().nullable().describe('after for the next page; null on the last one'),
      total: z.number().int(),
    }),
    async run({ bot: given, prefix, after, limit }) {
      const { entries, more, total } = await values.list(bots.idOf(given), { prefix, after, limit });
      return { keys: entries.map(viewOf), next: more ? (entries.at(-1)?.key ?? null) : null, total };
    },
  });
}

export function deleteValue({ bots, values }: ValueParts) {
  return defineAction({
    name: 'kv.delete',
    summary: 'Deletes a key of a bot. Its versions are kept, and kv.restore brings it back.',
    permission: 'kv:write',
    http: 'DELETE /bots/{bot}/kv/{key}',
    cli: 'kv delete <bot> <key>',
    examples: ['bnity kv delete assistant user.city'],
    doors: ['http', 'cli', 'bot'],
    input: z.strictObject({ bot, key }),
    output: z.object({ key: z.string() }),
    async run(input, { caller }) {
      await values.remove(bots.idOf(input.bot), input.key, caller);
      return { key: input.key };
    },
  });
}

export function purgeValue({ bots, values }: ValueParts) {
  return defineAction({
    name: 'kv.purge',
    summary: 'Removes a key for good, with all its versions.',
    permission: 'kv:write',
    http: 'DELETE /bots/{bot}/kv/{key}/versions',
    cli: 'kv purge <bot> <key>',
    examples: ['bnity kv purge assistant user.city --force'],
    confirm: 'The value and all its versions are lost for good.',
    input: z.strictObject({ bot, key }),
    output: z.object({ key: z.string() }),
    async run(input) {
      await values.purge(bots.idOf(input.bot), input.key);
      return { key: input.key };
    },
  });
}

export function listValueVersions({ bots, values }: ValueParts) {
  return defineAction({
    name: 'kv.versions',
    summary: 'Lists the versions of a value, newest first, also of one that was deleted.',
    permission: 'kv:read',
    http: 'GET /bots/{bot}/kv/{key}/versions',
    cli: 'kv versions <bot> <key>',
    examples: ['bnity kv versions assistant user.city'],
    columns: ['version', 'value', 'at', 'by', 'is_current'],
    input: z.strictObject({ bot, key }),
    output: z.object({ versions: z.array(versionView.extend({ value })) }),
    async run(input) {
      const { versions, isThere } = await values.versions(bots.idOf(input.bot), input.key);
      return {
        versions: versions
          .map(({ version, value: then = null, isKept }, at) =>
            Object.assign(viewOfVersion(version, isThere && at === versions.length - 1, isKept), { value: then }),
          )
          .toReversed(),
      };
    },
  });
}

export function restoreValue({ bots, values }: ValueParts) {
  return defineAction({
    name: 'kv.restore',
    summary: 'Makes an older value the one of now, or brings back a key that was deleted.',
    permission: 'kv:write',
    http: 'POST /bots/{bot}/kv/{key}/restore',
    cli: 'kv restore <bot> <key> [version]',
    examples: ['bnity kv restore assistant user.city 1'],
    input: z.strictObject({
      bot,
      key,
      version: z.number().int().min(1).optional().describe('The last one by default'),
    }),
    output: z.object({ key: z.string(), value, version: z.number().int() }),
    async run(input, { caller }) {
      const id = bots.idOf(input.bot);
      const { version } = await values.restore(id, input.key, input.version, caller);
      const { value: found } = await values.get(id, input.key);
      return { key: input.key, value: found, version };
    },
  });
}

function viewOf({ key: each, value: found, problem, bytes, changedMs }: KeyValue) {
  const json = problem === undefined ? JSON.stringify(found) : '';
  return {
    key: each,
    preview: json.length > PREVIEW ? `${json.slice(0, PREVIEW - 1)}…` : json,
    bytes,
    changed_at: new Date(changedMs).toISOString(),
    problem: problem ?? null,
  };
}
