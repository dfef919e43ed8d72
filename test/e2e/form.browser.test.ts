import type { Locator, Page } from 'playwright-core';
import t from 'tap';
import { launchBrowser } from '../support/browser.ts';
import { letBrowserIn } from '../support/owner.ts';
import { startProduct } from '../support/product.ts';

t.setTimeout(120_000);

const plugin = `import { definePlugin } from 'boternity';
export default definePlugin({
  name: 'garden',
  needs: ['web'],
  setup({ web }) {
    web.panel({ path: 'garden', title: 'Garden', icon: 'dot', element: 'garden-page', module: new URL('ui/garden-panel.ts', import.meta.url) });
  },
});
`;

/** A page of a third party with every kind of field. What it hears stands below, as JSON. */
const panel = `import { BnElement, html } from 'boternity/ui';
import 'boternity/ui/form';

const schema = {
  type: 'object',
  required: ['name'],
  properties: {
    name: { type: 'string', description: 'As it stands at the gate' },
    motto: { type: 'string', maxLength: 5000 },
    key: { type: 'string', writeOnly: true },
    beds: { type: 'integer', minimum: 1, maximum: 9, default: 3 },
    rain: { anyOf: [{ type: 'number' }, { type: 'null' }] },
    soil: { type: 'string', enum: ['clay', 'sand'], default: 'sand' },
    fenced: { type: 'boolean', default: true },
    plants: { type: 'array', items: { type: 'string' } },
    gate: { title: 'The gate', type: 'object', properties: { isOpen: { type: 'boolean' }, widthOfGate: { $ref: '#/$defs/metres' } } },
    labels: { type: 'object', additionalProperties: { type: 'string' } },
    fixed: { type: 'string' },
    hidden: { type: 'string' },
    rare: { type: 'string' },
    pump: { type: 'object', required: ['litres', 'hose'], properties: { litres: { type: 'number' }, hose: { type: 'string' } } },
  },
  $defs: { metres: { type: 'number', description: 'In metres' } },
};

class GardenPage extends BnElement {
  static override properties = { value: { state: true }, kept: { state: true }, errors: { state: true } };
  declare value: object;
  declare kept: string;
  declare errors: readonly object[];

  constructor() {
    super();
    this.value = { name: 'Kew', plants: ['rose'], fixed: 'so' };
    this.kept = '';
    this.errors = [];
  }

  override render() {
    return html\`<main>
      <bn-form
        .schema=\${schema}
        .value=\${this.value}
        .errors=\${this.errors}
        .locked=\${['fixed']}
        .omit=\${['hidden']}
        .more=\${['rare', 'pump']}
        .choices=\${{ plants: ['rose', 'fern'] }}
        .notes=\${{ fixed: 'Set elsewhere' }}
        submit="Save"
        @bn-form-change=\${(event) => (this.value = event.value)}
        @bn-form-submit=\${(event) => (this.kept = JSON.stringify(event.value))}
      ></bn-form>
      <button @click=\${() => (this.errors = [{ path: 'plants.0', message: 'is no plant' }, { path: 'gate.widthOfGate', message: 'too wide' }, { path: 'sky', message: 'fell' }])}>Complain</button>
      <button @click=\${() => (this.value = { name: 'Eden' })}>Begin anew</button>
      <output>\${this.kept}</output><pre>\${JSON.stringify(this.value)}</pre>
    </main>\`;
  }
}
customElements.define('garden-page', GardenPage);
`;

const files = {
  'settings.yaml': 'plugins: { garden: true }\n',
  'plugins/garden/index.ts': plugin,
  'plugins/garden/ui/garden-panel.ts': panel,
};

