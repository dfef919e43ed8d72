import t from 'tap';
import { Onion } from '../../../core/kernel/onion.ts';
import { Registry } from '../../../core/kernel/registry.ts';
import { OwnedScope } from '../../../core/kernel/scope.ts';

type Add = (one: number, other: number) => Promise<number>;
const add: Add = async (one, other) => one + other;

await t.test('a scope', async (t) => {
  await t.test('undoes in reverse order', async (t) => {
    const undone: string[] = [];
    const scope = new OwnedScope('room');
    for (const name of ['floor', 'walls', 'roof']) scope.defer(() => void undone.push(name));
    t.equal(scope.effects, 3);
    await scope[Symbol.asyncDispose]();
    t.strictSame(undone, ['roof', 'walls', 'floor']);
  });

  await t.test('waits for one undo before the next', async (t) => {
    const undone: string[] = [];
    const scope = new OwnedScope('room');
    scope.defer(() => void undone.push('floor'));
    scope.defer(async () => {
      await new Promise(setImmediate);
      undone.push('roof');
    });
    await scope[Symbol.asyncDispose]();
    t.strictSame(undone, ['roof', 'floor']);
  });

  await t.test('goes on after an undo that throws, and throws it at the end', async (t) => {
    const undone: string[] = [];
    const scope = new OwnedScope('room');
    scope.defer(() => void undone.push('floor'));
    scope.defer(() => {
      throw new Error('stuck');
    });
    scope.defer(() => void undone.push('roof'));
    await t.rejects(scope[Symbol.asyncDispose](), /stuck/);
    t.strictSame(undone, ['roof', 'floor']);
  });

  await t.test('undoes at once what comes after its end', async (t) => {
    const scope = new OwnedScope('room');
    await scope[Symbol.asyncDispose]();
    let isUndone = false;
    t.throws(() => scope.defer(() => void (isUndone = true)), { code: 'SCOPE_CLOSED', message: /"room" is stopped/ });
    t.ok(isUndone);
  });

  await t.test('survives a late undo that fails', async (t) => {
    const scope = new OwnedScope('room');
    await scope[Symbol.asyncDispose]();
    const fails = (): never => {
      throw new Error('stuck');
    };
    t.throws(() => scope.defer(fails), { code: 'SCOPE_CLOSED' });
    t.throws(() => scope.defer(async () => fails()), { code: 'SCOPE_CLOSED' });
    t.throws(() => scope.use({ [Symbol.asyncDispose]: async () => fails() }), { code: 'SCOPE_CLOSED' });
    await new Promise(setImmediate);
  });

  await t.test('aborts its signal before anything is undone', async (t) => {
    const scope = new OwnedScope('room');
    const seen: boolean[] = [];
    scope.defer(() => void seen.push(scope.signal.aborted));
    t.notOk(scope.signal.aborted);
    await scope[Symbol.asyncDispose]();
    t.strictSame(seen, [true]);
  });

  await t.test('disposes the resources it adopted, of both kinds', async (t) => {
    const gone: string[] = [];
    const scope = new OwnedScope('room');
    const given = scope.use({ [Symbol.dispose]: () => void gone.push('plain') });
    t.type(given[Symbol.dispose], 'function', 'the resource is given back');
    scope.use({ [Symbol.asyncDispose]: async () => void gone.push('async') });
    await scope[Symbol.asyncDispose]();
    t.strictSame(gone, ['async', 'plain']);
  });

  await t.test('closes once', async (t) => {
    let count = 0;
    const scope = new OwnedScope('room');
    scope.defer(() => void (count += 1));
    await scope[Symbol.asyncDispose]();
    await scope[Symbol.asyncDispose]();
    t.equal(count, 1);
  });
});

