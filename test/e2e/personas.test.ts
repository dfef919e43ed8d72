import t from 'tap';
import { begin, changesIn, journalOf, say, startTalking } from '../support/talk.ts';

t.setTimeout(120_000);

await using talking = await startTalking();
const { product, mock } = talking;
const write = (path: string, text: string) =>
  product.client.call('files.write', { bot: 'assistant', path, text }).then(() => undefined);
const systemAt = (at: number): string => talking.bodies().at(at)?.messages[0]?.content ?? '';

t.beforeEach(() => mock.clear());

await t.test(
  'a persona that is chosen stands in the place of the soul, and nothing else of the prompt changes',
  async (t) => {
    await write('personas/poet/SOUL.md', '---\ntone: in verse\n---\nYou answer in rhymes.\n');
    await write('personas/judge/SOUL.md', 'You weigh every word.\n');
    await write('prompts/system.md.liquid', 'Persona: [{{ persona.name }}]');
    const conversation = await begin(product);
    await say(product, conversation, 'Hello');
    t.match(systemAt(0), /You never pretend/);
    t.match(systemAt(0), 'Persona: []');

    const chosen = await product.client.call('conversations.persona', { conversation, persona: 'poet' });
    t.strictSame(chosen, { conversation, persona: 'poet', personas: ['judge', 'poet'] });
    t.equal((await product.client.call('conversations.context', { conversation })).persona, 'poet');
    await say(product, conversation, 'And now?');
    t.match(systemAt(1), /<soul>\ntone: in verse\nYou answer in rhymes\.\n<\/soul>/);
    t.notMatch(systemAt(1), 'You never pretend');
    t.match(systemAt(1), 'Persona: [poet]', 'the template knows it');
    const accounts = changesIn(await journalOf(product, conversation), 'run').flatMap(
      ({ run }) => (run as { prompt?: { id: string; sha256: string }[][] }).prompt ?? [],
    ) as unknown as { id: string; sha256: string }[];
    const digests = (id: string): string[] => accounts.filter((each) => each.id === id).map(({ sha256 }) => sha256);
    t.equal(new Set(digests('soul')).size, 2, 'the section of the soul is another');
    for (const id of ['instructions', 'bot', 'tools']) t.equal(new Set(digests(id)).size, 1, `${id} is the same`);

    await product.stop();
    await product.start();
    mock.clear();
    await say(product, conversation, 'Still?');
    t.match(systemAt(0), 'You answer in rhymes.', 'a start keeps it');
    await say(product, await begin(product), 'Hello');
    t.match(systemAt(1), 'You never pretend', 'another conversation has its own');

    const own = await product.client.call('conversations.persona', { conversation });
    t.equal(own.persona, null);
    await say(product, conversation, 'And as yourself?');
    t.match(systemAt(2), 'You never pretend');
    t.strictSame(
      changesIn(await journalOf(product, conversation), 'persona').map(({ persona }) => persona),
      ['poet', null],
      'the journal tells each change',
    );
  },
);

await t.test('a persona that is not there is refused with those that are; one that vanishes is told', async (t) => {
  const conversation = await begin(product);
  for (const persona of ['pirate', '../poet', 'poet/../judge', 'SOUL.md', '__proto__'])
    await t.rejects(product.client.call('conversations.persona', { conversation, persona }), {
      code: 'PERSONA_MISSING',
      message: /It has: judge, poet\./,
    });
  await product.client.call('conversations.persona', { conversation, persona: 'judge' });
  await product.client.call('files.remove', { bot: 'assistant', path: 'personas/judge/SOUL.md' });
  const { answer } = await say(product, conversation, 'Hello');
  t.match(systemAt(0), 'You never pretend');
  t.match(answer.run?.notices, [{ code: 'PERSONA_MISSING', message: /no persona "judge" any more/ }]);
});
