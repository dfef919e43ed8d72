import { fieldsOf, listOf, numberOf, textOf, type Fields, type ListedModel, type Price } from 'boternity';

/** A model as its list tells it: window, abilities and what it costs at this hour. */
export function readListed(entry: Fields): ListedModel | undefined {
  const id = textOf(entry.id);
  const { input_modalities: takes, output_modalities: gives } = fieldsOf(entry.architecture);
  if (id === '' || (Array.isArray(gives) && !gives.includes('text'))) return undefined;
  const best = fieldsOf(entry.top_provider);
  const window = numberOf(entry.context_length) ?? numberOf(best.context_length);
  const output = numberOf(best.max_completion_tokens);
  const price = priceIn(fieldsOf(entry.pricing));
  const parameters = listOf(entry.supported_parameters);
  return {
    id,
    ...(window !== undefined && { window }),
    ...(output !== undefined && { output }),
    ...(parameters.length > 0 && {
      abilities: {
        tools: parameters.includes('tools'),
        images: listOf(takes).includes('image'),
        thinking: parameters.includes('reasoning'),
      },
    }),
    ...(price && { price }),
  };
}

/** Told as text, in dollars for one token; below zero where it depends on which model answers. */
function priceIn(pricing: Fields): Price | undefined {
  const input = dollars(pricing.prompt);
  const output = dollars(pricing.completion);
  if (input === undefined || output === undefined) return undefined;
  const cacheRead = dollars(pricing.input_cache_read);
  const cacheWrite = dollars(pricing.input_cache_write);
  return {
    input,
    output,
    ...(cacheRead !== undefined && { cacheRead }),
    ...(cacheWrite !== undefined && { cacheWrite }),
    source: "OpenRouter's list",
  };
}

function dollars(perToken: unknown): number | undefined {
  const amount = typeof perToken === 'string' && perToken !== '' ? Number(perToken) : numberOf(perToken);
  if (amount === undefined || !Number.isFinite(amount) || amount < 0) return undefined;
  return Number((amount * 1_000_000).toFixed(6));
}
