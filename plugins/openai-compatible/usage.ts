import type { Usage } from 'boternity';
import { fieldsOf, numberOf, type Fields } from './unknown.ts';

/** Usage of a chunk, wherever services put it: beside the choices, inside the first one, or in Groq's corner. */
export function usageIn(chunk: Fields, choice: Fields): Usage | undefined {
  const found = chunk.usage ?? choice.usage ?? fieldsOf(chunk.x_groq).usage;
  return found === undefined || found === null ? undefined : readUsage(fieldsOf(found));
}

/** Some services leave reasoning out of `completion_tokens` but not out of `total_tokens`; the total is right. */
function readUsage(usage: Fields): Usage {
  const input = numberOf(usage.prompt_tokens) ?? null;
  const completion = numberOf(usage.completion_tokens);
  const total = numberOf(usage.total_tokens);
  const rest = total !== undefined && input !== null ? total - input : undefined;
  const details = fieldsOf(usage.prompt_tokens_details);
  return {
    input,
    output: completion === undefined ? (rest ?? null) : Math.max(completion, rest ?? 0),
    cacheRead:
      numberOf(details.cached_tokens) ??
      numberOf(usage.prompt_cache_hit_tokens) ??
      numberOf(usage.cached_tokens) ??
      null,
    cacheWrite: numberOf(details.cache_write_tokens) ?? numberOf(usage.cache_creation_input_tokens) ?? null,
  };
}
