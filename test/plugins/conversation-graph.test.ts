import fc from 'fast-check';
import t from 'tap';
import { doSomething, endAll, GraphBench } from '../support/graph-bench.ts';
import { alreadySent, append } from '../../plugins/conversations/graph/append.ts';
import { audit } from '../../plugins/conversations/graph/audit.ts';
import { DENIED, failed, stopped } from '../../plugins/conversations/graph/ending.ts';
import { greet } from '../../plugins/conversations/graph/greet.ts';
import { contextFor } from '../../plugins/conversations/engine/context.ts';
import { MAIN } from '../../plugins/conversations/graph/graph.ts';
import { archive, branch, merge, remove } from '../../plugins/conversations/graph/lanes.ts';
import { ancestryOf, openNodes, versionsOf } from '../../plugins/conversations/graph/path.ts';
import { moved } from '../../plugins/conversations/graph/rules.ts';
import { edit, regenerate, retry, select } from '../../plugins/conversations/graph/versions.ts';
import { Fault } from '../../core/base/fault.ts';

await t.test(
  'messages sent at once are answered in order, also when the first reply goes on with tools or fails',
  (t) => {
    const bench = new GraphBench();
    const [one, two, three] = [bench.send('one'), bench.send('two'), bench.send('three')];
    t.strictSame(
      bench.ready().map(({ id }) => id),
      [one.reply],
    );
    bench.begin(bench.node(one.reply));
    const next = bench.call(bench.node(one.reply), [undefined, undefined]);
    t.equal(bench.ready().length, 2, 'both calls, not the second reply');
    for (const task of bench.ready()) {
      bench.begin(task);
      bench.finish(task, 'result');
    }
    t.strictSame(
      bench.ready().map(({ id }) => id),
      [next],
      'the answer goes on before the next one begins',
    );
    bench.begin(bench.node(next));
    bench.commit(failed(bench.node(next), { code: 'X', message: 'broken', hint: '' }));
    t.strictSame(
      bench.ready().map(({ id }) => id),
      [two.reply],
      'a reply that failed lets the next one begin',
    );
    const again = retry(bench.graph, next, bench.newId);
    bench.commit(again.changes);
    t.strictSame(
      bench.ready().map(({ id }) => id),
      [again.node],
      'tried again, it comes before what waits behind it',
    );
    bench.commit(stopped(bench.node(two.reply), 'stop'));
    bench.settle();
    t.throws(
      () => retry(bench.graph, two.reply, bench.newId),
      { code: 'RETRY_REFUSED' },
      'the third was answered since',
    );
    t.equal(bench.node(three.reply).state, 'finished');
    t.strictSame(
      bench.texts().map((text) => text.replace(/ n\d+$/, '')),
      ['one', '', 'result', 'result', 'answer', 'two', '', 'three', 'answer'],
    );
    t.strictSame(audit(bench.graph), []);
    t.end();
  },
);

await t.test(
  'versions: another answer at the end is a version, in the middle a branch; an edit keeps what was',
  (t) => {
    const bench = new GraphBench();
    const one = bench.send('one');
    bench.settle();
    const other = regenerate(bench.graph, one.reply, bench.newId);
    t.equal(other.lane, MAIN);
    bench.commit(other.changes);
    bench.settle();
    t.strictSame(bench.texts(), ['one', `answer ${other.node}`]);
    bench.commit(select(bench.graph, other.node, 'previous').changes);
    t.strictSame(bench.texts(), ['one', `answer ${one.reply}`]);
    t.throws(() => select(bench.graph, one.reply, 3), { code: 'VERSION_MISSING' });
    const two = bench.send('two');
    t.throws(() => select(bench.graph, one.reply, 2), { code: 'NODE_BUSY' }, 'not while an answer is on its way');
    bench.settle();
    const middle = regenerate(bench.graph, one.reply, bench.newId);
    t.not(middle.lane, MAIN);
    bench.commit(middle.changes);
    bench.settle();
    t.strictSame(bench.texts(middle.lane), ['one', `answer ${middle.node}`]);
    t.strictSame(
      bench.texts(),
      ['one', `answer ${one.reply}`, 'two', `answer ${two.reply}`],
      'and here nothing is lost',
    );
    const edited = edit(bench.graph, one.message, 'uno', bench.newId);
    bench.commit(edited.changes);
    bench.settle();
    t.strictSame(bench.texts(), ['uno', `answer ${edited.reply}`]);
    t.strictSame(
      bench.texts(middle.lane),
      ['one', `answer ${middle.node}`],
      'the branch stays with what it began behind',
    );
    t.equal(versionsOf(bench.graph, one.message).length, 2);
    bench.commit(select(bench.graph, edited.node, 1).changes);
    t.equal(bench.texts().at(-1), `answer ${two.reply}`, 'the old wording comes back with all that followed it');
    t.strictSame(audit(bench.graph), []);
    t.end();
  },
);

