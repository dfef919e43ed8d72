import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { JsonSchema } from '../actions/action.ts';
import { Fault } from '../base/fault.ts';
import type { ActionView } from '../server/list-actions.ts';
import type { Client } from '../ui/client.ts';
import type { Terminal } from './command.ts';

/**
 * Adds the long text an action wants and that no flag gave: written in the person's editor on a terminal, read from standard
 * input otherwise. A field asks for it by `x-edits`, the name of the action that shows the text as it is now.
 */
export async function withWrittenText(
  action: ActionView,
  input: Record<string, unknown>,
  client: Client,
  terminal: Terminal,
): Promise<Record<string, unknown>> {
  const properties = (action.input.properties ?? {}) as Record<string, JsonSchema>;
  const [field, schema] = Object.entries(properties).find(([, property]) => 'x-edits' in property) ?? [];
  if (field === undefined || schema === undefined || input[field] !== undefined) return input;
  if (!terminal.isInteractive) return { ...input, [field]: await readAll(terminal.stdin) };
  const now = await textNow(String(schema['x-edits']), input, client);
  const text = await editInEditor(now?.text ?? '', typeof input.path === 'string' ? input.path : 'SOUL.md');
  if (text === now?.text) throw new Fault('INTERRUPTED', 'Nothing was changed, so nothing was written.');
  return { ...input, [field]: text, ...(now && 'expect' in properties && { expect: now.digest }) };
}

/** The text as it is, with its digest; undefined when there is none yet. */
async function textNow(
  action: string,
  { bot, path: file }: Record<string, unknown>,
  client: Client,
): Promise<{ text: string; digest: string } | undefined> {
  try {
    const shown = (await client.call(action, { bot, ...(file !== undefined && { path: file }) })) as {
      text: string | null;
      digest: string;
    };
    return { text: shown.text ?? '', digest: shown.digest };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'FILE_MISSING') return undefined;
    throw error;
  }
}

/** Opens $VISUAL or $EDITOR on a copy and gives back what was saved. */
async function editInEditor(text: string, name: string): Promise<string> {
  const editor = process.env.VISUAL ?? process.env.EDITOR;
  if (!editor)
    throw new Fault('USAGE_WRONG', 'No editor is set.', { hint: 'Set $EDITOR, or give the text on standard input.' });
  const folder = await mkdtemp(path.join(tmpdir(), 'bnity-'));
  try {
    const file = path.join(folder, path.basename(name));
    await writeFile(file, text, { mode: 0o600 });
    // By the shell, as git does it: $EDITOR may hold flags.
    const child = spawn('/bin/sh', ['-c', `${editor} "$@"`, editor, file], { stdio: 'inherit' });
    const [code] = (await once(child, 'close')) as [number | null];
    if (code !== 0) throw new Fault('INTERRUPTED', `The editor ended with ${code ?? 'a signal'}; nothing was written.`);
    return await readFile(file, 'utf8');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function readAll(stream: AsyncIterable<Buffer | string>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString();
}
