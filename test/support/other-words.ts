import { everydayFacts } from '../../bench/everyday.ts';
import { encoderPlugin } from './sentence-encoder.ts';
import { until, type Product } from './product.ts';
import { begin, say, startTalking, type Talking } from './talk.ts';

/** What is said in one conversation and noted of it, and asked for in another: no word that tells anything stands in both. */
export interface Told {
  readonly said: string;
  readonly noted: string;
  readonly asked: string;
}

export const told: readonly Told[] = [
  {
    said: 'A burglar was here and stole my jewellery.',
    noted: 'A burglar stole the jewellery of the user',
    asked: 'What did the thief take from my home?',
  },
  {
    said: 'I am scared stiff of snakes.',
    noted: 'The user is scared stiff of snakes',
    asked: 'Which reptiles frighten me?',
  },
  {
    said: 'The doctor told me to stop smoking.',
    noted: 'The doctor told the user to stop smoking',
    asked: 'What did the physician say about cigarettes?',
  },
  {
    said: 'Our puppy chewed up my leather shoes.',
    noted: 'The puppy chewed up the leather shoes of the user',
    asked: 'What did the young dog destroy?',
  },
  {
    said: 'I bought a second-hand motorbike.',
    noted: 'The user bought a second-hand motorbike',
    asked: 'What used vehicle with two wheels did I purchase?',
  },
  {
    said: 'I had surgery on my left shoulder.',
    noted: 'The user had surgery on the left shoulder',
    asked: 'Which operation did they do on my arm?',
  },
  {
    said: 'Loud music at night drives me mad.',
    noted: 'The user hates loud music at night',
    asked: 'Which noises bother me in the evening?',
  },
  {
    said: 'My daughter is engaged to a pilot.',
    noted: 'The daughter of the user is engaged to a pilot',
    asked: 'Whom is my girl going to marry?',
  },
];

/** Told last: when it is found by its meaning, everything before it has its vector. */
const last: Told = {
  said: 'Our cat always sleeps on the sofa.',
  noted: 'The cat always sleeps on the sofa in the living room',
  asked: 'Where does the kitten nap?',
};

/** A server with a sentence encoder, and a bot that remembers so many everyday facts already. */
export async function startRemembering(modules: string, count: number): Promise<Talking> {
  const talking = await startTalking({
    files: {
      'plugins/sentence-encoder/index.ts': encoderPlugin(modules),
      'settings.yaml': 'embedder: encoder/english\nplugins:\n  sentence-encoder: true\n',
    },
  });
  const { product } = talking;
  await product.stop();
  for (const [number, text] of everydayFacts(count).entries()) {
    const day = new Date(Date.UTC(2026, 0, 1 + Math.floor(number / 1_000))).toISOString();
    const memory = { id: `m${number}`, text, origin: 'owner', created_at: day };
    await product.files.write(`bots/assistant/memory/${day.slice(0, 10)}/m${number}.json`, JSON.stringify(memory));
  }
  await product.start();
  return talking;
}

/** The same server without it. */
export async function stopEncoding({ product }: Talking): Promise<void> {
  await product.stop();
  await product.files.write('settings.yaml', '');
  await product.start();
}

/**
 * Tells each in a conversation of its own, and other things in so many others that no key points of it stand in new ones; waits until
 * all that is remembered has its vector.
 */
export async function tellAll({ product, mock }: Talking, patienceMs: number): Promise<void> {
  const between = ['The bakery closes at six', 'The lift is repaired on Thursday'].map((noted) => ({
    said: noted,
    noted,
  }));
  for (const { said, noted } of [...told, ...between, last]) {
    const conversation = await begin(product);
    mock.script('I see.');
    await say(product, conversation, said, 60_000);
    mock.scriptNotes(
      JSON.stringify({ facts: [{ text: noted, category: 'fact', importance: 3, turn: 1 }], points: [] }),
    );
    await product.client.call('memories.learn', { conversation });
  }
  const isFound = async (): Promise<boolean> => (await rankOf(product, last)) !== undefined;
  await until('all have vectors', isFound, patienceMs);
}

/** At which place of a search for what is asked the fact stands, from 1; undefined where it is not found. */
export async function rankOf(product: Product, { asked, noted }: Told): Promise<number | undefined> {
  const { memories } = await product.client.call('memories.search', { bot: 'assistant', text: asked, limit: 100 });
  const at = memories.findIndex(({ text }) => text === noted);
  return at < 0 ? undefined : at + 1;
}

/** Asks in a new conversation. Gives how often the fact stands in the request that reaches the model, and what else came to mind. */
export async function askFor(
  talking: Talking,
  { asked, noted }: Told,
): Promise<{ readonly times: number; readonly others: readonly string[] }> {
  const { product, mock } = talking;
  mock.script('I see.');
  await say(product, await begin(product), asked, 60_000);
  const texts =
    talking
      .bodies()
      .at(-1)
      ?.messages.map(({ content }) => content ?? '') ?? [];
  const whole = texts.join('\n');
  const [, recalled = ''] = /<long_term_memory>([^]*?)<\/long_term_memory>/.exec(whole) ?? [];
  const others = recalled.split('\n').filter((line) => line.startsWith('- ') && !line.includes(noted));
  return { times: whole.split(noted).length - 1, others };
}
