import { readFileSync } from 'node:fs';
import type { ModelFacts, Price, Rates } from 'boternity';

type Row = readonly [
  window: number | null,
  output: number | null,
  images: 0 | 1,
  thinking: 0 | 1,
  rates?: RateRow,
  tiers?: readonly (readonly [above: number, ...RateRow])[],
];
type RateRow = readonly [input: number, output: number, cacheRead: number | null, cacheWrite: number | null];

interface Catalogue {
  /** The package that the figures were taken from, its version and the day. */
  readonly source: string;
  readonly version: string;
  readonly taken: string;
  /** Name of a kind of provider, or the host of a service → id → what is known. */
  readonly models: Readonly<Record<string, Readonly<Record<string, Row>>>>;
}

let loaded: Catalogue | undefined;

/** Windows, abilities and prices that ship with the product. Made by tools/catalogue.ts; read at the first use. */
function catalogue(): Catalogue {
  loaded ??= JSON.parse(readFileSync(new URL('catalogue.json', import.meta.url), 'utf8')) as Catalogue;
  return loaded;
}

/** What the catalogue knows of a model; nothing where it does not know it. A snapshot with a date is known by the name without it. */
export function catalogueFacts(name: string, id: string): Partial<ModelFacts> {
  const models = catalogue().models[name];
  const row = models?.[id] ?? models?.[id.replace(/-(\d{8}|\d{4}-\d{2}-\d{2})$/, '')];
  if (!row) return {};
  const [window, output, images, thinking, rates, tiers] = row;
  const price: Price | undefined = rates && {
    ...ratesOf(rates),
    ...(tiers && { tiers: tiers.map(tierOf) }),
    source: `catalogue of ${catalogue().taken}`,
  };
  return {
    ...(window !== null && { window }),
    ...(output !== null && { output }),
    abilities: { images: images === 1, thinking: thinking === 1 },
    ...(price && { price }),
  };
}

type Tier = NonNullable<Price['tiers']>[number];

function tierOf([above, ...rates]: readonly [above: number, ...RateRow]): Tier {
  return { above, ...ratesOf(rates) };
}

function ratesOf([input, output, cacheRead, cacheWrite]: RateRow): Rates {
  return { input, output, ...(cacheRead !== null && { cacheRead }), ...(cacheWrite !== null && { cacheWrite }) };
}
