import { z, type ProviderAccess } from 'boternity';

export const WARNING =
  'Experimental. It uses the program claude of this machine with the subscription of whoever is signed in there: for the personal ' +
  'use of that person alone. Whether your use is allowed by the terms of the service is your responsibility.';

/** Where proxies in front of the program listen usually. */
const USUAL_PROXY = 'http://127.0.0.1:3456/v1';

const settings = {
  command: z.string().min(1).max(1000).optional().describe('The program, by name or path; claude when absent'),
  proxy: z
    .union([z.boolean(), z.url({ protocol: /^https?$/ })])
    .optional()
    .describe(`Use a local proxy with the API of OpenAI instead: its address, or true for ${USUAL_PROXY}`),
};
const accepted = z.literal(true, { error: `write true if you agree: ${WARNING}` });

/** Settings of the kind. The owner has agreed in them, or for the whole server by BOTERNITY_ALLOW_CLAUDE_CLI=1. */
export function optionsSchema(isAllowed: boolean): z.ZodObject {
  return z.strictObject({ accept_terms: isAllowed ? accepted.optional() : accepted, ...settings });
}

/** Which road is taken: a proxy where its address is given, else the program. */
export function optionsOf({ address, options }: ProviderAccess): {
  readonly proxy: string | undefined;
  readonly command: string;
} {
  const { command = 'claude', proxy } = z.object(settings).parse(options);
  const named = typeof proxy === 'string' ? proxy : proxy === true ? USUAL_PROXY : undefined;
  return { command, proxy: (named ?? (address || undefined))?.replace(/\/+$/, '') };
}
