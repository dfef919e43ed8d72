import { bodyOf, conceding, eventBatches, modelOver, send } from 'boternity';
import type { Model, ModelFacts, ModelRequest, OpenedStream, ProviderAccess, Service } from 'boternity';
import { Answer } from './answer.ts';
import { requestBody } from './request.ts';
import { headersOf, methodAt } from './service.ts';
import { levelFor, type Refusable } from './thinking.ts';

/** A model of Gemini. Source of the protocol: ai.google.dev/api/generate-content, method streamGenerateContent. */
export function geminiModel(access: ProviderAccess, facts: ModelFacts): Model {
  return modelOver(access, facts, { open: opener(facts), answer: () => new Answer() });
}

/** Opens streams. What a model refuses and an answer can do without is left out from then on. */
function opener({ abilities }: ModelFacts) {
  const refused = new Set<Refusable>();
  return (service: Service, request: ModelRequest, signal: AbortSignal): Promise<OpenedStream> => {
    const find = (words: string, given: ReadonlySet<Refusable>): Refusable[] =>
      refusedBy(words, service, request, given);
    return conceding(refused, find, async (without) => {
      const response = await send(methodAt(service, 'streamGenerateContent?alt=sse'), {
        headers: headersOf(service),
        body: requestBody(service, request, { without, thinks: abilities?.thinking }),
        signal,
      });
      return { chunks: eventBatches(bodyOf(response)), areBatches: true };
    });
  };
}

/** The part of a request that the service says it does not take: models and services of other ages differ in these. */
function refusedBy(
  words: string,
  { model }: Service,
  { thinking }: ModelRequest,
  refused: ReadonlySet<Refusable>,
): Refusable[] {
  if (/thinking.?level/i.test(words)) return [levelFor(model, thinking, refused) ?? 'thinking'];
  if (/thinking|include.?thoughts/i.test(words)) return ['thinking'];
  return /json.?schema/i.test(words) ? ['jsonSchema'] : [];
}
