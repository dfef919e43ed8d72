import { setTimeout as wait } from 'node:timers/promises';
import t from 'tap';
import { z } from 'zod';
import { Kernel, type PluginStatus } from '../../../core/kernel/kernel.ts';
import { definePlugin, type Context } from '../../../core/kernel/plugin.ts';
import type {} from './names.ts';

const lamp = definePlugin({
  name: 'lamp',
  provides: ['test.lamp'],
  setup: (context) => context.provide('test.lamp', (consumer) => ({ lightFor: consumer.name })),
});
const idle = (name: string, provides?: 'test.lamp') =>
  definePlugin({ name, ...(provides && { provides: [provides] }), setup: () => undefined });

function statusOf(kernel: Kernel, name: string): PluginStatus | undefined {
  return [...kernel.status()].find((status) => status.name === name);
}

function quietKernel(options: { startTimeoutMs?: number } = {}) {
  const reports: { error: unknown; where: string }[] = [];
  const kernel = new Kernel({ ...options, report: (error, where) => void reports.push({ error, where }) });
  return { kernel, reports, [Symbol.asyncDispose]: () => kernel[Symbol.asyncDispose]() };
}

await t.test('a fact reaches its listeners, and one that throws harms nobody', async (t) => {
  await using house = quietKernel();
  const heard: number[] = [];
  let say: (value: number) => void = () => undefined;
  const listening = (name: string, listener: (fact: number) => void | Promise<void>) =>
    definePlugin({ name, setup: (context) => context.on('test.happened', listener) })();
  await house.kernel.load(
    listening('throws', () => {
      throw new Error('deaf');
    }),
    listening('rejects', async () => Promise.reject(new Error('mute'))),
    listening('hears', (fact) => void heard.push(fact)),
    definePlugin({
      name: 'speaks',
      setup: (context) => void (say = (value) => context.emit('test.happened', value)),
    })(),
  );
  say(1);
  await new Promise(setImmediate);
  t.strictSame(heard, [1]);
  t.match(house.reports, [
    { error: { message: 'deaf' }, where: /a listener of test.happened/ },
    { error: { message: 'mute' } },
  ]);
  await house.kernel.unload('hears');
  say(2);
  t.strictSame(heard, [1], 'a listener leaves with its plugin');
});

await t.test('an operation of one plugin is wrapped by another, before or after it opens', async (t) => {
  await using house = quietKernel();
  let run: ((one: number, other: number) => Promise<number>) | undefined;
  const doubles = definePlugin({
    name: 'doubles',
    setup: (context) => context.wrap('test.add', async (next, ...input) => 2 * (await next(...input))),
  });
  const adds = definePlugin({
    name: 'adds',
    setup: (context) => void (run = context.open('test.add', async (one, other) => one + other)),
  });
  await house.kernel.load(doubles(), adds());
  t.equal(await run?.(1, 2), 6);
  await house.kernel.unload('doubles');
  t.equal(await run?.(1, 2), 3);
});

await t.test('a plugin waits until every service it needs exists', async (t) => {
  await using house = quietKernel();
  const started: string[] = [];
  const reader = definePlugin({
    name: 'reader',
    needs: ['test.lamp', 'test.chair'],
    setup: (context) => void started.push(context['test.lamp'].lightFor),
  });
  await house.kernel.load(reader());
  t.match(statusOf(house.kernel, 'reader'), { state: 'waiting', missing: ['test.lamp', 'test.chair'] });
  await house.kernel.load(lamp());
  t.match(statusOf(house.kernel, 'reader'), { state: 'waiting', missing: ['test.chair'] });
  t.strictSame(started, []);
  const chair = definePlugin({
    name: 'chair',
    provides: ['test.chair'],
    setup: (context) => context.provide('test.chair', () => 'wood'),
  });
  await house.kernel.load(chair());
  t.match(statusOf(house.kernel, 'reader'), { state: 'running', missing: [] });
  t.strictSame(started, ['reader'], 'the provider saw its consumer');
});

await t.test('a plugin waits again when a service leaves, and its effects leave first', async (t) => {
  await using house = quietKernel();
  const order: string[] = [];
  const leaving = (context: Context, name: string): void => context.defer(() => void order.push(name));
  const reader = definePlugin({
    name: 'reader',
    needs: ['test.lamp'],
    setup: (context) => leaving(context, 'reader'),
  });
  const tidyLamp = definePlugin({
    name: 'lamp',
    provides: ['test.lamp'],
    setup(context) {
      leaving(context, 'lamp');
      context.provide('test.lamp', () => ({ lightFor: 'all' }));
    },
  });
  await house.kernel.load(reader(), tidyLamp());
  await house.kernel.unload('lamp');
  t.strictSame(order, ['reader', 'lamp'], 'dependents first');
  t.match(statusOf(house.kernel, 'reader'), { state: 'waiting', missing: ['test.lamp'], effects: 0 });
  t.equal(statusOf(house.kernel, 'lamp'), undefined);
});

