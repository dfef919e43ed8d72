import t from 'tap';
import { memoryIndexContract } from 'boternity/testing';
import { open as openKept } from '../support/open-kept.ts';
import { open as openNative } from '../support/open-native.ts';
import { open as openOrama } from '../support/open-orama.ts';
import { open as openStock } from '../support/open-stock.ts';

t.setTimeout(300_000);
const support = new URL('../support/', import.meta.url);

await t.test('the engine "orama" keeps the contract', (t) =>
  memoryIndexContract(t, { open: openOrama, module: new URL('open-orama.ts', support) }),
);
await t.test('the engine "native" keeps the contract', (t) =>
  memoryIndexContract(t, { open: openNative, module: new URL('open-native.ts', support) }),
);
await t.test('an index that moves between both while it is used keeps the contract', (t) =>
  memoryIndexContract(t, { open: openStock, module: new URL('open-stock.ts', support) }),
);
await t.test('an index that makes a snapshot after every few changes keeps the contract', (t) =>
  memoryIndexContract(t, { open: openKept, module: new URL('open-kept.ts', support) }),
);