await t.test(
  'approvals: a call that may be missing is a result, one that must be approved is waited for and tried again',
  (t) => {
    for (const required of [false, true]) {
      const bench = new GraphBench();
      const { reply } = bench.send('please');
      bench.begin(bench.node(reply));
      const next = bench.call(bench.node(reply), [required]);
      t.strictSame(bench.ready(), [], 'nothing happens before somebody says so');
      const [task] = openNodes(bench.graph);
      bench.commit(task ? moved(task, 'rejected', DENIED) : []);
      t.strictSame(
        bench.ready().map(({ id }) => id),
        required ? [] : [next],
      );
      t.strictSame(audit(bench.graph), []);
      if (!required) continue;
      const again = retry(bench.graph, task?.id ?? '', bench.newId);
      bench.commit(again.changes);
      t.equal(bench.node(again.node).state, 'awaiting_approval', 'it is asked for again');
      bench.commit(moved(bench.node(again.node), 'pending'));
      bench.settle();
      t.equal(bench.node(next).state, 'finished');
      t.strictSame(audit(bench.graph), []);
    }
    t.end();
  },
);

await t.test('branches are merged: the answer knows both, the page shows the one it was merged into', (t) => {
  const bench = new GraphBench();
  const one = bench.send('one');
  bench.settle();
  const made = branch(bench.graph, { from: one.reply, kind: 'branch', title: 'aside', text: 'what if' }, bench.newId);
  bench.commit(made.changes);
  bench.settle();
  bench.send('two');
  bench.settle();
  t.throws(() => merge(bench.graph, [MAIN], made.lane, bench.newId), { code: 'MERGE_REFUSED' });
  const { changes, reply } = merge(bench.graph, [made.lane], MAIN, bench.newId);
  bench.commit(changes);
  bench.settle();
  const known = new Set(ancestryOf(bench.graph, bench.node(reply)).map(({ text }) => text));
  t.ok(known.has('what if') && known.has('two'));
  t.notOk(bench.texts().includes('what if'));
  t.throws(() => remove(bench.graph, one.reply, true), { code: 'DELETE_REFUSED' }, 'a branch begins there');
  bench.commit(archive(bench.graph, made.lane, true));
  t.throws(() => bench.send('more', made.lane), { code: 'LANE_ARCHIVED' });
  bench.send('more');
  t.strictSame(audit(bench.graph), []);
  t.end();
});

await t.test('input while a reply is given: it waits, or begins anew, or only the newest is answered', (t) => {
  const queue = new GraphBench();
  queue.send('one');
  queue.send('two');
  queue.settle();
  t.equal(queue.texts().filter((text) => text.startsWith('answer')).length, 2);
  const restart = new GraphBench();
  const first = restart.send('one');
  restart.begin(restart.node(first.reply));
  restart.send('two', MAIN, 'restart');
  t.equal(restart.node(first.reply).isExcluded, true, 'what it had said does not count');
  t.strictSame(restart.ready(), [], 'the new reply waits until the old one has let go');
  restart.commit(stopped(restart.node(first.reply), 'Another message came.'));
  restart.settle();
  t.match(restart.texts().at(-1), 'answer');
  const stale = new GraphBench();
  const [a, b, c] = [
    stale.send('one', MAIN, 'refuse-stale'),
    stale.send('two', MAIN, 'refuse-stale'),
    stale.send('three', MAIN, 'refuse-stale'),
  ];
  t.strictSame(
    [a, b, c].map(({ reply }) => stale.node(reply).state),
    ['stopped', 'stopped', 'pending'],
  );
  t.ok(stale.node(a.reply).isDeleted, 'without a line');
  for (const bench of [queue, restart, stale]) t.strictSame(audit(bench.graph), []);
  t.end();
});

