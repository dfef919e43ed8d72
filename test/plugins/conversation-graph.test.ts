import fc from 'fast-check';
import t from 'tap';
import { doSomething, endAll, GraphBench } from '../support/graph-bench.ts';
import { audit } from '../../plugins/conversations/graph/audit.ts';
import { DENIED, failed, stopped } from '../../plugins/conversations/graph/ending.ts';
import { greet } from '../../plugins/conversations/graph/greet.ts';
import { contextFor } from '../../plugins/conversations/engine/context.ts';
import { MAIN, type Change, type NodeState } from '../../plugins/conversations/graph/graph.ts';
import { applyCommit } from '../../plugins/conversations/graph/apply.ts';
import { archive, branch, merge, remove } from '../../plugins/conversations/graph/lanes.ts';
import { ancestryOf, openNodes, pathOf, versionsOf } from '../../plugins/conversations/graph/path.ts';
import { laneOf, mayMove, moved } from '../../plugins/conversations/graph/rules.ts';
import { edit, regenerate, retry, select } from '../../plugins/conversations/graph/versions.ts';
import { unknownUsage } from '../../core/agent/model.ts';
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

await t.test('states move as they may, nothing that has ended moves, and a mistake of the engine is a fault', (t) => {
  const states = 'pending awaiting_approval running finished errored rejected skipped stopped'.split(
    ' ',
  ) as NodeState[];
  const legal = {
    awaiting_approval: 'pending rejected stopped',
    pending: 'errored running skipped stopped',
    running: 'errored finished rejected stopped',
  };
  for (const from of states) {
    const to = states.filter((each) => mayMove(from, each)).toSorted();
    t.equal(to.join(' '), new Map(Object.entries(legal)).get(from) ?? '', from);
  }
  const bench = new GraphBench();
  const reply = bench.node(bench.send('one').reply);
  t.throws(() => moved(reply, 'finished'), { code: 'MOVE_ILLEGAL' });
  bench.settle();
  t.strictSame(moved(reply, 'running'), []);
  t.end();
});

await t.test('who depends on what failed is skipped, visibly and all along; who only waits goes on', (t) => {
  const bench = new GraphBench();
  const { reply } = bench.send('one');
  bench.settle();
  const source = branch(bench.graph, { from: reply, kind: 'thread', title: '', text: 'aside' }, bench.newId);
  bench.commit(source.changes);
  const joined = merge(bench.graph, [source.lane], MAIN, bench.newId);
  bench.commit(joined.changes);
  const next = bench.send('two');
  bench.begin(bench.node(source.reply ?? ''));
  t.strictSame(bench.ready(), [], 'both wait');
  bench.commit(failed(bench.node(source.reply ?? ''), { code: 'X', message: 'broken', hint: '' }));
  const skipped = bench.node(joined.reply);
  t.match(skipped, {
    state: 'skipped',
    reason: `blocked_by_failed_dependencies: ${source.reply}`,
    run: { state: 'canceled' },
  });
  t.ok(pathOf(bench.graph, laneOf(bench.graph, MAIN)).includes(skipped), 'people see it');
  t.strictSame(
    bench.ready().map(({ id }) => id),
    [next.reply],
  );
  t.throws(
    () => merge(bench.graph, [source.lane], MAIN, bench.newId),
    { code: 'MERGE_REFUSED' },
    'nor is it merged later',
  );
  bench.settle();
  t.strictSame(audit(bench.graph), []);
  t.end();
});

await t.test(
  'an attempt is a new run that inherits nothing, five at most; a branch begins only where something stands',
  (t) => {
    const bench = new GraphBench();
    const fork = (from: string) => (): unknown => branch(bench.graph, { from, kind: 'branch', title: '' }, bench.newId);
    let { reply } = bench.send('one');
    t.throws(fork(reply), { code: 'FORK_REFUSED', message: /not ended/ });
    const spent = {
      usage: unknownUsage,
      model: 'm',
      firstTokenMs: 3,
      durationMs: 9,
      notices: [{ code: 'N', message: 'n' }],
    };
    for (const attempt of [2, 3, 4, 5]) {
      const node = bench.node(reply);
      bench.begin(node);
      bench.commit([{ type: 'run', node: reply, run: { state: 'running', attempt: attempt - 1, ...spent } }]);
      bench.commit(failed(node, { code: 'X', message: 'broken', hint: '' }));
      const again = retry(bench.graph, reply, bench.newId);
      bench.commit(again.changes);
      t.throws(fork(reply), { code: 'FORK_REFUSED', message: /tried again/ });
      t.throws(() => retry(bench.graph, reply, bench.newId), { code: 'RETRY_REFUSED', message: /already/ });
      reply = again.node;
      t.strictSame(bench.node(reply).run, { state: 'queued', attempt });
      t.throws(() => retry(bench.graph, reply, bench.newId), { code: 'RETRY_REFUSED', message: /not ended/ }, 'queued');
    }
    bench.begin(bench.node(reply));
    const next = bench.call(bench.node(reply), [undefined]);
    const [task] = bench.ready();
    bench.settle();
    t.throws(fork(task?.id ?? ''), { code: 'FORK_REFUSED', message: /no message/ });
    t.throws(() => remove(bench.graph, task?.id ?? '', true), { code: 'DELETE_REFUSED' });
    t.throws(fork('nobody'), { code: 'NODE_MISSING' });
    bench.commit(remove(bench.graph, next, true));
    t.throws(fork(next), { code: 'FORK_REFUSED', message: /deleted/ });
    t.strictSame(audit(bench.graph), []);
    t.end();
  },
);

await t.test('the audit finds what no operation brings about', (t) => {
  const damages: Record<string, (bench: GraphBench, reply: string, message: string) => Change[]> = {
    'lead to each other': (_, reply, message) => [{ type: 'edge', from: reply, to: message, kind: 'sequence' }],
    'hangs on nobody': (_, reply) => [{ type: 'edge', from: 'nobody', to: reply, kind: 'sequence' }],
    'lane main ends with the user': (_, __, message) => [{ type: 'head', lane: MAIN, node: message }],
    'is running and its run is succeeded': (_, reply) => [{ type: 'state', node: reply, state: 'running' }],
    'nothing can carry it out': (_, __, message) => [{ type: 'state', node: message, state: 'pending' }],
  };
  for (const [what, damage] of Object.entries(damages)) {
    const bench = new GraphBench();
    const { reply, message } = bench.send('one');
    bench.settle();
    t.strictSame(audit(bench.graph), []);
    applyCommit(bench.graph, { v: 1, seq: 99, at: 't99', changes: damage(bench, reply, message) });
    t.match(audit(bench.graph).join('; '), what);
  }
  t.end();
});

await t.test('300 turns and 60 branches: each lane sees what leads to it, and all is sound', (t) => {
  const bench = new GraphBench();
  for (let at = 0; at < 300; at += 1) {
    const from = bench.send(`m${at}`).reply;
    bench.settle();
    if (at % 5 !== 4) continue;
    const made = branch(bench.graph, { from, kind: 'branch', title: '', text: `b${at}` }, bench.newId);
    bench.commit(made.changes);
    bench.settle();
    const seen = contextFor(bench.graph, bench.node(made.reply ?? ''));
    t.strictSame([bench.texts(made.lane).length, seen.length], [at * 2 + 4, at * 2 + 3]);
  }
  t.equal(bench.texts().length, 600);
  t.strictSame(audit(bench.graph), []);
  t.end();
});

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