await t.test('a dependent is stopped through a chain, last first', async (t) => {
  await using house = quietKernel();
  const order: string[] = [];
  const link = (
    name: string,
    provides: 'test.lamp' | 'test.table' | 'test.chair',
    needs: ('test.lamp' | 'test.table')[],
  ) =>
    definePlugin({
      name,
      needs,
      provides: [provides],
      setup(context) {
        context.defer(() => void order.push(name));
        context.provide(provides, () => ({ lightFor: name }));
      },
    })();
  await house.kernel.load(
    link('c', 'test.chair', ['test.table']),
    link('b', 'test.table', ['test.lamp']),
    link('a', 'test.lamp', []),
  );
  t.strictSame(
    [...house.kernel.status()].map(({ state }) => state),
    ['running', 'running', 'running'],
  );
  await house.kernel.unload('a');
  t.strictSame(order, ['c', 'b', 'a']);
});

await t.test('a bad config names the path and takes nobody down', async (t) => {
  await using house = quietKernel();
  const picky = definePlugin({
    name: 'picky',
    config: z.object({ shade: z.object({ colour: z.string() }) }),
    setup: () => undefined,
  });
  await house.kernel.load(picky({ shade: { colour: 3 } } as never), lamp());
  t.match(statusOf(house.kernel, 'picky'), {
    state: 'failed',
    error: { code: 'PLUGIN_CONFIG', message: /"picky" refuses its settings. config.shade.colour: / },
  });
  t.match(statusOf(house.kernel, 'lamp'), { state: 'running' });
});

await t.test('a config is given to the setup as its schema makes it', async (t) => {
  await using house = quietKernel();
  const seen: unknown[] = [];
  const aged = definePlugin({
    name: 'aged',
    config: z.object({ days: z.number().default(30) }),
    setup: (_context, config) => void seen.push(config),
  });
  await house.kernel.load(aged());
  await house.kernel.load(aged({ days: 60 }));
  t.strictSame(seen, [{ days: 30 }, { days: 60 }]);
});

await t.test('a setup that throws takes nobody down and leaves nothing behind', async (t) => {
  await using house = quietKernel();
  const undone: string[] = [];
  const breaks = definePlugin({
    name: 'breaks',
    provides: ['test.table'],
    setup(context) {
      context.provide('test.table', () => 'oak');
      context.defer(() => void undone.push('breaks'));
      throw new Error('cracked');
    },
  });
  const diner = definePlugin({ name: 'diner', needs: ['test.table'], setup: () => undefined });
  await house.kernel.load(breaks(), diner(), lamp());
  t.match(statusOf(house.kernel, 'breaks'), { state: 'failed', effects: 0, error: { message: 'cracked' } });
  t.match(statusOf(house.kernel, 'diner'), { state: 'waiting', missing: ['test.table'] });
  t.match(statusOf(house.kernel, 'lamp'), { state: 'running' });
  t.strictSame(undone, ['breaks']);
});

await t.test('a plugin that does not start in time is given up and says what it waited for', async (t) => {
  await using house = quietKernel({ startTimeoutMs: 50 });
  let proceed = (): void => undefined;
  let late: Context | undefined;
  const slow = definePlugin({
    name: 'slow',
    needs: ['test.lamp'],
    async setup(context) {
      context.starting('reading ten thousand books');
      late = context;
      await new Promise<void>((resolve) => (proceed = resolve));
      context.defer(() => undefined);
    },
  });
  await house.kernel.load(slow(), lamp());
  t.match(statusOf(house.kernel, 'slow'), {
    state: 'failed',
    error: {
      code: 'PLUGIN_TIMEOUT',
      message: /"slow" did not start within 50 ms. It was busy with: reading ten thousand books. It had "test.lamp"./,
    },
  });
  t.ok(late?.signal.aborted, 'its signal tells it');
  proceed();
  await new Promise(setImmediate);
  t.match(house.reports, [{ error: { code: 'SCOPE_CLOSED' }, where: /setup of slow, after it was given up/ }]);
});

await t.test('the time a plugin took to start is kept', async (t) => {
  await using house = quietKernel();
  await house.kernel.load(definePlugin({ name: 'takes time', setup: () => wait(30) })(), idle('quick')());
  t.ok((statusOf(house.kernel, 'takes time')?.startedInMs ?? 0) >= 25);
  t.ok((statusOf(house.kernel, 'quick')?.startedInMs ?? 99) < 25);
});

await t.test('plugins that do not need each other start side by side', async (t) => {
  await using house = quietKernel();
  const { promise, resolve } = Promise.withResolvers<void>();
  const waits = definePlugin({ name: 'waits', setup: () => promise });
  const frees = definePlugin({ name: 'frees', setup: () => resolve() });
  await house.kernel.load(waits(), frees());
  t.match([...house.kernel.status()], [{ state: 'running' }, { state: 'running' }]);
});

