import { Fault } from 'boternity';
import { problemOf } from './check.ts';
import { engine, PATIENCE_MS, renewEngine } from './engine.ts';
import { isTimeout, within } from './within.ts';

/** Longest text a template may make, in characters. */
const LONGEST = 50_000;
/** Bots whose text is remembered. */
const MOST_KNOWN = 500;
/** How long a template that failed is not tried again on the same values, in milliseconds. */
const REST_MS = 60_000;

type Values = Readonly<Record<string, unknown>>;
type Made = { readonly key: string } & (
  | { readonly text: string }
  | { readonly fault: Fault; readonly againMs: number }
);

/** Renders the template of a bot. Throws PROMPT_TEMPLATE_FAILED. The text is made anew only when template or values changed. */
export type Renderer = (bot: string, template: string, values: Values) => Promise<string>;

export function createRenderer(): Renderer {
  const made = new Map<string, Made>();
  return async (bot, template, values) => {
    const key = JSON.stringify([template, values]);
    let known = made.get(bot);
    if (known?.key !== key || ('fault' in known && known.againMs < performance.now())) {
      known = { key, ...(await attempt(template, values)) };
      if (made.size >= MOST_KNOWN) made.clear();
      made.set(bot, known);
    }
    if ('fault' in known) throw known.fault;
    return known.text;
  };
}

async function attempt(
  template: string,
  values: Values,
): Promise<{ text: string } | { fault: Fault; againMs: number }> {
  const liquid = await engine();
  try {
    // A copy: increment and decrement write into what they are given.
    const scope = structuredClone(values);
    const text = within(PATIENCE_MS * 2, () => String(liquid.parseAndRenderSync(template, scope)));
    if (text.length <= LONGEST) return { text: text.trim() };
    return failed(`its text has ${text.length} characters; ${LONGEST} are the limit`);
  } catch (error) {
    if (isTimeout(error)) renewEngine();
    const { line, message } = problemOf(error);
    return failed(`line ${line}: ${message}`);
  }
}

function failed(why: string): { fault: Fault; againMs: number } {
  return { fault: new Fault('PROMPT_TEMPLATE_FAILED', why), againMs: performance.now() + REST_MS };
}
