import { createInterface } from 'node:readline/promises';
import { askSecret, defineCommand, Fault, type Terminal } from 'boternity';
import type {} from '../account-actions.ts';

/** `bnity account create`: the owner account without a browser, for machines and containers that have none. */
export const createAccount = defineCommand({
  summary: 'Makes the owner account on the machine of the server, without a browser.',
  usage: '',
  flags: [
    { flag: '--name <name>', description: 'what the owner is called' },
    { flag: '--email <email>', description: 'e-mail address by which the owner signs in' },
  ],
  examples: [
    'bnity account create',
    'bnity account create --name Ada --email ada@example.org',
    'bnity account create --name Ada --email ada@example.org < password.txt',
  ],
  async run({ flags, client, terminal }) {
    const { state } = await client.call('accounts.show', {});
    if (state !== 'none') throw new Fault('ACCOUNT_EXISTS', 'This home has an owner account.');
    const name = await given(flags.name, 'name', 'Name', terminal);
    const email = await given(flags.email, 'email', 'E-mail', terminal);
    const password = await askSecret('Password, at least twelve characters', terminal);
    // The same door as the link on the page: what it checks is checked once.
    const { url } = await client.call('setup.link', {});
    const token = new URLSearchParams(new URL(url).hash.replace(/^.*\?/, '')).get('token');
    await client.fetch('/setup', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token, name, email, password }),
      signal: terminal.signal,
    });
    const made = { name, email };
    terminal.stdout.write(terminal.isJson ? `${JSON.stringify(made)}\n` : `${name} <${email}> owns this home now.\n`);
    return 0;
  },
});

async function given(value: unknown, flag: string, question: string, terminal: Terminal): Promise<string> {
  if (typeof value === 'string') return value;
  const { stdin, stderr, isInteractive, signal } = terminal;
  if (!isInteractive) throw new Fault('USAGE_WRONG', `--${flag} is missing, and there is nobody to ask.`);
  const lines = createInterface({ input: stdin, output: stderr });
  try {
    return (await lines.question(`${question}: `, { signal })).trim();
  } finally {
    lines.close();
  }
}
