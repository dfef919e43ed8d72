import type { BrowserContext } from 'playwright-core';
import { launchBrowser } from '../test/support/browser.ts';
import { letBrowserIn } from '../test/support/owner.ts';
import { begin, startTalking } from '../test/support/talk.ts';
import { builtUi, buildUi, sizeOf } from '../tools/build-ui.ts';
import { median } from '../plugins/bench/numbers.ts';
import { runBenchmarks, type Benchmark, type Figure } from './figures.ts';

/** How much slower the page's processor is made. */
const SLOWDOWN = 4;
/** A page whose main thread had nothing long to do for so long is at rest, in milliseconds. */
const REST_MS = 500;
const PATIENCE_MS = 30_000;

/** When a page was there, in milliseconds since it was asked for. */
interface Loaded {
  /** The first text or picture was painted. */
  readonly paintedMs: number;
  /** What the page is for was on it, and the main thread was free: no task over 50 ms came behind. */
  readonly interactiveMs: number;
}

/** A first visit: nothing in the cache, four times slower than this machine. */
export const pageLoad: Benchmark = {
  name: 'page-load',
  about: `pages opened for the first time in Chromium, its processor ${SLOWDOWN} times slower`,
  async run(isQuick) {
    const { shell, preload } = isQuick ? await builtUi() : await buildUi();
    await using talking = await startTalking();
    const { product } = talking;
    const conversation = await begin(product);
    const visits: readonly (readonly [name: string, place: string, what: string, isKnown: boolean])[] = [
      ['landing', '/', 'h1', false],
      ['dashboard', '/dashboard', 'bn-dashboard-panel', true],
      ['a conversation', `/conversations/${conversation}`, 'textarea', true],
      ['bots', '/agents', 'bn-bot-card', true],
    ];
    const figures: Figure[] = [
      {
        name: 'script of the shell, kB gz',
        value: (await sizeOf([shell, ...preload])) / 1_000,
        unit: '',
        goal: { most: 120 },
      },
    ];
    for (const [name, place, what, isKnown] of visits) {
      const loads: Loaded[] = [];
      for (let time = 0; time < (isQuick ? 1 : 7); time += 1) {
        await using browser = await launchBrowser({ width: 1350, height: 940 });
        if (isKnown) await letBrowserIn(product, browser.context);
        loads.push(await load(browser.context, product.url + place, what));
      }
      const of = (which: keyof Loaded): number => median(loads.map((each) => each[which]));
      figures.push(
        { name: `${name}: first contentful paint`, value: of('paintedMs'), unit: 'ms', goal: { most: 600 } },
        { name: `${name}: interactive`, value: of('interactiveMs'), unit: 'ms', goal: { most: 1_000 } },
      );
    }
    return { figures, notes: { slowdown: SLOWDOWN } };
  },
};

async function load(context: BrowserContext, address: string, what: string): Promise<Loaded> {
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  const session = await context.newCDPSession(page);
  await session.send('Emulation.setCPUThrottlingRate', { rate: SLOWDOWN });
  await page.addInitScript(watch, what);
  await page.goto(address);
  await page.waitForFunction(() => 'thereMs' in globalThis, undefined, { polling: REST_MS });
  return page.evaluate(timesOf, REST_MS);
}

/** In the page, before anything of it: notes when its main part is there, and when the last task of over 50 ms ended. */
function watch(what: string): void {
  const seen = globalThis as unknown as { thereMs?: number; longEndsMs: number };
  seen.longEndsMs = 0;
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) seen.longEndsMs = startTime + duration;
  }).observe({ type: 'longtask', buffered: true });
  const holds = (root: ParentNode): boolean =>
    root.querySelector(what) !== null ||
    Array.from(root.querySelectorAll('*')).some(({ shadowRoot }) => shadowRoot !== null && holds(shadowRoot));
  const look = (): void => {
    if (holds(document)) seen.thereMs = performance.now();
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

/** In the page, whose main part is there. */
async function timesOf(restMs: number): Promise<Loaded> {
  const seen = globalThis as unknown as { thereMs: number; longEndsMs: number };
  const quietSince = (): number => Math.max(seen.thereMs, seen.longEndsMs);
  while (performance.now() - quietSince() < restMs) await new Promise((resolve) => setTimeout(resolve, 50));
  const [painted] = performance.getEntriesByName('first-contentful-paint');
  return { paintedMs: painted?.startTime ?? Number.NaN, interactiveMs: quietSince() };
}

if (import.meta.main) await runBenchmarks([pageLoad]);
