import {
  fieldsOf,
  listOf,
  numberOf,
  textOf,
  type Fields,
  type ListedModel,
  type Price,
  type ProviderAccess,
} from 'boternity';
import type { OpenAi } from '../openai/index.ts';
import type { Preset } from './presets.ts';

/** The models of a server with their true windows, those in memory first; undefined where another sort of server answers. */
type ReadServer = (server: Server) => Promise<ListedModel[] | undefined>;

/** A server of one's own, asked for what the general protocol does not tell. */
interface Server {
  readonly get: (path: string) => Promise<Fields>;
  readonly post: (path: string, body: unknown) => Promise<Fields>;
}

/** What costs nobody anything but electricity. */
export const LOCAL_PRICE: Price = { input: 0, output: 0, source: 'local' };

const nothing: Fields = {};

/** Most models of one server that are looked at. */
const MOST_MODELS = 100;

/** Asks a server of this sort. Rejects where nobody answers. */
export function readServer(
  openAi: OpenAi,
  preset: Preset,
  access: ProviderAccess,
  signal: AbortSignal,
): Promise<ListedModel[] | undefined> {
  const root = { ...access, address: access.address.replace(/\/v1$/, '') };
  return readers[preset]({
    get: async (path) => fieldsOf(await openAi.ask(root, path, { signal })),
    post: async (path, body) => fieldsOf(await openAi.ask(root, path, { signal, body })),
  });
}

const readers: Readonly<Record<Preset, ReadServer>> = {
  ollama: readOllama,
  'lm-studio': readLmStudio,
  vllm: readVllm,
  'llama.cpp': readLlamaCpp,
};

/** Models that Ollama only passes on to its cloud are neither here nor free. */
async function readOllama({ get, post }: Server): Promise<ListedModel[] | undefined> {
  const { models } = await get('/api/tags');
  if (!Array.isArray(models)) return undefined;
  const running = new Map(
    listOf((await get('/api/ps').catch(() => nothing)).models).map((entry) => {
      const { name, context_length: window } = fieldsOf(entry);
      return [textOf(name), numberOf(window)];
    }),
  );
  const named = models
    .map(fieldsOf)
    .filter(({ name }) => textOf(name) !== '')
    .slice(0, MOST_MODELS);
  const listed = await Promise.all(
    named.map(async ({ name, remote_host: remote }): Promise<ListedModel> => {
      const id = textOf(name);
      const shown = await post('/api/show', { model: id }).catch(() => nothing);
      return ollamaModel(id, shown, running.get(id), remote !== undefined);
    }),
  );
  return listed.toSorted((a, b) => Number(running.has(b.id)) - Number(running.has(a.id)));
}

/** A model that is loaded has the window it was loaded with, one that is not what it is set to, at most what it was made for. */
function ollamaModel(id: string, shown: Fields, loaded: number | undefined, isRemote: boolean): ListedModel {
  const info = Object.entries(fieldsOf(shown.model_info));
  const find = (end: string): number | undefined => numberOf(info.find(([key]) => key.endsWith(end))?.[1]);
  const able = new Set(listOf(shown.capabilities));
  const dimensions = find('.embedding_length');
  if (able.has('embedding') && !able.has('completion')) return { id, ...(dimensions !== undefined && { dimensions }) };
  const set = /^num_ctx\s+(\d+)/m.exec(textOf(shown.parameters))?.[1];
  const sizes = [find('.context_length'), set === undefined ? undefined : Number(set), loaded];
  const known = sizes.filter((size) => size !== undefined);
  return {
    id,
    ...(known.length > 0 && { window: Math.min(...known) }),
    ...(able.size > 0 && {
      abilities: { tools: able.has('tools'), images: able.has('vision'), thinking: able.has('thinking') },
    }),
    ...(!isRemote && { price: LOCAL_PRICE }),
  };
}

async function readLmStudio({ get }: Server): Promise<ListedModel[] | undefined> {
  const entries = listOf((await get('/api/v0/models')).data).map(fieldsOf);
  if (!entries.some(({ type, state }) => typeof type === 'string' && typeof state === 'string')) return undefined;
  const talking = entries.filter(({ id, type }) => textOf(id) !== '' && (type === 'llm' || type === 'vlm'));
  return talking.toSorted((a, b) => Number(b.state === 'loaded') - Number(a.state === 'loaded')).map(lmStudioModel);
}

function lmStudioModel(entry: Fields): ListedModel {
  const { id, type, max_context_length: most, loaded_context_length: loaded, capabilities } = entry;
  const tools = !Array.isArray(capabilities) || capabilities.includes('tool_use');
  const abilities = { tools, images: type === 'vlm' };
  return { id: textOf(id), ...sized(numberOf(loaded) ?? numberOf(most)), abilities, price: LOCAL_PRICE };
}

function sized(window: number | undefined): Pick<ListedModel, 'window'> {
  return window === undefined ? {} : { window };
}

async function readVllm({ get }: Server): Promise<ListedModel[] | undefined> {
  const entries = listOf((await get('/v1/models')).data).map(fieldsOf);
  if (!entries.some((entry) => entry.owned_by === 'vllm' || numberOf(entry.max_model_len) !== undefined))
    return undefined;
  return entries.map(vllmModel);
}

function vllmModel({ id, max_model_len: most }: Fields): ListedModel {
  return { id: textOf(id), ...sized(numberOf(most)), price: LOCAL_PRICE };
}

/** The window of one slot; its server divides what it has among those that ask at once. */
async function readLlamaCpp({ get }: Server): Promise<ListedModel[] | undefined> {
  const props = await get('/props');
  if (typeof props.default_generation_settings !== 'object') return undefined;
  const { data, models } = await get('/v1/models');
  return listOf(data).map((entry, at) => llamaCppModel(fieldsOf(entry), fieldsOf(listOf(models)[at]), props));
}

function llamaCppModel({ id, meta }: Fields, { capabilities }: Fields, props: Fields): ListedModel {
  const { n_ctx_train: trained, n_embd: length } = fieldsOf(meta);
  const able = listOf(capabilities);
  const dimensions = numberOf(length);
  if (able.includes('embedding') && !able.includes('completion') && dimensions !== undefined)
    return { id: textOf(id), dimensions };
  const slot = numberOf(fieldsOf(props.default_generation_settings).n_ctx);
  const { vision } = fieldsOf(props.modalities);
  const abilities = typeof vision === 'boolean' ? { abilities: { tools: true, images: vision } } : {};
  return { id: textOf(id), ...sized(slot ?? numberOf(trained)), ...abilities, price: LOCAL_PRICE };
}