await t.test('a registry', async (t) => {
  await t.test('keeps values in order of addition', async (t) => {
    const routes = new Registry<number>('route');
    await using scope = new OwnedScope('web');
    routes.add(scope, '/b', 1);
    routes.add(scope, '/a', 2);
    t.strictSame(
      [...routes],
      [
        ['/b', 1],
        ['/a', 2],
      ],
    );
    t.equal(routes.get('/a'), 2);
    t.equal(routes.get('/c'), undefined);
  });

  await t.test('names the owner of a taken key', async (t) => {
    const routes = new Registry<number>('route');
    await using scope = new OwnedScope('web');
    await using other = new OwnedScope('search');
    routes.add(scope, '/find', 1);
    t.equal(routes.owner('/find'), 'web');
    t.throws(() => routes.add(other, '/find', 2), {
      code: 'NAME_TAKEN',
      message: 'The route "/find" of "search" is taken by "web".',
    });
    t.equal(routes.get('/find'), 1);
    t.equal(other.effects, 0);
  });

  await t.test('gives up what a scope added when the scope closes, and only that', async (t) => {
    const routes = new Registry<number>('route');
    const scope = new OwnedScope('web');
    await using other = new OwnedScope('search');
    routes.add(scope, '/a', 1);
    routes.add(other, '/b', 2);
    await scope[Symbol.asyncDispose]();
    t.strictSame([...routes], [['/b', 2]]);
    routes.add(other, '/a', 3);
    t.equal(routes.get('/a'), 3, 'the key is free again');
  });

  await t.test('is not changed by a scope that is closed', async (t) => {
    const routes = new Registry<number>('route');
    const scope = new OwnedScope('web');
    await scope[Symbol.asyncDispose]();
    t.throws(() => routes.add(scope, '/a', 1), { code: 'SCOPE_CLOSED' });
    t.equal(routes.get('/a'), undefined);
  });

  await t.test('tells followers of every addition and removal until they leave', async (t) => {
    const routes = new Registry<number>('route');
    const follower = new OwnedScope('door');
    const scope = new OwnedScope('web');
    const sizes: number[] = [];
    routes.follow(follower, () => sizes.push([...routes].length));
    routes.add(scope, '/a', 1);
    routes.add(scope, '/b', 2);
    await scope[Symbol.asyncDispose]();
    t.strictSame(sizes, [1, 2, 1, 0]);
    await follower[Symbol.asyncDispose]();
    await using late = new OwnedScope('late');
    routes.add(late, '/c', 3);
    t.equal(sizes.length, 4);
  });
});

await t.test('an operation', async (t) => {
  await t.test('runs through layers that change input and output', async (t) => {
    await using scope = new OwnedScope('sums');
    const onion = new Onion<Add>('test.add');
    onion.wrap(scope, async (next, one, other) => (await next(one * 10, other)) + 1, 0);
    const run = onion.open(scope, add);
    t.equal(await run(2, 3), 24);
  });

  await t.test('may be tried again or refused by a layer', async (t) => {
    await using scope = new OwnedScope('sums');
    const onion = new Onion<Add>('test.add');
    let tries = 0;
    const run = onion.open(scope, async (one, other) => {
      tries += 1;
      if (tries === 1) throw new Error('tired');
      return one + other;
    });
    const again = async (next: Add, one: number, other: number): Promise<number> => {
      try {
        return await next(one, other);
      } catch {
        return next(one, other);
      }
    };
    onion.wrap(scope, again, 0);
    t.equal(await run(1, 2), 3);
    t.equal(tries, 2);
    onion.wrap(scope, async () => Promise.reject(new Error('not allowed')), -1);
    await t.rejects(run(1, 2), /not allowed/);
    t.equal(tries, 2);
  });

  await t.test('meets a lower order first, and among equals the first that came', async (t) => {
    await using scope = new OwnedScope('sums');
    const onion = new Onion<Add>('test.add');
    const met: string[] = [];
    const meet = (name: string, order: number): void =>
      onion.wrap(scope, (next, ...input) => (met.push(name), next(...input)), order);
    meet('late', 10);
    meet('first', 0);
    meet('second', 0);
    meet('early', -10);
    await onion.open(scope, add)(1, 2);
    t.strictSame(met, ['early', 'first', 'second', 'late']);
  });

  await t.test('loses a layer with its scope', async (t) => {
    await using scope = new OwnedScope('sums');
    const layers = new OwnedScope('layers');
    const onion = new Onion<Add>('test.add');
    const run = onion.open(scope, add);
    onion.wrap(layers, async () => 0, 0);
    t.equal(await run(1, 2), 0);
    await layers[Symbol.asyncDispose]();
    t.equal(await run(1, 2), 3);
  });

  await t.test('has one opener, who is named, and is closed with it', async (t) => {
    const scope = new OwnedScope('sums');
    await using other = new OwnedScope('other');
    const onion = new Onion<Add>('test.add');
    const run = onion.open(scope, add);
    t.throws(() => onion.open(other, add), { code: 'NAME_TAKEN', message: /"test.add" of "other" is open by "sums"/ });
    await scope[Symbol.asyncDispose]();
    t.throws(() => run(1, 2), { code: 'SCOPE_CLOSED', message: /"test.add" is not open/ });
    t.equal(await onion.open(other, add)(1, 2), 3, 'another may open it then');
  });
});
