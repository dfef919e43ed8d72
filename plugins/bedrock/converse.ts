import { bodyOf, conceding, modelOver, send, textOf } from 'boternity';
import type { Model, ModelFacts, ModelRequest, OpenedStream, ProviderAccess, Service } from 'boternity';
import { Answer } from './answer.ts';
import { eventsIn } from './frames.ts';
import { idsFor } from './profile.ts';
import { addressIn, regionFor } from './region.ts';
import { bodyFor, type Change } from './request.ts';
import { authorized } from './sign.ts';

const HEADERS = { 'content-type': 'application/json', accept: 'application/vnd.amazon.eventstream' };

/** A model behind Amazon Bedrock's Converse. */
export function converseModel(access: ProviderAccess, facts: ModelFacts): Model {
  return modelOver(access, facts, {
    open: opener(access, facts),
    answer: (_, request) => new Answer(request),
  });
}

type Open = (service: Service, request: ModelRequest, signal: AbortSignal) => Promise<OpenedStream>;

/** Opens streams. What a model refuses and an answer can do without is left out, from then on. */
function opener(access: ProviderAccess, facts: ModelFacts): Open {
  const lasting = new Set<Change>();
  return async function open(service, request, signal) {
    const region = regionFor(service.options, service.key);
    const ids = idsFor(service.model, region, textOf(service.options.profile));
    const find = (words: string): readonly Change[] => refusedIn(words, ids.length - 1);
    const response = await conceding(
      lasting,
      find,
      async (made) => {
        const id = ids.findLast((_, index) => index === 0 || made.has(`profile ${index}`)) ?? service.model;
        const address = `${addressIn(service.address, region)}/model/${encodeURIComponent(id)}/converse-stream`;
        const body = bodyFor(service, facts, request, made);
        const headers = { ...HEADERS, ...service.headers };
        const asked = { method: 'POST', address, headers, body } as const;
        return send(address, {
          method: 'POST',
          headers: await authorized(access, request.bot, service.key, asked, region),
          body,
          signal,
        });
        // That thoughts do not fit is a matter of one conversation.
      },
      (change) => change === 'history',
    );
    return { chunks: eventsIn(bodyOf(response)), areBatches: true };
  };
}

/** What the words of a refusal are about, in the order in which it is given up. */
function refusedIn(words: string, otherIds: number): readonly Change[] {
  const others = Array.from({ length: otherIds }, (_, index): Change => `profile ${index + 1}`);
  const about: readonly (readonly [RegExp, readonly Change[]])[] = [
    [/on-demand throughput|inference profile|model identifier is invalid|model not found|could not resolve/i, others],
    [
      /bound to a different conversation|signature|thinking.{0,40}blocks|expected .{0,3}(redacted_)?thinking/i,
      ['history'],
    ],
    [/reasoningContent/i, ['history', 'thinking']],
    [/thinking|reasoning|effort/i, ['thinking']],
    [/outputConfig|output_config|textFormat|structured output|json.?schema/i, ['format']],
    [/toolChoice|tool_choice|forced tool/i, ['choice']],
    [/temperature/i, ['temperature']],
    [/stopSequences|stop sequences/i, ['stop']],
    [/cachePoint|cache_control|prompt caching|extraneous key.*cache/i, ['cache']],
  ];
  return about.find(([pattern]) => pattern.test(words))?.[1] ?? [];
}
