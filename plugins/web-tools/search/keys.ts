import { Fault } from 'boternity';
import type { Vault } from '../../vault/vault.ts';

/** What the back ends that need a key have in common. */
export interface KeyedOptions {
  readonly address: string;
  readonly timeoutMs: number;
  readonly vault: Pick<Vault, 'get'>;
}

export async function whyNoKey(options: KeyedOptions, secret: string, bot?: string): Promise<string | undefined> {
  const key = await options.vault.get(secret, { bot });
  return key === undefined ? `set its key: bnity secret set ${secret}` : undefined;
}

export async function keyOf({ vault }: KeyedOptions, secret: string, bot?: string): Promise<string> {
  const key = await vault.get(secret, { bot });
  if (key !== undefined) return key;
  throw new Fault('SECRET_MISSING', `The secret ${secret} is not set.`, {
    hint: `Set it with: bnity secret set ${secret}`,
  });
}
