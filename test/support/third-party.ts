/** Plugins of strangers as text: each adds a provider, an action that is a tool, a file kind and a page. */

export interface Stranger {
  /** Of the plugin, and of all it adds. */
  readonly name: string;
  /** What its action says. */
  readonly word: string;
  /** The expression that is its page's module. */
  readonly page: string;
}

/** JavaScript that is TypeScript too, because a package may hold no other. */
export function strangerPlugin({ name, word, page }: Stranger): string {
  return `import { defineAction, definePlugin, manyFiles, z } from 'boternity';

const say = defineAction({
  name: '${name}.say',
  summary: 'Says ${word}.',
  permission: '${name}:use',
  http: 'POST /${name}/say',
  cli: '${name} say',
  doors: ['http', 'cli', 'bot'],
  input: z.strictObject({ broken: z.boolean().default(false) }),
  output: z.object({ said: z.string() }),
  async run({ broken }) {
    if (broken) throw new Error('out of words');
    return { said: '${word}' };
  },
});

/** Its model calls the tool, then tells what it gave. */
const kind = {
  type: '${name}',
  title: '${name}',
  address: '',
  models: ['${name}-1'],
  model: ({ name }, facts) => ({
    ...facts,
    provider: name,
    abilities: { tools: true, images: false },
    async *stream({ messages, tools = [] }) {
      const last = messages.at(-1);
      const isAsked = last.role === 'user' && tools.some((tool) => tool.name === '${name}_say');
      if (isAsked) yield { type: 'call', call: { id: 'call_1', name: '${name}_say', arguments: '{}' } };
      else yield { type: 'text', text: '${name} heard ' + JSON.stringify(last) };
      yield { type: 'end', stop: isAsked ? 'tools' : 'end' };
    },
  }),
  list: async () => [{ id: '${name}-1' }],
};

export default definePlugin({
  name: '${name}',
  needs: ['actions', 'bots', 'providers', 'web'],
  setup({ actions, bots, providers, web }) {
    actions.add(say);
    bots.files('${name}', manyFiles('${name}/*.yaml', 'yaml', z.strictObject({ note: z.string() })));
    providers.addKind(kind);
    web.panel({ path: '${name}', title: '${name}', icon: 'dot', element: '${name}-page', module: ${page} });
  },
});
`;
}

/** The module of a page. */
export function strangerPage(name: string): string {
  return `import { BnElement, html } from 'boternity/ui';
import { nothing } from 'lit';

class Page extends BnElement {
  render() {
    return html\`<h1>Hello from ${name}</h1>\${nothing}\`;
  }
}
customElements.define('${name}-page', Page);
`;
}

/** The package.json of a plugin that is a package. */
export function strangerManifest(name: string, capabilities: readonly string[], api = '^0.1'): string {
  return JSON.stringify({
    name: `boternity-plugin-${name}`,
    version: '1.2.3',
    type: 'module',
    exports: './index.js',
    boternity: { api, capabilities, description: `Adds ${name}.` },
  });
}
