import { figure, type Figure } from './figures.ts';
import { runLoad, type Asker, type Loaded } from './load.ts';
import { median, quantile } from './numbers.ts';

/** Turns after which a conversation makes place for a new one. */
const TURNS_A_CONVERSATION = 10;
/** Blocks of a series: those who are compared take turns, so that what else the machine does meets both. */
const BLOCKS = 4;

/** Somebody who is asked. */
type Open = () => Promise<Asker>;

/** A series: so many turns of each of those who are compared, in blocks by turns. Gives their blocks in the same order. */
export async function playSeries(opens: readonly Open[], turns: number, atOnce: number): Promise<Loaded[][]> {
  const blocks = Math.min(BLOCKS, turns);
  const played: Loaded[][] = opens.map(() => []);
  for (let block = 0; block < blocks; block += 1) {
    const total = Math.floor(turns / blocks) + (block < turns % blocks ? 1 : 0);
    for (const [at, open] of opens.entries())
      played[at]?.push(await runLoad({ atOnce: Math.min(atOnce, total), total, perAsker: TURNS_A_CONVERSATION, open }));
  }
  return played;
}

/** How long the first token and whole answers took, one at a time. */
export function latencyOf(id: string, name: string, loads: readonly Loaded[]): Figure[] {
  const first = loads.flatMap(({ firstMs }) => firstMs);
  const whole = loads.flatMap(({ wholeMs }) => wholeMs);
  return [
    figure(`${id}.first_token.p50`, `${name}: first token, p50`, quantile(first, 0.5)),
    figure(`${id}.first_token.p95`, `${name}: first token, p95`, quantile(first, 0.95)),
    figure(`${id}.whole.p50`, `${name}: whole answer, p50`, quantile(whole, 0.5)),
  ];
}

/** How many turns a second come from all who ask at once. */
export function throughputOf(id: string, name: string, atOnce: number, loads: readonly Loaded[]): Figure {
  const perSecond = median(loads.map((load) => load.perSecond));
  return figure(`${id}.turns_per_second`, `${name}: turns, ${atOnce} at once`, perSecond, 'turns/s');
}