await t.test('a message with a key is one message, however often it is sent', (t) => {
  const bench = new GraphBench();
  const message = { text: 'one', lane: MAIN, key: 'k' };
  const { changes, made } = append(bench.graph, message, 'queue', bench.newId);
  bench.commit(changes);
  t.strictSame(alreadySent(bench.graph, message), made);
  t.throws(() => alreadySent(bench.graph, { ...message, text: 'two' }), { code: 'MESSAGE_CONFLICT' });
  t.end();
});

await t.test(
  'a greeting is an answer that nobody asked for: it is said once, can be given anew, and is told later',
  (t) => {
    const bench = new GraphBench();
    const begun = greet(bench.graph, undefined, bench.newId);
    bench.commit(begun?.changes ?? []);
    const greeting = bench.node(begun?.message ?? '');
    const told = (id: string): string[] =>
      contextFor(bench.graph, bench.node(id)).map((message) => JSON.stringify(message));
    t.match(told(greeting.id), [/"role":"user".*Greet me/]);
    bench.begin(greeting);
    bench.finish(greeting, 'Hello!');
    t.equal(greet(bench.graph, undefined, bench.newId), undefined, 'once');
    const { node } = regenerate(bench.graph, greeting.id, bench.newId);
    t.equal(node.startsWith('n'), true);
    const { reply } = bench.send('Hi');
    t.match(told(reply), [/Greet me/, /"assistant".*Hello!/, /Hi/]);
    bench.commit(remove(bench.graph, greeting.id, true));
    t.match(told(reply), [/"role":"user".*Hi/], 'without the greeting nothing asks for it');
    t.strictSame(audit(bench.graph), []);
    const given = new GraphBench();
    given.commit(greet(given.graph, 'Well met.', given.newId)?.changes ?? []);
    t.strictSame(given.texts().slice(1), ['Well met.']);
    t.strictSame(audit(given.graph), []);
    t.end();
  },
);

await t.test(
  'whatever is done in whatever order, with crashes and replays: the graph stays sound, everything sent ends',
  (t) => {
    const step = fc.record({ what: fc.nat(20), which: fc.nat(1_000), other: fc.nat(1_000) });
    const refusals = new Set<string>();
    fc.assert(
      fc.property(fc.array(step, { minLength: 20, maxLength: 80, size: 'max' }), (steps) => {
        const bench = new GraphBench();
        for (const each of steps) {
          try {
            doSomething(bench, each);
          } catch (error) {
            // A refusal changes nothing and has a code of its own; anything else is a mistake.
            const { code } = Fault.from(error);
            if (code === 'INTERNAL' || code === 'MOVE_ILLEGAL') throw error;
            refusals.add(code);
          }
          const findings = audit(bench.graph);
          if (findings.length > 0) throw new Error(findings.join('; '));
        }
        const replayed = bench.replayed();
        if (JSON.stringify([...replayed.nodes]) !== JSON.stringify([...bench.graph.nodes]))
          throw new Error('replay differs');
        if (JSON.stringify([...replayed.lanes]) !== JSON.stringify([...bench.graph.lanes]))
          throw new Error('lanes differ');
        endAll(bench);
        const isDenied = openNodes(bench.graph).some((node) =>
          node.parents.some(({ node: id }) => bench.graph.nodes.get(id)?.state === 'rejected'),
        );
        const left = openNodes(bench.graph);
        if (left.length > 0 && !isDenied) throw new Error(`left over: ${left.map(({ id }) => id).join()}`);
      }),
      { numRuns: 600 },
    );
    for (const code of [
      'NODE_BUSY',
      'RETRY_REFUSED',
      'FORK_REFUSED',
      'DELETE_REFUSED',
      'MERGE_REFUSED',
      'LANE_ARCHIVED',
    ])
      t.ok(refusals.has(code), `${code} was among the refusals`);
    t.end();
  },
);
