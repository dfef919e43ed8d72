import { hostOf, numberOf, textOf, z } from 'boternity';
import type { Fields, ListedModel, ProviderAccess, ProviderKind } from 'boternity';
import type { OpenAi } from '../openai/index.ts';
import { presetOf, presets, presetSchema, usualPlaces } from './presets.ts';
import { LOCAL_PRICE, readServer } from './servers.ts';

/** Whoever speaks Chat Completions, over the protocols of OpenAI. */
export function compatibleKind(openAi: OpenAi): ProviderKind {
  return {
    type: 'openai-compatible',
    title: 'OpenAI-compatible',
    options: z.object({ preset: presetSchema.optional() }),
    addressOf: (name, options) => {
      const preset = presetOf(name, options);
      return usualPlaces().find((place) => place.preset === preset)?.address;
    },
    model: (access, facts) => openAi.chat(access, isFree(access, facts.id) ? { price: LOCAL_PRICE, ...facts } : facts),
    list: (access, signal) => listAt(openAi, access, signal),
    embedder: (access, facts) => openAi.embedder(access, facts),
  };
}

/** A server of one's own is asked in its own way; which it is is found out where nobody says so. */
async function listAt(openAi: OpenAi, access: ProviderAccess, signal: AbortSignal): Promise<readonly ListedModel[]> {
  const preset = presetOf(access.name, access.options);
  const likely = preset ? [preset] : isNear(access) ? presets : [];
  for (const each of likely) {
    const listed = await readServer(openAi, each, access, signal).catch(() => undefined);
    signal.throwIfAborted();
    if (listed) return listed.filter(isUsable);
  }
  return openAi.list(access, signal, readGeneral);
}

/** Not a model whose vectors nobody knows the length of: what it is must be said by its owner. */
export function isUsable(model: ListedModel): boolean {
  return model.dimensions !== undefined || model.abilities !== undefined || model.price !== undefined;
}

/** Whether nobody is paid: not for what Ollama passes on to its cloud, nor for a service that only has the name of a server. */
function isFree(access: ProviderAccess, model: string): boolean {
  const isOwn =
    presetOf('', access.options) !== undefined || (presetOf(access.name, {}) !== undefined && isNear(access));
  return isOwn && !/[:-]cloud$/.test(model);
}

/** On this machine or in its own network, by what the address says. */
function isNear(access: ProviderAccess): boolean {
  const host = hostOf(access).replace(/:\d+$/, '');
  return /^(localhost|127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|\[::1\]$)/.test(host) || !host.includes('.');
}

/** Names under which hosted services tell the window of a model. */
const WINDOW_FIELDS = ['context_length', 'context_window', 'max_context_length', 'max_model_len', 'max_input_tokens'];

function readGeneral(entry: Fields): ListedModel | undefined {
  const id = textOf(entry.id);
  if (id === '' || entry.type === 'embedding' || entry.type === 'image' || entry.type === 'audio') return undefined;
  const window = WINDOW_FIELDS.map((name) => numberOf(entry[name])).find((size) => size !== undefined);
  return { id, ...(window !== undefined && { window }) };
}
