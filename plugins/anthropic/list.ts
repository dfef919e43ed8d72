import { allPages, asking, fieldsOf, listOf, numberOf, sendForJson, textOf } from 'boternity';
import type { ListedModel, ProviderAccess } from 'boternity';

const VERSION = '2023-06-01';
const PAGE = 1000;

/** The models that the service has for this key, page by page. */
export async function listModels(access: ProviderAccess, signal: AbortSignal): Promise<ListedModel[]> {
  return asking(access, signal, ({ key, address, headers: own }, within) => {
    const headers = { 'anthropic-version': VERSION, ...(key && { 'x-api-key': key }), ...own };
    return allPages(async (mark) => {
      const after = mark === '' ? '' : `&after_id=${encodeURIComponent(mark)}`;
      const place = `${address.replace(/\/v1$/, '')}/v1/models?limit=${PAGE}${after}`;
      const {
        data,
        has_more: hasMore,
        last_id: last,
      } = fieldsOf(await sendForJson(place, { headers, signal: within }));
      return { items: listOf(data).flatMap(modelIn), next: hasMore === true ? textOf(last) : '' };
    });
  });
}

function modelIn(entry: unknown): ListedModel[] {
  const fields = fieldsOf(entry);
  const id = textOf(fields.id);
  const window = numberOf(fields.max_input_tokens);
  const output = numberOf(fields.max_tokens);
  return id === '' ? [] : [{ id, ...(window && { window }), ...(output && { output }) }];
}
