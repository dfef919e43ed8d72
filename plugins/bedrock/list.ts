import { asking, fieldsOf, listOf, sendForJson, textOf, type ListedModel, type ProviderAccess } from 'boternity';
import { addressIn, controlAddress, regionFor } from './region.ts';
import { authorized } from './sign.ts';

const MODELS = '/foundation-models?byInferenceType=ON_DEMAND&byOutputModality=TEXT';
const PROFILES = '/inference-profiles?maxResults=1000&typeEquals=SYSTEM_DEFINED';

/** The models that the account's region has: those that answer there themselves, and those behind profiles. */
export async function listModels(access: ProviderAccess, signal: AbortSignal): Promise<ListedModel[]> {
  return asking(access, signal, async ({ key }, within) => {
    const region = regionFor(access.options, key);
    const control = controlAddress(addressIn(access.address, region));
    const ask = async (path: string): Promise<unknown> => {
      const request = { method: 'GET', address: `${control}${path}`, headers: { ...access.headers } } as const;
      const headers = await authorized(access, undefined, key, request, region);
      return sendForJson(request.address, { headers, signal: within });
    };
    const [models, profiles] = await Promise.all([ask(MODELS), ask(PROFILES)]);
    return [
      ...listOf(fieldsOf(models).modelSummaries).flatMap(modelIn),
      ...listOf(fieldsOf(profiles).inferenceProfileSummaries).flatMap(profileIn),
    ];
  });
}

function modelIn(entry: unknown): ListedModel[] {
  const { modelId, responseStreamingSupported } = fieldsOf(entry);
  return textOf(modelId) === '' || responseStreamingSupported === false ? [] : [{ id: textOf(modelId) }];
}

function profileIn(entry: unknown): ListedModel[] {
  const { inferenceProfileId, status } = fieldsOf(entry);
  return textOf(inferenceProfileId) === '' || status !== 'ACTIVE' ? [] : [{ id: textOf(inferenceProfileId) }];
}
