import t from 'tap';
import { z } from 'zod';
import { Kernel, type PluginStatus } from '../../../core/kernel/kernel.ts';
import { definePlugin, type PluginEntry } from '../../../core/kernel/plugin.ts';
import type {} from './names.ts';

function statusOf(kernel: Kernel, name: string): PluginStatus | undefined {
  return [...kernel.status()].find((status) => status.name === name);
}

/** A kernel with a reader that needs a lamp, and a diary of what started and stopped. */
function readingRoom() {
  const diary: string[] = [];
  const kernel = new Kernel({ report: (error) => void diary.push(`reported ${String(error)}`) });
  const reader = definePlugin({
    name: 'reader',
    needs: ['test.lamp'],
    setup(context) {
      const { colour } = context['test.lamp'];
      diary.push(`reads by ${colour}`);
      context.defer(() => void diary.push(`stops by ${colour}`));
    },
  });
  return { kernel, reader, diary, [Symbol.asyncDispose]: () => kernel[Symbol.asyncDispose]() };
}

const lamp = definePlugin({
  name: 'lamp',
  provides: ['test.lamp'],
  config: z.object({ colour: z.string(), nested: z.object({ deep: z.number() }).optional() }),
  setup: (context, { colour }) => context.provide('test.lamp', () => ({ lightFor: 'all', colour })),
});

/** The same plugin as its next version: other code under the same name. */
const brokenLamp = definePlugin({
  name: 'lamp',
  provides: ['test.lamp'],
  setup() {
    throw new Error('no filament');
  },
});

await t.test('replacing a provider restarts its dependents', async (t) => {
  await using room = readingRoom();
  await room.kernel.load(room.reader(), lamp({ colour: 'red' }));
  await room.kernel.load(lamp({ colour: 'blue' }));
  t.strictSame(room.diary, ['reads by red', 'stops by red', 'reads by blue']);
  t.match(statusOf(room.kernel, 'reader'), { state: 'running' });
});

await t.test('a plugin whose code and config are the same is left alone', async (t) => {
  await using room = readingRoom();
  await room.kernel.load(room.reader(), lamp({ colour: 'red', nested: { deep: 1 } }));
  await room.kernel.load(room.reader(), lamp({ colour: 'red', nested: { deep: 1 } }));
  t.strictSame(room.diary, ['reads by red']);
});

await t.test('only what changed is restarted', async (t) => {
  await using room = readingRoom();
  const starts: string[] = [];
  const clock = definePlugin({ name: 'clock', setup: () => void starts.push('clock') });
  await room.kernel.load(clock(), room.reader(), lamp({ colour: 'red' }));
  await room.kernel.load(clock(), room.reader(), lamp({ colour: 'blue' }));
  t.strictSame(starts, ['clock']);
});

await t.test('a config is checked before the running plugin stops', async (t) => {
  await using room = readingRoom();
  await room.kernel.load(room.reader(), lamp({ colour: 'red' }));
  await room.kernel.load(lamp({ colour: 7 } as never));
  t.strictSame(room.diary, ['reads by red'], 'nobody was stopped');
  t.match(statusOf(room.kernel, 'lamp'), { state: 'running', error: { message: /config.colour/ } });
});

await t.test('a refused config is forgotten when the old one comes back', async (t) => {
  await using room = readingRoom();
  await room.kernel.load(room.reader(), lamp({ colour: 'red' }));
  await room.kernel.load(lamp({ colour: 7 } as never));
  await room.kernel.load(lamp({ colour: 'red' }));
  t.equal(statusOf(room.kernel, 'lamp')?.error, undefined);
  t.strictSame(room.diary, ['reads by red']);
});

await t.test('the old plugin returns when the new setup fails, and says so', async (t) => {
  await using room = readingRoom();
  await room.kernel.load(room.reader(), lamp({ colour: 'red' }));
  await room.kernel.load(brokenLamp());
  t.strictSame(room.diary, ['reads by red', 'stops by red', 'reads by red']);
  t.match(statusOf(room.kernel, 'lamp'), { state: 'running', error: { message: 'no filament' } });
  t.match(statusOf(room.kernel, 'reader'), { state: 'running' });
});

await t.test('the old plugin returns also when the new one forgets a service', async (t) => {
  await using room = readingRoom();
  await room.kernel.load(room.reader(), lamp({ colour: 'red' }));
  await room.kernel.load(definePlugin({ name: 'lamp', provides: ['test.lamp'], setup: () => undefined })());
  t.match(statusOf(room.kernel, 'lamp'), { state: 'running', error: { code: 'PLUGIN_SERVICE' } });
  t.equal(room.diary.at(-1), 'reads by red');
});

await t.test('a good replacement clears what went wrong before', async (t) => {
  await using room = readingRoom();
  await room.kernel.load(room.reader(), lamp({ colour: 'red' }));
  await room.kernel.load(brokenLamp());
  await room.kernel.load(lamp({ colour: 'blue' }));
  t.equal(statusOf(room.kernel, 'lamp')?.error, undefined);
  t.equal(room.diary.at(-1), 'reads by blue');
});

await t.test('a plugin that failed at first gets its chance with the next version', async (t) => {
  await using room = readingRoom();
  await room.kernel.load(room.reader(), brokenLamp());
  t.match(statusOf(room.kernel, 'lamp'), { state: 'failed' });
  await room.kernel.load(lamp({ colour: 'red' }));
  t.match(statusOf(room.kernel, 'lamp'), { state: 'running' });
  t.strictSame(room.diary, ['reads by red']);
});

await t.test('a dependent that failed is tried again with a new provider, and its error is forgotten', async (t) => {
  await using room = readingRoom();
  const shy = definePlugin({
    name: 'shy',
    needs: ['test.lamp'],
    setup(context) {
      if (context['test.lamp'].colour === 'red') throw new Error('too bright');
    },
  });
  await room.kernel.load(shy(), lamp({ colour: 'red' }));
  t.match(statusOf(room.kernel, 'shy'), { state: 'failed', error: { message: 'too bright' } });
  await room.kernel.load(lamp({ colour: 'blue' }));
  t.match(statusOf(room.kernel, 'shy'), { state: 'running' });
  t.equal(statusOf(room.kernel, 'shy')?.error, undefined);
});

await t.test('a stop that fails is reported and does not hold up the replacement', async (t) => {
  await using room = readingRoom();
  const sticky = (colour: string): PluginEntry =>
    definePlugin({
      name: 'lamp',
      provides: ['test.lamp'],
      setup(context) {
        context.defer(async () => Promise.reject(new Error(`${colour} sticks`)));
        context.provide('test.lamp', () => ({ lightFor: 'all', colour }));
      },
    })();
  await room.kernel.load(room.reader(), sticky('red'));
  await room.kernel.load(sticky('blue'));
  t.strictSame(room.diary, ['reads by red', 'stops by red', 'reported Error: red sticks', 'reads by blue']);
  await room.kernel.unload('lamp');
});

await t.test('unloading what is not there changes nothing', async (t) => {
  await using room = readingRoom();
  await room.kernel.load(room.reader(), lamp({ colour: 'red' }));
  await room.kernel.unload('nobody');
  t.strictSame(room.diary, ['reads by red']);
});
