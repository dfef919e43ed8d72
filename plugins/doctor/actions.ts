import { defineAction, unifiedDiff, z, type Doctor } from 'boternity';
import { choose, cure, examine, nameOf, type Cured, type Found } from './examine.ts';

declare module 'boternity' {
  interface ActionTypes {
    'doctor.plan': ReturnType<typeof planCure>;
    'doctor.apply': ReturnType<typeof applyCure>;
  }
}

const findingView = z.object({
  id: z.string().describe('What kind of thing it is; permanent'),
  about: z.string().nullable().describe('The file, folder or bot'),
  level: z.enum(['error', 'warning', 'info']),
  message: z.string(),
  advice: z.string().nullable().describe('What a person does about it'),
  fix: z
    .object({ does: z.string(), diff: z.string().describe('What it changes in files, as a unified diff') })
    .nullable()
    .describe('What --apply would do; null where it can do nothing'),
});
export type FindingView = z.infer<typeof findingView>;

const plan = z.object({
  ok: z.boolean().describe('False when there is an error among the findings'),
  findings: z.array(findingView),
});

const cureView = z.object({
  id: z.string(),
  about: z.string().nullable(),
  does: z.string(),
  done: z.boolean(),
  message: z.string().nullable().describe('Why it was not done'),
});
export type CureView = z.infer<typeof cureView>;

export function planCure(doctor: Doctor) {
  return defineAction({
    name: 'doctor.plan',
    summary: 'Looks for what is wrong with the home and around it, and shows what it would do. Changes nothing.',
    permission: 'server:admin',
    http: 'GET /doctor',
    cli: 'doctor',
    examples: ['bnity doctor', 'bnity doctor --json'],
    input: z.strictObject({}),
    output: plan,
    run: async (_input, { signal }) => planOf(await examine(doctor, signal)),
  });
}

export function applyCure(doctor: Doctor) {
  return defineAction({
    name: 'doctor.apply',
    summary: 'Puts right what the doctor finds: these findings, or all that it can.',
    permission: 'server:admin',
    http: 'POST /doctor',
    cli: 'doctor --apply [ids...]',
    examples: ['bnity doctor --apply', 'bnity doctor --apply HOME_PERMISSIONS BOT_MISSPELT:bots/ada/bot.yaml'],
    input: z.strictObject({
      ids: z
        .array(z.string().regex(/^[A-Z][A-Z0-9_]*(:.+)?$/, 'write an id of a finding: HOME_PERMISSIONS'))
        .default([])
        .describe('Ids of findings, or id:about for one of them; all that can be put right when there are none'),
    }),
    output: plan.extend({
      findings: plan.shape.findings.describe('What is left, found anew'),
      applied: z.array(cureView),
    }),
    async run({ ids }, { caller, signal, progress }) {
      const chosen = choose(await examine(doctor, signal), ids);
      const cured = await cure(chosen, caller, (found) => progress(`${nameOf(found)}: ${found.fix?.does ?? ''}`));
      return { ...planOf(await examine(doctor, signal)), applied: cured.map(viewOfCure) };
    },
  });
}

function planOf(found: readonly Found[]): z.infer<typeof plan> {
  return { ok: found.every(({ level }) => level !== 'error'), findings: found.map(viewOf) };
}

function viewOf({ id, about, level, message, advice, fix }: Found): FindingView {
  const changes = fix?.changes ?? [];
  const diff = changes.map(({ file, before, after }) => unifiedDiff(file, before, after)).join('');
  return {
    id,
    about: about ?? null,
    level,
    message,
    advice: advice ?? null,
    fix: fix ? { does: fix.does, diff } : null,
  };
}

function viewOfCure({ found, failure }: Cured): CureView {
  const { id, about, fix } = found;
  return {
    id,
    about: about ?? null,
    does: fix?.does ?? '',
    done: failure === undefined,
    message: failure ?? null,
  };
}
