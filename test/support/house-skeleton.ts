/** The smallest tree that obeys the house: a file in every room and an import over every allowed step. */
export const skeleton: Readonly<Record<string, string>> = {
  'package.json': JSON.stringify({
    name: 'boternity',
    dependencies: { '@standard-schema/spec': '1', koa: '1', lit: '1', zod: '1' },
    devDependencies: { tap: '1' },
  }),
  'package-lock.json': JSON.stringify({ packages: { '': {}, 'node_modules/koa': { integrity: 'sha512-x' } } }),
  'boternity.config.ts': "import { z } from 'boternity';\nexport default z;\n",
  'core/kernel/kernel.ts':
    "import type { StandardSchemaV1 } from '@standard-schema/spec';\nimport 'node:util';\nexport type K = StandardSchemaV1;\n",
  'core/base/base.ts': "import type { K } from '../kernel/kernel.ts';\nexport const base: K | 1 = 1;\n",
  'core/files/files.ts': "export { base as files } from '../base/base.ts';\n",
  'core/bots/bots.ts': "export { files as bots } from '../files/files.ts';\n",
  'core/actions/actions.ts': "import { z } from 'zod';\nexport const actions = z;\n",
  'core/agent/agent.ts': "import '../bots/bots.ts';\nimport '../actions/actions.ts';\nexport const agent = 1;\n",
  'core/server/server.ts':
    "import Koa from 'koa';\nimport '../actions/actions.ts';\nexport default definePlugin({ Koa });\n",
  'core/boot/boot.ts': "import '../server/server.ts';\nexport const boot = 1;\n",
  'core/cli/main.ts':
    "import '../boot/boot.ts';\nimport { client } from '../ui/client.ts';\nexport const main = client;\n",
  'core/index.ts': "export { z } from 'zod';\nexport type { client } from './ui/client.ts';\n",
  'core/testing.ts': "export { agent } from './agent/agent.ts';\n",
  'core/ui/client.ts': "import { call } from './call.ts';\nexport const client = call;\n",
  'core/ui/call.ts':
    "import type { Route } from '../server/server.ts';\nexport const call = (route: Route) => fetch(route);\n",
  'core/ui/element.ts':
    "import { LitElement } from 'lit';\nimport './client.ts';\nexport class BnOne extends LitElement {}\n",
  'plugins/standard.ts': "import one from './one/index.ts';\nexport default [one()];\n",
  'plugins/one/index.ts': "import { z } from 'boternity';\nimport './words.ts';\nexport default z;\n",
  'plugins/one/words.ts': "import type {} from '../two/index.ts';\nexport const words = 1;\n",
  'plugins/one/ui/panel.ts':
    "import { html } from 'lit';\nimport { call } from 'boternity/ui';\nimport type { words } from '../words.ts';\nexport { html, call, type words };\n",
  'plugins/two/index.ts': "import type { panel } from './ui/panel.ts';\nexport default 1 as panel;\n",
  'plugins/two/ui/panel.ts': 'export type panel = 1;\n',
  'test/one.test.ts': "import t from 'tap';\nimport one from '../plugins/one/index.ts';\nt.ok(one);\n",
};

export interface Plant {
  readonly rule: string;
  readonly what: string;
  readonly file: string;
  readonly text: string;
}

const into = (rule: string, what: string, file: string, text: string): Plant => ({ rule, what, file, text });
const lines = (count: number, line = 'export {};'): string => `${line}\n`.repeat(count);
const machine = (top: string): string => `// ${['', top, 'somebody'].join('/')}\n`;

