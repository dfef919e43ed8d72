import { allPages, asking, fieldsOf, listOf, numberOf, sendForJson, textOf } from 'boternity';
import type { ListedModel, ProviderAccess } from 'boternity';
import { EMBEDDINGS } from './embedder.ts';
import { headersOf } from './service.ts';

/** The models of the service that write answers, or make vectors of a known size. */
export async function listModels(access: ProviderAccess, signal: AbortSignal): Promise<ListedModel[]> {
  return asking(access, signal, (service, within) =>
    allPages(async (mark) => {
      const query = new URLSearchParams({ pageSize: '1000', ...(mark !== '' && { pageToken: mark }) });
      const place = `${service.address}/models?${query.toString()}`;
      const answer = fieldsOf(await sendForJson(place, { headers: headersOf(service), signal: within }));
      return { items: listOf(answer.models).flatMap(readModel), next: textOf(answer.nextPageToken) };
    }),
  );
}

function readModel(model: unknown): ListedModel[] {
  const { name, inputTokenLimit, outputTokenLimit, supportedGenerationMethods, thinking } = fieldsOf(model);
  const id = textOf(name).replace(/^models\//, '');
  const dimensions = EMBEDDINGS[id];
  if (dimensions !== undefined) return [{ id, dimensions }];
  if (id === '' || !listOf(supportedGenerationMethods).includes('generateContent')) return [];
  const [window, output] = [numberOf(inputTokenLimit), numberOf(outputTokenLimit)];
  return [
    {
      id,
      ...(window !== undefined && { window }),
      ...(output !== undefined && { output }),
      ...(typeof thinking === 'boolean' && { abilities: { thinking } }),
    },
  ];
}