await t.test('a plugin starts as soon as it can, while a slow one still starts', async (t) => {
  await using house = quietKernel();
  const { promise, resolve } = Promise.withResolvers<void>();
  const waits = definePlugin({ name: 'waits', setup: () => promise });
  const frees = definePlugin({ name: 'frees', needs: ['test.lamp'], setup: () => resolve() });
  await house.kernel.load(waits(), frees(), lamp());
  t.match([...house.kernel.status()], [{ state: 'running' }, { state: 'running' }, { state: 'running' }]);
});

await t.test('a service is seen when the setup of its provider has finished, not before', async (t) => {
  await using house = quietKernel();
  const order: string[] = [];
  const warming = definePlugin({
    name: 'lamp',
    provides: ['test.lamp'],
    async setup(context) {
      context.provide('test.lamp', () => ({ lightFor: 'all' }));
      await wait(20);
      order.push('lamp is warm');
    },
  });
  const reader = definePlugin({ name: 'reader', needs: ['test.lamp'], setup: () => void order.push('reads') });
  await house.kernel.load(warming(), reader(), idle('quick')());
  t.strictSame(order, ['lamp is warm', 'reads']);
});

await t.test('promises are kept, and only what was promised is provided', async (t) => {
  await using house = quietKernel();
  const sneaky = definePlugin({ name: 'sneaky', setup: (context) => context.provide('test.table', () => 'oak') });
  await house.kernel.load(idle('forgets', 'test.lamp')(), sneaky());
  t.match(statusOf(house.kernel, 'forgets'), {
    state: 'failed',
    error: { code: 'PLUGIN_SERVICE', message: /promises "test.lamp" but its setup provided no such service/ },
  });
  t.match(statusOf(house.kernel, 'sneaky'), { state: 'failed', error: { code: 'PLUGIN_SERVICE' } });
});

await t.test('a service has one provider, who is named', async (t) => {
  await using house = quietKernel();
  const second = definePlugin({
    name: 'second',
    provides: ['test.lamp'],
    setup: (context) => context.provide('test.lamp', () => ({ lightFor: 'nobody' })),
  });
  await house.kernel.load(lamp(), second());
  t.match(statusOf(house.kernel, 'lamp'), { state: 'running' });
  t.match(statusOf(house.kernel, 'second'), { state: 'failed', error: { code: 'NAME_TAKEN', message: /by "lamp"/ } });
});

await t.test('changes are queued and carried out one at a time', async (t) => {
  await using house = quietKernel();
  const events: string[] = [];
  const slow = (name: string) =>
    definePlugin({
      name,
      async setup(context) {
        events.push(`+${name}`);
        context.defer(() => void events.push(`-${name}`));
        await wait(20);
        events.push(`=${name}`);
      },
    })();
  await Promise.all([house.kernel.load(slow('a')), house.kernel.unload('a'), house.kernel.load(slow('b'))]);
  t.strictSame(events, ['+a', '=a', '-a', '+b', '=b']);
});

await t.test('unloading leaves no trace', async (t) => {
  await using house = quietKernel();
  let emit: Context['emit'] = () => undefined;
  const heard: number[] = [];
  const tenant = definePlugin({
    name: 'tenant',
    provides: ['test.table'],
    setup(context) {
      emit = context.emit.bind(context);
      context.provide('test.table', () => 'oak');
      context.on('test.happened', (fact) => void heard.push(fact));
      context.wrap('test.add', async () => 0);
      context.open('test.add', async () => 1);
    },
  });
  await house.kernel.load(tenant());
  t.equal(statusOf(house.kernel, 'tenant')?.effects, 4);
  await house.kernel.unload('tenant');
  emit('test.happened', 1);
  t.strictSame(heard, []);
  let run: (() => Promise<number>) | undefined;
  const next = definePlugin({
    name: 'next',
    provides: ['test.table'],
    setup(context) {
      context.provide('test.table', () => 'pine');
      const add = context.open('test.add', async () => 2);
      run = () => add(1, 1);
    },
  });
  await house.kernel.load(next());
  t.match([...house.kernel.status()], [{ name: 'next', state: 'running' }]);
  t.equal(await run?.(), 2, 'its layer is gone');
});

await t.test('the end of the kernel stops dependents first and forgets everything', async (t) => {
  const house = quietKernel();
  const order: string[] = [];
  const reader = definePlugin({
    name: 'reader',
    needs: ['test.lamp'],
    setup: (context) => context.defer(() => void order.push('reader')),
  });
  const tidyLamp = definePlugin({
    name: 'lamp',
    provides: ['test.lamp'],
    setup(context) {
      context.defer(() => void order.push('lamp'));
      context.provide('test.lamp', () => ({ lightFor: 'all' }));
    },
  });
  await house.kernel.load(reader(), tidyLamp());
  await house[Symbol.asyncDispose]();
  t.strictSame(order, ['reader', 'lamp']);
  t.strictSame([...house.kernel.status()], []);
});
