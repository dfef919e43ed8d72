import { editYaml } from 'boternity';

export interface ImportedWorkflow {
  /** For its file and its name; made safe here. */
  readonly name: string;
  readonly description: string;
  readonly trigger: Readonly<Record<string, unknown>>;
  readonly prompt: string;
}

/** A workflow that asks the bot one thing, switched off: path and text of its file. */
export async function disabledWorkflow(
  { name, description, trigger, prompt }: ImportedWorkflow,
  origin: string,
): Promise<{ path: string; text: string }> {
  const safe = safeName(name);
  const text = await editYaml(
    `# Taken over from ${origin}. It is switched off: look at it before you set enabled to true.\n`,
    [
      { path: ['name'], value: safe },
      { path: ['description'], value: description },
      { path: ['enabled'], value: false },
      { path: ['triggers'], value: [trigger] },
      {
        path: ['steps'],
        value: [{ id: 'ask', name: 'Ask the bot', type: 'agent', config: { type: 'agent', prompt } }],
      },
    ],
  );
  return { path: `workflows/${safe}.yaml`, text };
}

/** Lower case, digits and dashes. */
export function safeName(name: string): string {
  const safe = name
    .normalize('NFKD')
    .replaceAll(/\p{Mark}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 50)
    .replaceAll(/^-+|-+$/g, '');
  return safe === '' ? 'imported' : safe;
}
