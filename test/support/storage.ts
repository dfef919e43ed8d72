import { until, type Product } from './product.ts';

/** The bot whose files the tests use, where they name no other. */
export const bot = 'assistant';

/** Route of a file of the bot. */
export function placeOf(name: string, rest = ''): string {
  return `/api/v1/bots/${bot}/storage/files/${encodeURIComponent(name)}${rest}`;
}

/** Sends a file as the body of one request. */
export async function put(product: Product, name: string, body: string | Buffer, to = bot): Promise<Response> {
  const route = `/api/v1/bots/${to}/storage/files/${encodeURIComponent(name)}/content`;
  return product.fetch(route, { method: 'PUT', body: new Uint8Array(Buffer.from(body)) });
}

/** The same; throws where it is refused. */
export async function keep(product: Product, name: string, body: string | Buffer, to = bot): Promise<void> {
  const response = await put(product, name, body, to);
  if (response.status !== 201) throw new Error(await response.text());
}

export async function codeOf(response: Response): Promise<string | undefined> {
  const { errors } = (await response.json()) as { errors: readonly { code: string }[] };
  return errors[0]?.code;
}

/** The file as the server tells of it, when its text has been looked for. */
export function readFully(product: Product, name: string) {
  return until(
    `the text of ${name}`,
    async () => {
      const file = await product.client.call('storage.show', { bot, name });
      return file.text.state !== 'waiting' && file;
    },
    40_000,
  );
}

/** The places that a search names, best first. */
export async function cited(product: Product, query: string, of = bot): Promise<string[]> {
  const { passages } = await product.client.call('storage.search', { bot: of, query });
  return passages.map(({ cite }) => cite);
}
