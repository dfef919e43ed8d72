import { beginning, failureFrom, unlessAborted } from 'boternity';
import type { Model, ModelFacts, ModelRequest, Part, ProviderAccess } from 'boternity';
import type { OpenAi } from '../openai/index.ts';
import type { Pass, Tokens } from './tokens.ts';

/** The service wants some. */
const INSTRUCTIONS = 'You are a helpful assistant.';

/** A model behind Responses, reached with the token of whoever signed in. A token that is refused is renewed once. */
export function codexModel(access: ProviderAccess, facts: ModelFacts, openAi: OpenAi, tokens: Tokens): Model {
  const models = new Map<string, Model>();
  const modelFor = ({ account }: Pass): Model => {
    const known = models.get(account);
    if (known) return known;
    const key = async (): Promise<string> => (await tokens.pass()).token;
    const made = openAi.responses({ ...access, key, headers: { ...access.headers, ...headersFor(account) } }, facts);
    models.set(account, made);
    return made;
  };
  const template = openAi.responses(access, facts);
  return { ...template, stream: (request, signal) => answer({ access, tokens, modelFor }, adapted(request), signal) };
}

interface Parts {
  readonly access: ProviderAccess;
  readonly tokens: Tokens;
  readonly modelFor: (pass: Pass) => Model;
}

async function* answer(
  { access, tokens, modelFor }: Parts,
  request: ModelRequest,
  signal: AbortSignal,
): AsyncGenerator<Part, void, undefined> {
  try {
    const pass = await unlessAborted(tokens.pass(), signal);
    const { failure, parts } = await beginning(modelFor(pass).stream(request, signal));
    const isRefused = failure?.kind === 'auth' && !signal.aborted && tokens.mayRenew(pass.token);
    if (!isRefused) yield* parts;
    else yield* modelFor(await unlessAborted(tokens.renew(pass.token), signal)).stream(request, signal);
  } catch (error) {
    yield signal.aborted ? { type: 'end', stop: 'aborted' } : failed(access, error);
  }
}

function failed(access: ProviderAccess, error: unknown): Part {
  const service = { ...access, provider: access.name, model: '', key: undefined };
  return { type: 'end', stop: 'error', failure: failureFrom(service, error, false) };
}

/** The service takes neither a limit nor a temperature, and wants instructions. */
function adapted({ maxTokens: _limit, temperature: _temperature, ...request }: ModelRequest): ModelRequest {
  return request.system === '' ? { ...request, system: INSTRUCTIONS } : request;
}

function headersFor(account: string): Record<string, string> {
  return {
    originator: 'boternity',
    'OpenAI-Beta': 'responses=experimental',
    ...(account !== '' && { 'chatgpt-account-id': account }),
  };
}
