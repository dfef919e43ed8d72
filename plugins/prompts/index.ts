import { definePlugin, Fault, manyFiles, templateValues, usable, z, type Bot, type Brought } from 'boternity';
import { checkTemplate } from './check.ts';
import { LONGEST_TEMPLATE } from './engine.ts';
import { createRenderer, type Renderer } from './render.ts';

const templates = manyFiles(
  'prompts/*.liquid',
  'text',
  z.string().max(LONGEST_TEMPLATE, `a template has at most ${LONGEST_TEMPLATE} characters`),
  { check: checkTemplate },
);

declare module 'boternity' {
  interface BotFiles {
    prompts: typeof templates;
  }
}

const MAIN = 'prompts/system.md.liquid';
/** Behind USER.md, before the facts. */
const ORDER = 50;

/** Lets a bot have a template of its own in its prompt: prompts/system.md.liquid. */
export default definePlugin({
  name: 'prompts',
  needs: ['bots'],
  setup({ bots }) {
    bots.files('prompts', templates);
    const render = createRenderer();
    bots.bring((bot) => rendered(bot, render));
  },
});

/** The text of the template; where it cannot be had the turn goes on without it and says so. */
async function rendered(bot: Bot, render: Renderer): Promise<Partial<Brought> | undefined> {
  const entry = bot.files.prompts.get(MAIN);
  if (!entry) return undefined;
  const template = usable(entry);
  try {
    if (template === undefined) throw new Fault('PROMPT_TEMPLATE_FAILED', whyUnusable(entry.problems));
    const text = await render(bot.id, template, templateValues(bot));
    return { sections: [{ id: 'template', text, order: ORDER }] };
  } catch (error) {
    const { code, message } = Fault.from(error);
    return { notices: [{ code, message: `${MAIN} was left out of this answer: ${message}` }] };
  }
}

function whyUnusable(problems: readonly { readonly line: number; readonly message: string }[]): string {
  const [first] = problems;
  return first ? `line ${first.line}: ${first.message}` : 'it cannot be read';
}
