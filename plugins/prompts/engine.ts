import { Fault } from 'boternity';
import type { Liquid, LiquidOptions } from 'liquidjs';

/** Longest template, in characters. */
export const LONGEST_TEMPLATE = 64 * 1024;
/** How long a template may take, in milliseconds of the clock. Usual ones take well under one; a busy machine may hold them up. */
export const PATIENCE_MS = 250;
/** What a template may make on its way to its text: characters and list items, together. */
const MEMORY = 2_000_000;

/** A folder in which there is nothing. */
const nowhere: NonNullable<LiquidOptions['fs']> = {
  exists: async () => false,
  existsSync: () => false,
  readFile: () => Promise.reject(nothingThere()),
  readFileSync: () => {
    throw nothingThere();
  },
  resolve: (_folder, file) => file,
  contains: async () => false,
  containsSync: () => false,
};

/** Tags that read other files. */
export const readsFiles = ['include', 'render', 'layout', 'block'];
const dates = ['date', 'date_to_xmlschema', 'date_to_rfc822', 'date_to_string', 'date_to_long_string'];
/** What the date filters take for the present. */
const present: ReadonlySet<unknown> = new Set(['now', 'today']);

let loading: Promise<Liquid> | undefined;

/** The engine of templates, loaded on first use: no files, no chance, no clock, nothing but what it is given, all of it bounded. */
export function engine(): Promise<Liquid> {
  return (loading ??= createEngine());
}

/** Forgets the engine after its work was broken off in the middle. */
export function renewEngine(): void {
  loading = undefined;
}

/** Whether a filter with this value in front of it asks for the present. */
export function asksForNow(filter: string, value: unknown): boolean {
  return dates.includes(filter) && present.has(value);
}

async function createEngine(): Promise<Liquid> {
  const { Liquid } = await import('liquidjs');
  const liquid = new Liquid({
    fs: nowhere,
    relativeReference: false,
    strictFilters: true,
    ownPropertyOnly: true,
    // A template may stand on a machine anywhere: its dates read alike.
    timezoneOffset: 0,
    locale: 'en-GB',
    parseLimit: LONGEST_TEMPLATE,
    renderLimit: PATIENCE_MS,
    memoryLimit: MEMORY,
  });
  for (const tag of readsFiles) delete liquid.tags[tag];
  liquid.unregisterFilter('sample');
  for (const name of dates) {
    const plain = liquid.filters[name];
    if (typeof plain !== 'function') continue;
    liquid.registerFilter(name, function (value, ...args) {
      return asksForNow(name, value) ? '' : plain.call(this, value, ...args);
    });
  }
  return liquid;
}

function nothingThere(): Fault {
  return new Fault('FILE_MISSING', 'A template reads no other files.');
}
