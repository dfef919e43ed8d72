import t from 'tap';
import { hearDeltas } from '../support/chat-service.ts';

const call = (name: string, input: unknown, rest: object = {}): object => ({
  ...rest,
  function: { name, arguments: input },
});

const oddCalls: readonly { readonly how: string; readonly deltas: readonly object[] }[] = [
  {
    how: 'with a number, in pieces',
    deltas: [
      { tool_calls: [call('bots_', '{"a"', { index: 0, id: 'x' }), call('time_now', '', { index: 1, id: 'y' })] },
      { tool_calls: [call('list', ':1}', { index: 0 })] },
    ],
  },
  {
    how: 'without numbers, whole',
    deltas: [
      { tool_calls: [call('bots_list', '{"a":1}', { id: 'x' })] },
      { tool_calls: [call('time_now', '{}', { id: 'y' })] },
    ],
  },
  {
    how: 'without numbers and ids',
    deltas: [{ tool_calls: [call('bots_list', '{"a":1}'), call('time_now', '{}')] }],
  },
  {
    how: 'without numbers, continued by id',
    deltas: [
      { tool_calls: [call('bots_list', '{"a"', { id: 'x' }), call('time_now', '', { id: 'y' })] },
      { tool_calls: [call('', ':1}', { id: 'x' })] },
    ],
  },
  {
    how: 'all numbered zero',
    deltas: [
      { tool_calls: [call('bots_list', '{"a":1}', { index: 0, id: 'x' })] },
      { tool_calls: [call('time_now', '{}', { index: 0, id: 'y' })] },
    ],
  },
  {
    how: 'with ids that come late',
    deltas: [
      { tool_calls: [call('bots_list', '', { index: 0 }), call('time_now', '', { index: 1 })] },
      { tool_calls: [call('', '{"a":1}', { index: 0, id: 'x' }), call('', '', { index: 1, id: 'y' })] },
    ],
  },
  {
    how: 'with ids that change',
    deltas: [
      { tool_calls: [call('bots_list', '{"a"', { index: 0, id: 'x1' })] },
      { tool_calls: [call('bots_list', ':1}', { index: 0, id: 'x2' }), call('time_now', '{}', { index: 1, id: 'y' })] },
    ],
  },
  {
    how: 'with the name on every piece and a closing piece',
    deltas: [
      { tool_calls: [call('bots_list', '{"a"', { index: 0, id: 'x' })] },
      { tool_calls: [call('bots_list', ':1}', { index: 0, id: 'x' })] },
      { tool_calls: [call('bots_list', '', { index: 0 }), call('time_now', null, { index: 1, id: 'y' })] },
    ],
  },
  {
    how: 'with arguments that are no text',
    deltas: [{ tool_calls: [call('bots_list', { a: 1 }, { index: 0 }), call('time_now', {}, { index: 1 })] }],
  },
];

for (const { how, deltas } of oddCalls) {
  await t.test(`two tool calls ${how} are understood`, async (t) => {
    const heard = await hearDeltas(deltas);
    t.same(
      heard.calls.map((each) => [each.name, JSON.parse(each.arguments) as unknown]),
      [
        ['bots_list', { a: 1 }],
        ['time_now', {}],
      ],
    );
    t.equal(new Set(heard.calls.map((each) => each.id).filter((id) => id !== '')).size, 2, 'two ids');
    t.equal(heard.end.stop, 'tools', 'though the service said stop');
  });
}

await t.test('a call in the old form is understood', async (t) => {
  const heard = await hearDeltas(
    [{ function_call: { name: 'bots_list', arguments: '{"a"' } }, { function_call: { arguments: ':1}' } }],
    'function_call',
  );
  t.match(heard.calls, [{ name: 'bots_list', arguments: '{"a":1}' }]);
  t.equal(heard.end.stop, 'tools');
});
