import { defineAction, slugPattern, z } from 'boternity';
import { applyPlan, type ApplyParts } from './apply.ts';
import { planView, viewPlan } from './plan-view.ts';
import type { Plans } from './plans.ts';

declare module 'boternity' {
  interface ActionTypes {
    'imports.plan': ReturnType<typeof planImport>;
    'imports.list': ReturnType<typeof listImports>;
    'imports.show': ReturnType<typeof showImport>;
    'imports.apply': ReturnType<typeof applyImport>;
    'imports.discard': ReturnType<typeof discardImport>;
  }
}

const reference = z.string().min(1).describe('Id of an import that waits');

export function planImport(plans: Plans, parts: ApplyParts) {
  return defineAction({
    name: 'imports.plan',
    summary: 'Looks at an upload and says what would be made of it. Changes nothing.',
    permission: 'bots:write',
    http: 'POST /imports',
    cli: 'import-plan make <upload>',
    examples: ['bnity import-plan make 0190f6c4-1f6a-7000-8000-0123456789ab --name Ada'],
    status: 201,
    input: z.strictObject({
      upload: z.string().min(1).describe('Id that POST /api/v1/uploads gave'),
      source: z.string().trim().min(1).max(200).default('upload').describe('What the archive or folder is called'),
      format: z.string().optional().describe('Name of a format; found out when absent'),
      name: z.string().trim().min(1).max(100).optional().describe('What the bot shall be called'),
      slug: z.string().regex(slugPattern, 'use a to z, digits and dashes').optional().describe('Name of its folder'),
      diff: z.boolean().default(false).describe('Show what differs from what it is made of'),
    }),
    output: planView,
    async run({ upload, source, format, name, slug, diff }) {
      const wishes = { ...(name !== undefined && { name }), ...(slug !== undefined && { slug }) };
      const planned = await plans.add(upload, source, format, wishes);
      return viewPlan(planned, { bots: parts.bots, files: parts.home.files }, diff);
    },
  });
}

export function listImports(plans: Plans) {
  return defineAction({
    name: 'imports.list',
    summary: 'Lists the imports that were planned and wait to be applied.',
    permission: 'bots:read',
    http: 'GET /imports',
    cli: 'import-plan list',
    examples: ['bnity import-plan list'],
    input: z.strictObject({}),
    output: z.object({
      imports: z.array(z.object({ id: z.string(), format: z.string(), source: z.string(), expiresAt: z.string() })),
    }),
    run: async () => ({ imports: plans.list() }),
  });
}

export function showImport(plans: Plans, { bots, home }: ApplyParts) {
  return defineAction({
    name: 'imports.show',
    summary: 'Shows what an import would make, as of now.',
    permission: 'bots:read',
    http: 'GET /imports/{import}',
    cli: 'import-plan show <import>',
    examples: ['bnity import-plan show 0190f6c4-1f6a-7000-8000-0123456789ab --diff'],
    input: z.strictObject({ import: reference, diff: z.boolean().default(false) }),
    output: planView,
    run: async (input) => viewPlan(await plans.get(input.import), { bots, files: home.files }, input.diff),
  });
}

export function applyImport(plans: Plans, parts: ApplyParts) {
  return defineAction({
    name: 'imports.apply',
    summary: 'Makes what a planned import says, whole or not at all.',
    permission: 'bots:write',
    http: 'POST /imports/{import}/apply',
    cli: 'import-plan apply <import>',
    examples: ['bnity import-plan apply 0190f6c4-1f6a-7000-8000-0123456789ab --skills replace'],
    input: z.strictObject({
      import: reference,
      skills: z
        .enum(['refuse', 'replace', 'keep'])
        .default('refuse')
        .describe('What becomes of a shared skill that differs from the one here'),
      secrets: z.boolean().default(false).describe('Put keys that stood in plain text into the vault'),
    }),
    output: z.object({
      bots: z.array(z.object({ id: z.string(), slug: z.string(), folder: z.string(), soul: z.string() })),
      skills: z.array(z.string()).describe('Shared skills that were added or replaced'),
      secrets: z.array(z.string()).describe('Names under which keys are in the vault now'),
    }),
    async run({ import: id, skills, secrets }, { caller }) {
      const applied = await applyPlan(await plans.get(id), parts, { skills, secrets }, caller);
      await plans.drop(id);
      return {
        bots: applied.bots.map(({ id, slug, folder, files }) => ({ id, slug, folder, soul: files.soul?.digest ?? '' })),
        skills: [...applied.skills],
        secrets: [...applied.secrets],
      };
    },
  });
}

export function discardImport(plans: Plans) {
  return defineAction({
    name: 'imports.discard',
    summary: 'Forgets an import that waits.',
    permission: 'bots:write',
    http: 'DELETE /imports/{import}',
    cli: 'import-plan discard <import>',
    examples: ['bnity import-plan discard 0190f6c4-1f6a-7000-8000-0123456789ab'],
    input: z.strictObject({ import: reference }),
    output: z.object({ discarded: z.literal(true) }),
    async run(input) {
      await plans.drop(input.import);
      return { discarded: true as const };
    },
  });
}
