import { Fault } from '../base/fault.ts';
import { createClient } from '../ui/client.ts';
import type { Connected } from './connect.ts';
import { flagValue } from './global-flags.ts';

/** A server elsewhere that a command is for. */
export interface FarServer {
  readonly url: string;
  readonly token: string | undefined;
}

/**
 * The server that `--server` or BOTERNITY_SERVER names, and the API token of `--token` or BOTERNITY_TOKEN. Undefined: that of the home, which a
 * `--home` means in any case.
 */
export function farServerOf(argv: readonly string[], environment: NodeJS.ProcessEnv): FarServer | undefined {
  const flag = flagValue(argv, '--server');
  const isOfHome = flagValue(argv, '--home') !== undefined;
  if (flag !== undefined && isOfHome) throw new Fault('USAGE_WRONG', 'Give --home or --server, not both.');
  const address = flag ?? (isOfHome ? undefined : environment.BOTERNITY_SERVER);
  if (address === undefined || address === '') return undefined;
  const url = URL.parse(address);
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== '' || url.search !== '' || url.hash !== '') {
    throw new Fault('USAGE_WRONG', `"${address}" is no address of a server.`, {
      hint: 'Write it as in a browser: https://bots.example.com',
    });
  }
  return { url: url.href, token: flagValue(argv, '--token') ?? environment.BOTERNITY_TOKEN };
}

/** A client of a server elsewhere. Nothing is asked before the first call. */
export function connectFar({ url, token }: FarServer): Connected {
  const headers = token === undefined || token === '' ? {} : { authorization: `Bearer ${token}` };
  return { client: createClient({ url, headers }), [Symbol.asyncDispose]: async () => undefined };
}