await t.test('bn-form draws every kind of field of a JSON Schema and tells what was written', async (t) => {
  await using product = await startProduct({ files });
  await using browser = await launchBrowser({ width: 390, height: 844 });
  await letBrowserIn(product, browser.context);
  const page = await browser.context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  await page.goto(`${product.url}/garden`);
  const value = async (): Promise<unknown> => JSON.parse((await page.locator('pre').textContent()) ?? '');
  const field = (name: string): Locator => page.getByLabel(name, { exact: true });

  await page.getByLabel(/^Name/).fill('');
  await page.getByRole('button', { name: 'Save' }).click();
  t.equal(await page.locator('output').textContent(), '', 'without what is needed nothing is kept');
  await page.getByLabel(/^Name/).fill('Kew Gardens');
  await field('Motto').fill('Grow.\nSlowly.');
  t.equal(await field('Key').getAttribute('type'), 'password');
  t.equal(await field('Beds').getAttribute('placeholder'), '3', 'what counts without it');
  await field('Beds').fill('many');
  await page.getByText('Write a number.').waitFor();
  await page.getByRole('button', { name: 'Save' }).click();
  t.equal(await focused(page), 'field-beds', 'what is no number keeps the form, and has the focus');
  await field('Beds').fill('12');
  await page.getByText('Write 9 or less.').waitFor();
  await field('Beds').fill('4');
  await field('Rain').fill('0,5');
  await field('Soil').selectOption('clay');
  t.equal(await field('Fenced').isChecked(), true, 'as it is by default');
  await field('Fenced').uncheck();
  await page.getByRole('button', { name: 'Add to Plants' }).click();
  await page.keyboard.type('fern');
  await page.getByRole('button', { name: 'Move fern up' }).click();
  await page.getByRole('button', { name: 'Add to Plants' }).click();
  await field('Is open').check();
  await field('Width of gate').fill('2');
  await page.getByText('In metres').waitFor();
  await field('Labels').fill('{"north": ');
  await page.getByText('This is no JSON').waitFor();
  await page.getByRole('button', { name: 'Save' }).click();
  t.equal(await page.locator('output').textContent(), '');
  await field('Labels').fill('{ "north": "cold" }');
  t.equal(await field('Fixed').isDisabled(), true);
  await page.getByText('Set elsewhere').waitFor();
  t.equal(await field('Hidden').count(), 0);
  t.equal(await field('Rare').isVisible(), false);
  await page.getByText('More settings').click();
  await field('Rare').fill('x');
  await field('Rare').fill('');
  await field('Litres').fill('4');
  await page.getByText('More settings').click();
  await page.getByRole('button', { name: 'Save' }).click();
  t.equal(await page.locator('output').textContent(), '');
  t.equal(await focused(page), 'field-pump-hose', 'half of a group is pointed at, also where it is folded');
  await page.getByLabel(/^Litres/).fill('');
  await page.getByLabel(/^Name/).press('Enter');
  const whole = {
    name: 'Kew Gardens',
    motto: 'Grow.\nSlowly.',
    beds: 4,
    rain: 0.5,
    soil: 'clay',
    fenced: false,
    plants: ['fern', 'rose'],
    gate: { isOpen: true, widthOfGate: 2 },
    labels: { north: 'cold' },
    fixed: 'so',
  };
  t.same(await value(), whole);
  t.same(JSON.parse((await page.locator('output').textContent()) ?? ''), whole);
  t.equal(await field('Labels').inputValue(), '{ "north": "cold" }', 'JSON stays as it was written');

  await page.getByRole('button', { name: 'Complain' }).click();
  await page.getByText('0: is no plant').waitFor();
  await page.getByText('sky: fell').waitFor();
  t.match(await describedBy(field('Width of gate')), 'too wide');
  await field('Width of gate').fill('');
  await field('Is open').uncheck();
  t.same(await value(), { ...whole, gate: { isOpen: false } });
  await page.getByRole('button', { name: 'Begin anew' }).click();
  t.equal(await page.getByLabel(/^Name/).inputValue(), 'Eden');
  t.equal(await field('Labels').inputValue(), '');
  t.equal(await field('Plants, line 1').count(), 0);
  const surplus = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  t.equal(surplus, 0, 'nothing sticks out sideways');
  t.same(complaints, []);
});

/** Id of the field that has the focus. */
function focused(page: Page): Promise<string | undefined> {
  return page.evaluate(() => {
    let at = document.activeElement;
    while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
    return at?.id;
  });
}

function describedBy(field: Locator): Promise<string> {
  return field.evaluate((input) =>
    (input.getAttribute('aria-describedby') ?? '')
      .split(' ')
      .map((id) => (input.getRootNode() as ShadowRoot).getElementById(id)?.textContent ?? '')
      .join(' '),
  );
}
