import path from 'node:path';
import { CallError } from '../../core/ui/client.ts';
import type { Product } from './product.ts';

/** A value long enough to show its last four. */
export const LONG = 'sk-0123456789abcdef';

export const vaultOf = (home: string): string => path.join(home, '.boternity/vault.json');
export const keyOf = (home: string): string => path.join(home, '.boternity/vault.key');

export interface SecretRow {
  readonly name: string;
  readonly scope: string;
  readonly backend: string;
  readonly preview: string;
}

export async function listSecrets({ client }: Product): Promise<SecretRow[]> {
  return (await client.call('secrets.list', {})).secrets;
}

export function setSecret({ client }: Product, name: string, value: string, bot?: string): Promise<unknown> {
  return client.call('secrets.set', { name, value, ...(bot !== undefined && { bot }) });
}

/** The code of the fault that a call meets; empty when it meets none. */
export async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return '';
  } catch (error) {
    return error instanceof CallError ? error.code : String(error);
  }
}

/** What `bnity check` finds: file and sentence. */
export async function problemsOf({ client }: Product): Promise<string[]> {
  return (await client.call('bots.check', {})).problems.map(({ file, message }) => `${file}: ${message}`);
}

/** providers.yaml with the provider `keyed`, whose key is the secret KEYED_API_KEY unless another line says otherwise. */
export function keyedProvider(url: string, key = 'key: KEYED_API_KEY'): string {
  return `providers:\n  keyed:\n    type: openai-compatible\n    address: ${url}\n    ${key}\n    models: [keyed-model]\n`;
}
