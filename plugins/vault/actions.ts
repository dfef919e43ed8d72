import { defineAction, Fault, z } from 'boternity';
import { SECRET_NAME, type Backend, type SecretVault, type SecretView } from './vault.ts';
import type { VaultFile } from './vault-file.ts';

declare module 'boternity' {
  interface ActionTypes {
    'secrets.list': ReturnType<typeof listSecrets>;
    'secrets.set': ReturnType<typeof setSecret>;
    'secrets.delete': ReturnType<typeof deleteSecret>;
    'secrets.rotate_key': ReturnType<typeof rotateKey>;
  }
}

/** What a provider says to a secret it uses. */
export interface SecretCheck {
  readonly provider: string;
  readonly ok: boolean;
  readonly message: string;
}

const VALUE_LIMIT = 64 * 1024;

const backend = z.enum(['environment', 'keychain', 'file']);
const secretView = z.object({
  name: z.string(),
  scope: z.string().describe('global, or the bot it belongs to'),
  backend: backend.describe('Which of the places that hold it wins'),
  variable: z.string().nullable().describe('The environment variable, where that wins'),
  preview: z.string().describe('**** and the last four characters of a value that has sixteen or more'),
  behind: z.array(backend).describe('Places that hold it too and do not count'),
});
const name = z
  .string()
  .regex(SECRET_NAME, 'write a name of capitals, digits and _: OPENAI_API_KEY')
  .max(100)
  .describe('Name of the secret');
const bot = z.string().min(1).optional().describe('Slug or id of the one bot it counts for; for all without');

export function listSecrets(vault: SecretVault) {
  return defineAction({
    name: 'secrets.list',
    summary: 'Lists the secrets: name, scope and where each comes from, never a value.',
    permission: 'secrets:read',
    http: 'GET /secrets',
    cli: 'secret list',
    columns: ['name', 'scope', 'backend', 'preview'],
    examples: ['bnity secret list', 'bnity secret list --json'],
    input: z.strictObject({}),
    output: z.object({ secrets: z.array(secretView) }),
    run: async () => ({ secrets: (await vault.list()).map(answerOf) }),
  });
}

type CheckSecret = (name: string, bot: string | undefined) => Promise<readonly SecretCheck[]>;

export function setSecret(vault: SecretVault, check: CheckSecret, changed: (name: string) => void) {
  return defineAction({
    name: 'secrets.set',
    summary: 'Keeps a secret, encrypted, and tries it with the provider that uses it.',
    permission: 'secrets:admin',
    http: 'PUT /secrets/{name}',
    cli: 'secret set <name>',
    examples: [
      'bnity secret set OPENAI_API_KEY',
      'bnity secret set OPENAI_API_KEY < key.txt',
      'bnity secret set GITHUB_TOKEN --bot coder < token.txt',
    ],
    input: z.strictObject({
      name,
      value: z
        .string()
        .min(1, 'a secret has at least one character')
        .max(VALUE_LIMIT, 'a secret has at most 64 kB')
        .meta({ description: 'The secret', writeOnly: true }),
      bot,
      check: z.boolean().default(true).describe('Try it with the provider that uses it'),
    }),
    output: secretView.extend({
      notes: z.array(z.string()).describe('What to know about this value'),
      checks: z.array(z.object({ provider: z.string(), ok: z.boolean(), message: z.string() })),
    }),
    async run(input) {
      const view = await vault.set(input.name, input.value, { bot: input.bot });
      changed(input.name);
      const checks = input.check ? await check(input.name, input.bot) : [];
      return { ...answerOf(view), notes: notesOn(input.value, view), checks: [...checks] };
    },
  });
}

export function deleteSecret(vault: SecretVault, changed: (name: string) => void) {
  return defineAction({
    name: 'secrets.delete',
    summary: 'Deletes a secret from the file and the keychain.',
    permission: 'secrets:admin',
    http: 'DELETE /secrets/{name}',
    cli: 'secret delete <name>',
    confirm: 'The secret is deleted for good; whatever uses it stops working.',
    examples: ['bnity secret delete OPENAI_API_KEY --force'],
    input: z.strictObject({ name, bot }),
    output: z.object({
      name: z.string(),
      deleted: z.literal(true),
      from: z.array(backend),
      notes: z.array(z.string()),
    }),
    async run(input) {
      const from: Backend[] = await vault.remove(input.name, { bot: input.bot });
      changed(input.name);
      const left = (await vault.list()).find((view) => view.name === input.name && view.backend === 'environment');
      if (from.length > 0) {
        const notes = left ? [`The environment variable ${left.variable} still sets it.`] : [];
        return { name: input.name, deleted: true as const, from, notes };
      }
      if (left) {
        throw new Fault('SECRET_MISSING', `${input.name} comes from the environment variable ${left.variable} alone.`, {
          hint: 'Remove the variable where the server is started.',
        });
      }
      const whose = input.bot === undefined ? '' : ` of ${input.bot}`;
      throw new Fault('SECRET_MISSING', `There is no secret ${input.name}${whose}.`);
    },
  });
}

export function rotateKey(file: VaultFile) {
  return defineAction({
    name: 'secrets.rotate_key',
    summary: 'Encrypts all secrets anew under a new key; the old one opens nothing any more.',
    permission: 'secrets:admin',
    http: 'POST /secrets/rotate-key',
    cli: 'secret rotate-key',
    examples: ['bnity secret rotate-key', 'bnity secret rotate-key --password -'],
    input: z.strictObject({
      password: z.string().min(1).optional().meta({
        description: 'A new password, where the vault is under one; without it the same one makes a new key',
        writeOnly: true,
      }),
    }),
    output: z.object({
      secrets: z.number().describe('How many were encrypted anew'),
      key: z.enum(['file', 'password', 'keychain']).describe('Where the new key comes from'),
      notes: z.array(z.string()),
    }),
    async run({ password }) {
      const done = await file.rotate(password);
      const isNew = done.key === 'password' && password !== undefined;
      return { ...done, notes: isNew ? ['Change BOTERNITY_VAULT_PASSWORD before the next start.'] : [] };
    },
  });
}

function answerOf(view: SecretView): z.input<typeof secretView> {
  return { ...view, behind: [...view.behind] };
}

function notesOn(value: string, view: SecretView): string[] {
  const notes: string[] = [];
  if (view.variable !== null) notes.push(`The environment variable ${view.variable} wins over it.`);
  if (value.length < 8)
    notes.push('It is so short that it is taken out of logs and answers only where it stands alone.');
  else if (/^[a-z]+$/i.test(value))
    notes.push('It is a plain word, and is taken out of every log and answer that has this word.');
  return notes;
}

/** A check that fails by itself says so; the secret is kept all the same. */
export function safely(check: CheckSecret): CheckSecret {
  return async (name, bot) => {
    try {
      return await check(name, bot);
    } catch (error) {
      return [{ provider: '', ok: false, message: Fault.from(error).message }];
    }
  };
}
