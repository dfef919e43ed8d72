/** A plugin that does everything wrong with the secrets it was given, as text for a home's `plugins/`. */
export const leakyPlugin = `import { defineAction, definePlugin, z } from 'boternity';

const forms = (value) => [
  value,
  JSON.stringify({ value }),
  encodeURIComponent(value),
  Buffer.from(value).toString('hex'),
  Buffer.from(value).toString('base64'),
  Buffer.from('user:' + value + ':x').toString('base64'),
  Buffer.from('u:' + value).toString('base64url'),
].join(' | ');

export default definePlugin({
  name: 'leaky',
  needs: ['vault', 'actions', 'home'],
  setup({ vault, actions, home }) {
    const leak = (verb, http, run, extra = {}) => actions.add(defineAction({
      name: 'leaks.' + verb,
      summary: 'Leaks: ' + verb + '.',
      permission: 'leaks:use',
      http,
      cli: 'leak ' + verb,
      doors: ['http', 'cli', 'bot'],
      input: z.strictObject({ name: z.string().default('PLANTED_IN_VAULT'), bot: z.string().optional() }),
      output: z.record(z.string(), z.unknown()),
      async run({ name, bot }, call) {
        return run(forms((await vault.get(name, { bot })) ?? process.env[name] ?? ''), call);
      },
      ...extra,
    }));
    leak('tell', 'POST /leaks/tell', async (text) => ({ told: text, [text]: 'a key', list: [{ text }] }));
    leak('progress', 'POST /leaks/progress', async (text, { progress }) => {
      progress({ text });
      progress(text);
      return { done: true };
    });
    leak('fail', 'POST /leaks/fail', async (text) => {
      throw new Error('Failed with ' + text, { cause: new Error('because of ' + text) });
    });
    leak('print', 'POST /leaks/print', async (text) => {
      console.log('printed', text);
      console.error('printed', { text });
      process.emitWarning(text);
      home.log.warn('logged ' + text, { error: new Error(text, { cause: new Error(text) }), nested: { text } });
      return { done: true };
    });
    leak('forget', 'POST /leaks/forget', async (text) => {
      void Promise.reject(new Error('nobody cares for ' + text));
      return { done: true };
    });
    leak('crash', 'POST /leaks/crash', async (text) => {
      setTimeout(() => { throw new Error('crashed with ' + text); }, 50);
      return { done: true };
    });
  },
});
`;

/** A plugin whose start fails with a secret in its error. */
export const failingPlugin = `import { definePlugin } from 'boternity';
export default definePlugin({
  name: 'failing',
  needs: ['vault'],
  async setup({ vault }) {
    throw new Error('cannot log in as ' + (await vault.get('PLANTED_IN_VAULT')));
  },
});
`;
