import { z } from 'boternity';

/** Headers of HTTP that carry a key, or that the program must set itself. */
const notOurs =
  /(^|-)(authorization|auth|key|token|secret|password|cookie)(-|$)|^(host|content-.*|transfer-encoding|connection)$/i;

const headers = z
  .record(
    z
      .string()
      .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/, 'write a name of letters, digits and dashes')
      .refine(
        (name) => !notOurs.test(name),
        'write another header: keys stand in the vault, the rest is set by itself',
      ),
    z
      .string({ error: 'write a text' })
      .max(1_000)
      .regex(/^[\x20-\x7e]*$/, 'write one line of plain characters'),
    { error: 'write a JSON object of names and texts, such as {"x-team": "research"}' },
  )
  .refine((given) => Object.keys(given).length <= 20, 'write at most 20 headers')
  .describe('Headers that go with every request, as a JSON object; no keys');

const secretName = z
  .string()
  .regex(/^[A-Z][A-Z0-9_]*$/, 'write the name of a secret in capitals, never the key itself');

const dollars = z.number().min(0).describe('US dollars for a million tokens');
const rates = {
  input: dollars,
  output: dollars,
  cacheRead: dollars.exactOptional(),
  cacheWrite: dollars.exactOptional(),
};

/** What its owner knows better than the catalogue. */
export const factsSchema = z.strictObject({
  window: z.number().int().positive().optional().describe('Tokens of input and output together'),
  output: z.number().int().positive().optional().describe('Tokens that it can write at most'),
  tools: z.boolean().optional().describe('Whether it can call tools'),
  images: z.boolean().optional().describe('Whether it can read images'),
  price: z.strictObject(rates).optional(),
  dimensions: z.number().int().positive().optional().describe('It makes vectors of so many numbers, and no answers'),
});

export const providerSettings = z.strictObject({
  type: z
    .string()
    .min(1)
    .optional()
    .describe('Its kind: see bnity provider kinds. The name where that is a kind, else openai-compatible'),
  address: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Base address, with /v1 where the service has it; that of its kind when absent'),
  key: secretName
    .optional()
    .describe('Secret or environment variable that holds the key; that of its kind when absent'),
  keys: z.array(secretName).min(1).max(20).optional().describe('Several of these, used in turn'),
  models: z.array(z.string().min(1)).optional().describe('Ids of the models to offer; those of its kind when absent'),
  window: z.number().int().positive().optional().describe('Tokens that each of its models takes'),
  facts: z
    .record(z.string(), factsSchema)
    .optional()
    .describe('By model: what the catalogue does not know or knows wrong'),
  priority: z
    .number()
    .int()
    .optional()
    .describe('Where several serve a model the highest is asked first; 0 when absent'),
  disabled: z.boolean().optional().describe('None of its models is used'),
  headers: headers.optional(),
  timeout: z.number().positive().max(3600).optional().describe('Seconds until its first word; 60 when absent'),
  idle: z.number().positive().max(3600).optional().describe('Seconds between two pieces of an answer; 120 when absent'),
  options: z.record(z.string(), z.unknown()).optional().describe('What only its kind knows'),
});
export type ProviderSettings = z.output<typeof providerSettings>;
