import {
  bodyOf,
  conceding,
  eventBatches,
  modelOver,
  type Model,
  type ModelFacts,
  type ModelRequest,
  type OpenedStream,
  type ProviderAccess,
  type Service,
} from 'boternity';
import { Answer } from './answer.ts';
import { clientFor } from './client.ts';
import { BINDING_BETA, bodyFor, type Change, type SchemaForm } from './request.ts';

/** A model behind Anthropic's Messages. */
export function messagesModel(access: ProviderAccess, facts: ModelFacts): Model {
  return modelOver(access, facts, { open: opener(facts), answer: () => new Answer() });
}

type Open = (service: Service, request: ModelRequest, signal: AbortSignal) => Promise<OpenedStream>;

/** Opens streams. What a model refuses and an answer can do without is left out, from then on. */
function opener(facts: ModelFacts): Open {
  const lasting = new Set<Change>();
  return async function open(service, request, signal) {
    const client = await clientFor(service);
    const schemaForm = await schemaFormFor(request);
    const response = await conceding(
      lasting,
      refusedIn,
      (made) =>
        // Not `messages.create`: it prints warnings about models to the terminal.
        client
          .post('/v1/messages', {
            body: bodyFor(service, facts, request, made, schemaForm),
            ...(made.has('binding') && { headers: { 'anthropic-beta': BINDING_BETA } }),
            stream: true,
            signal,
          })
          .asResponse(),
      // That thoughts do not fit is a matter of one conversation.
      (change) => change === 'history',
    );
    // Not the SDK's iterator: it passes over events without a name, which some services send, and takes them one by one.
    return { chunks: eventBatches(bodyOf(response)), areBatches: true };
  };
}

async function schemaFormFor({ schema }: ModelRequest): Promise<SchemaForm> {
  if (!schema) return (given) => given;
  const { transformJSONSchema } = await import('@anthropic-ai/sdk/lib/transform-json-schema');
  return (given) => {
    try {
      return transformJSONSchema(given);
    } catch {
      // The SDK knows fewer forms of schemas than the service, which judges for itself.
      return given;
    }
  };
}

/** What the words of a refusal are about, in the order in which it is given up. */
function refusedIn(words: string): readonly Change[] {
  const about: readonly (readonly [RegExp, readonly Change[]])[] = [
    [/bound to a different conversation|anthropic-beta/i, ['binding', 'history']],
    [/signature|thinking.{0,40}blocks|expected .{0,3}(redacted_)?thinking/i, ['history']],
    [/thinking\.type|adaptive thinking|between_tools|thinking\b.{0,40}not supported/i, ['thinking']],
    [/tool_choice|forced tool/i, ['tool_choice']],
    [/temperature/i, ['temperature']],
    [/effort/i, ['effort']],
    [/output_config|output_format|json_schema|structured output/i, ['format']],
  ];
  return about.find(([pattern]) => pattern.test(words))?.[1] ?? [];
}
