import { fieldsOf, numberOf, type Fields, type Usage } from 'boternity';

/** Usage of a chunk, wherever services put it: beside the choices, inside the first one, or in Groq's corner. */
export function usageIn(chunk: Fields, choice: Fields, tellsCost: boolean): Usage | undefined {
  const found = chunk.usage ?? choice.usage ?? fieldsOf(chunk.x_groq).usage;
  return found === undefined || found === null ? undefined : readUsage(fieldsOf(found), tellsCost);
}

/** Some services leave reasoning out of `completion_tokens` but not out of `total_tokens`; the total is right. */
function readUsage(usage: Fields, tellsCost: boolean): Usage {
  const input = numberOf(usage.prompt_tokens) ?? numberOf(usage.input_tokens) ?? null;
  const completion = numberOf(usage.completion_tokens) ?? numberOf(usage.output_tokens);
  const total = numberOf(usage.total_tokens);
  const rest = total !== undefined && input !== null ? total - input : undefined;
  const details = fieldsOf(usage.prompt_tokens_details ?? usage.input_tokens_details);
  const cost = tellsCost ? numberOf(usage.cost) : undefined;
  return {
    input,
    output: completion === undefined ? (rest ?? null) : Math.max(completion, rest ?? 0),
    cacheRead:
      numberOf(details.cached_tokens) ??
      numberOf(usage.prompt_cache_hit_tokens) ??
      numberOf(usage.cached_tokens) ??
      numberOf(usage.num_cached_tokens) ??
      numberOf(usage.cache_read_input_tokens) ??
      null,
    cacheWrite:
      numberOf(details.cache_write_tokens) ??
      numberOf(details.cache_creation_tokens) ??
      numberOf(usage.cache_creation_input_tokens) ??
      null,
    ...(cost !== undefined && { cost }),
  };
}