/** One wrong file for each thing that the house forbids. */
export const plants: readonly Plant[] = [
  into('floor', 'the kernel reaches up', 'core/kernel/wrong.ts', "import '../base/base.ts';"),
  into('floor', 'base reaches up', 'core/base/wrong.ts', "import '../files/files.ts';"),
  into('floor', 'files reach up', 'core/files/wrong.ts', "import '../bots/bots.ts';"),
  into('floor', 'a type reaches up', 'core/files/wrong.ts', "import type { bots } from '../bots/bots.ts';"),
  into('floor', 'a type in passing reaches up', 'core/base/wrong.ts', "let x: import('../files/files.ts').F;"),
  into('floor', 'a typeof reaches up', 'core/base/wrong.ts', "type X = typeof import('../files/files.ts');"),
  into('floor', 'an import() reaches up', 'core/base/wrong.ts', "void import('../files/files.ts');"),
  into('floor', 'a re-export reaches up', 'core/base/wrong.ts', "export * from '../files/files.ts';"),
  into('floor', 'bots meet actions', 'core/bots/wrong.ts', "import '../actions/actions.ts';"),
  into('floor', 'actions meet bots', 'core/actions/wrong.ts', "import '../bots/bots.ts';"),
  into('floor', 'actions meet files', 'core/actions/wrong.ts', "import '../files/files.ts';"),
  into('floor', 'agent meets server', 'core/agent/wrong.ts', "import '../server/server.ts';"),
  into('floor', 'server meets agent', 'core/server/wrong.ts', "import '../agent/agent.ts';"),
  into('floor', 'server meets cli', 'core/server/wrong.ts', "import '../cli/main.ts';"),
  into('floor', 'boot meets cli', 'core/boot/wrong.ts', "import '../cli/main.ts';"),
  into('floor', 'core uses its own front door', 'core/base/wrong.ts', "import '../index.ts';"),
  into('floor', 'core uses its own name', 'core/server/wrong.ts', "import 'boternity';"),
  into('floor', 'core imports a plugin', 'core/cli/wrong.ts', "import '../../plugins/one/index.ts';"),
  into('floor', 'core imports a test', 'core/base/wrong.ts', "import '../../test/one.test.ts';"),
  into('lost', 'an import leads nowhere', 'core/base/wrong.ts', "import './nobody.ts';"),
  into('lost', 'an import has no ending', 'core/base/wrong.ts', "import './base';"),
  into('room', 'a new room', 'core/attic/wrong.ts', 'export {};'),
  into('room', 'a file beside the rooms', 'core/wrong.ts', 'export {};'),
  into('room', 'a file at the top', 'wrong.ts', 'export {};'),
  into('computed', 'a computed import', 'core/base/wrong.ts', 'void import(process.argv[2]);'),
  into('computed', 'a pattern of imports', 'plugins/one/wrong.ts', 'void import(`./${process.argv[2]}.ts`);'),
  into('door', 'a plugin reaches into core', 'plugins/one/wrong.ts', "import '../../core/base/base.ts';"),
  into(
    'door',
    'a plugin takes a type of core',
    'plugins/one/wrong.ts',
    "import type { base } from '../../core/base/base.ts';",
  ),
  into('door', 'a plugin uses the test kit', 'plugins/one/wrong.ts', "import 'boternity/testing';"),
  into('door', 'a plugin uses the page', 'plugins/one/wrong.ts', "import 'boternity/ui';"),
  into('door', 'a plugin uses another by name', 'plugins/one/wrong.ts', "import 'boternity/plugins/two';"),
  into('door', 'a panel reaches into core', 'plugins/one/ui/wrong.ts', "import '../../../core/ui/element.ts';"),
  into('neighbour', 'a plugin uses another', 'plugins/one/wrong.ts', "import two from '../two/index.ts';"),
  into('neighbour', 'a type that is loaded', 'plugins/one/wrong.ts', "import { type two } from '../two/index.ts';"),
  into('list', 'the list does more', 'plugins/standard.ts', "import 'node:fs';\nimport './one/index.ts';"),
  into('config', 'the config does more', 'boternity.config.ts', "import './core/base/base.ts';"),
  into('browser', 'a page uses Node', 'core/ui/wrong.ts', "import 'node:fs';"),
  into('browser', 'a page uses the server', 'core/ui/wrong.ts', "import '../base/base.ts';"),
  into('browser', 'a panel uses its server', 'plugins/one/ui/wrong.ts', "import '../words.ts';"),
  into('browser', 'a panel uses the server door', 'plugins/one/ui/wrong.ts', "import 'boternity';"),
  into('browser', 'a plugin runs its panel', 'plugins/one/wrong.ts', "import './ui/panel.ts';"),
  into('browser', 'the server runs a page', 'core/server/wrong.ts', "import '../ui/element.ts';"),
  into('browser', 'the CLI runs a page', 'core/cli/wrong.ts', "import '../ui/element.ts';"),
  into('client', 'the client uses lit', 'core/ui/call.ts', "import 'lit';\nexport const call = 1;"),
  into('client', 'the client uses the page', 'core/ui/call.ts', 'export const call = document.title;'),
  into('home', 'koa outside its home', 'core/actions/wrong.ts', "import 'koa';"),
  into('home', 'lit on the server', 'core/server/wrong.ts', "import 'lit';"),
  into('home', 'a plugin brings its own zod', 'plugins/one/wrong.ts', "import { z } from 'zod';"),
  into('kernel', 'the kernel uses a package', 'core/kernel/wrong.ts', "import '@standard-schema/spec';"),
  into('length', 'a long file', 'core/base/wrong.ts', lines(401)),
  into('length', 'a long style sheet', 'core/ui/wrong.css', lines(401, 'a {}')),
  into('length', 'a long plugin', 'plugins/two/index.ts', lines(80)),
  into('language', 'an enum', 'core/base/wrong.ts', 'export enum Wrong {\n  One,\n}'),
  into('language', 'a declared enum', 'core/base/wrong.ts', 'declare enum Wrong {}\nexport type { Wrong };'),
  into('language', 'a namespace', 'core/base/wrong.ts', 'export namespace Wrong {\n  export const one = 1;\n}'),
  into('language', 'a decorator', 'core/ui/wrong.ts', 'export class Wrong {\n  @state() one = 1;\n}'),
  into(
    'language',
    'a parameter property',
    'core/base/wrong.ts',
    'export class Wrong {\n  constructor(readonly one: 1) {}\n}',
  ),
  into('default-export', 'a default export', 'core/base/wrong.ts', 'export default 1;'),
  into('default-export', 'a default export by name', 'test/wrong.ts', 'const one = 1;\nexport { one as default };'),
  into(
    'sides',
    'a margin on the left',
    'core/ui/wrong.ts',
    'export const one = css`\n  p {\n    margin-left: 1px;\n  }`;',
  ),
  into('sides', 'a place from the right', 'plugins/one/ui/wrong.ts', 'export const one = css`p { right: 0; }`;'),
  into('sides', 'words on the left', 'core/ui/wrong.css', 'p {\n  text-align: left;\n}\n'),
  into('sides', 'four lengths', 'core/ui/wrong.css', 'p {\n  margin: 0 calc(1px + (2px)) 0 0;\n}\n'),
  into('words', 'a path of a machine', 'core/base/wrong.ts', machine('work')),
  into('words', 'a path of root', 'docs/wrong.md', machine('root')),
  into('words', "a person's folder", 'test/wrong.ts', machine('home')),
];
