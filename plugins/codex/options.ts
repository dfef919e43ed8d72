import { z } from 'boternity';

export const WARNING =
  'Experimental. It uses the ChatGPT subscription of whoever signs in, in the way of the program Codex: for the personal use of that ' +
  'person alone. Whether your use is allowed by the terms of the service is your responsibility.';

export const optionsSchema = z.strictObject({
  accept_terms: z.literal(true, { error: `write true if you agree: ${WARNING}` }),
});
