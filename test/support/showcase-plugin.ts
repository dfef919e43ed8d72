/** Plugins with pages that tests put into a home's `plugins/`, as text: what a third party may do with the frame, without a bundler. */

/** A page at the top, one among a person's settings and two of the server's; the first uses every element that is loaded by name. */
export const showcaseFiles: Readonly<Record<string, string>> = {
  'settings.yaml': 'plugins: { showcase: true, demo: { delayMs: 0 } }\n',
  'plugins/showcase/index.ts': `import { definePlugin } from 'boternity';

export default definePlugin({
  name: 'showcase',
  needs: ['web'],
  setup({ web }) {
    const panel = (path, title, icon, file) =>
      web.panel({ path, title, icon, element: 'showcase-' + file, module: new URL('ui/' + file + '.ts', import.meta.url), order: 95 });
    panel('showcase', 'Showcase', 'star', 'page');
    panel('settings/own', 'Own things', 'user', 'own');
    panel('system/settings/near', 'Near things', 'plug', 'near');
    panel('system/settings/far', 'Far things', 'globe', 'far');
  },
});
`,
  'plugins/showcase/ui/page.ts': `import { BnElement, html, inspect, offerCommands, pageStyles, showTitle, toast } from 'boternity/ui';
import 'boternity/ui/drawer';
import 'boternity/ui/menu';
import 'boternity/ui/progress';
import 'boternity/ui/skeleton';
import 'boternity/ui/split';
import 'boternity/ui/switch';
import 'boternity/ui/tabs';
import 'boternity/ui/tooltip';
import 'boternity/ui/tree';

class ShowcasePage extends BnElement {
  static properties = { count: { state: true }, said: { state: true }, isOpen: { state: true } };
  static styles = [super.styles, pageStyles];
  declare count: number;
  declare said: string;
  declare isOpen: boolean;

  constructor() {
    super();
    this.count = 0;
    this.said = 'nothing';
    this.isOpen = false;
    offerCommands(this, () => [{ title: 'Wave the flag', icon: 'star', keys: 'w', run: () => this.#say('waved') }]);
    showTitle('Showcase');
  }

  render(): unknown {
    const items = [
      { label: 'Paint', icon: 'pencil', run: () => this.#say('painted') },
      { label: 'Shut', isDisabled: true },
      'line',
      { label: 'Burn', icon: 'trash', tone: 'danger', run: () => this.#say('burned') },
    ];
    return html\`<bn-header><h1>Showcase</h1></bn-header>
      <div class="scroll"><div class="column">
        <p id="said">\${this.said}</p>
        <div class="row">
          <button @click=\${() => toast(this, 'It is done.', { action: { label: 'Undo', run: () => this.#say('undone') } })}>Toast</button>
          <button @click=\${() => this.#inspect()}>Inspect</button>
          <button @click=\${() => (this.isOpen = true)}>Drawer</button>
          <bn-menu label="Deeds" .items=\${items}></bn-menu>
          <bn-tooltip text="Counts up"><button @click=\${() => (this.count += 1)}>Count</button></bn-tooltip>
          <bn-switch @change=\${(event) => this.#say(event.target.checked ? 'on' : 'off')}>Power</bn-switch>
        </div>
        <bn-tabs label="Parts" .tabs=\${[{ name: 'one', label: 'One' }, { name: 'two', label: 'Two' }]} @bn-tab=\${(event) => this.#say('tab ' + event.name)}>
          <p slot="one">First part</p><p slot="two">Second part</p>
        </bn-tabs>
        <bn-progress value="40" label="Upload"></bn-progress>
        <bn-skeleton lines="2"></bn-skeleton>
        <bn-tree label="Files" @bn-choose=\${(event) => this.#say('chose ' + event.id)}
          .nodes=\${[{ id: 'src', label: 'src', icon: 'folder', isOpen: true, children: [{ id: 'src/a', label: 'a.ts', icon: 'file' }] }]}></bn-tree>
        <bn-split><div slot="start">Left side</div><div slot="end">Right side</div></bn-split>
        <bn-drawer heading="From the side" .isOpen=\${this.isOpen} @bn-close=\${() => (this.isOpen = false)}>Inside the drawer</bn-drawer>
      </div></div>\`;
  }

  #inspect(): void {
    inspect(this, { heading: 'Counted', content: () => html\`<p>Count \${this.count}</p>\`, closed: () => this.#say('closed') });
  }

  #say(said: string): void {
    this.said = said;
  }
}

customElements.define('showcase-page', ShowcasePage);
`,
  ...Object.fromEntries(
    ['own', 'near', 'far'].map((name) => [
      `plugins/showcase/ui/${name}.ts`,
      `import { BnElement, html } from 'boternity/ui';
customElements.define('showcase-${name}', class extends BnElement {
  render(): unknown { return html\`<bn-header><h1>The ${name} things</h1></bn-header><p>Content of ${name}</p>\`; }
});
`,
    ]),
  ),
};

/** A kind of provider whose service listens at an address of the test: \`try\`, with a key of its own. */
export function tryKindFiles(address: string): Readonly<Record<string, string>> {
  return {
    'settings.yaml': 'plugins: { trykind: true }\n',
    'plugins/trykind/index.ts': `import { definePlugin } from 'boternity';

export default definePlugin({
  name: 'trykind',
  needs: ['openAi', 'providers'],
  setup({ openAi, providers }) {
    providers.addKind({
      type: 'try',
      title: 'Try it',
      address: '${address}',
      key: 'TRY_API_KEY',
      models: ['try-model'],
      model: (access, facts) => openAi.chat(access, facts),
    });
  },
});
`,
  };
}
