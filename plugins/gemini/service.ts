import type { Service } from 'boternity';

/** Address of something that a model does. An id may come with its collection: `models/…`, `tunedModels/…`. */
export function methodAt({ address, model }: Service, method: string): string {
  return `${address}/${resourceOf(model)}:${method}`;
}

/** Full name of a model. */
export function resourceOf(model: string): string {
  const name = model.includes('/') ? model : `models/${model}`;
  return name.split('/').map(encodeURIComponent).join('/');
}

/** The key travels in a header, never in the address. */
export function headersOf({ key, headers }: Pick<Service, 'key' | 'headers'>): Record<string, string> {
  return { ...headers, ...(key !== undefined && { 'x-goog-api-key': key }) };
}

/** The generation of a model, 2.5 for example; names without a number (`gemini-pro-latest`) mean the newest. Undefined for other families. */
export function generationOf(model: string): number | undefined {
  const [, number] = /(?:^|\/)gemini-(?:[a-z-]*?)(\d+(?:\.\d+)?)/.exec(model) ?? [];
  if (number !== undefined) return Number(number);
  return /(?:^|\/)gemini-/.test(model) ? Number.POSITIVE_INFINITY : undefined;
}
