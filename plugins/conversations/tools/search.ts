import { text, z, type ToolResult, type ToolSpec } from 'boternity';
import type { Tool } from './tool.ts';

/** Tool by which a bot finds those of its tools that its prompt does not show. */
export const SEARCH = 'tools_search';
/** Schemas in a prompt, at most. */
export const MOST_SHOWN = 12;
/** Of these, places for tools that were found. */
export const FOUND_PLACES = 4;

const input = z.strictObject({
  query: z.string(),
  limit: z.number().int().min(1).max(10).default(FOUND_PLACES),
});

const spec: ToolSpec = {
  name: SEARCH,
  description:
    'Finds more tools that you have and do not see here, by what they do. Call it before you say that you cannot do something. What it finds can be called from then on.',
  parameters: {
    type: 'object',
    properties: {
      query: { type: 'string', description: 'What the tool should do, in a few words' },
      limit: { type: 'integer', minimum: 1, maximum: 10, description: 'How many at most' },
    },
    required: ['query'],
    additionalProperties: false,
  },
};

export function searchTool(tools: readonly ToolSpec[], rule: Tool['rule']): Tool {
  return {
    spec,
    rule,
    input,
    isForeign: false,
    inputOf: (given) => given,
    async run(given) {
      const { query, limit } = input.parse(given);
      const found = searchTools(tools, query, limit).map(({ name, description, parameters }) => ({
        name,
        summary: description,
        parameters,
      }));
      const said = found.length > 0 ? JSON.stringify({ tools: found }) : 'Nothing fits. Try other words.';
      return { content: [text(said)], details: { tools: found }, isError: false };
    },
  };
}

/** Names of the tools that a search found; none for any other result. */
export function foundIn(name: string, { details, isError }: ToolResult): string[] {
  if (name !== SEARCH || isError) return [];
  return (details as { tools: { name: string }[] }).tools.map((tool) => tool.name);
}

/** The tools that fit best, best first: a word in the name weighs more than one in what the tool says of itself and its fields. */
export function searchTools(tools: readonly ToolSpec[], query: string, limit: number): ToolSpec[] {
  const wanted = wordsIn(query);
  return tools
    .map((tool) => ({ tool, weight: weightOf(tool, wanted) }))
    .filter(({ weight }) => weight > 0)
    .toSorted((a, b) => b.weight - a.weight || (a.tool.name < b.tool.name ? -1 : 1))
    .slice(0, limit)
    .map(({ tool }) => tool);
}

function weightOf({ name, description, parameters }: ToolSpec, wanted: readonly string[]): number {
  const places = [
    { weight: 4, words: wordsIn(name) },
    { weight: 2, words: wordsIn(description) },
    { weight: 1, words: wordsIn(JSON.stringify(parameters.properties ?? {})) },
  ];
  const isAlike = (a: string, b: string): boolean =>
    a === b || (a.length > 3 && b.length > 3 && (a.startsWith(b) || b.startsWith(a)));
  const weigh = (word: string): number =>
    places.reduce((sum, { weight, words }) => (words.some((each) => isAlike(each, word)) ? sum + weight : sum), 0);
  return wanted.reduce((sum, word) => sum + weigh(word), 0);
}

function wordsIn(value: string): string[] {
  return [...new Set(value.toLowerCase().match(/[\p{L}\p{N}]+/gu))];
}
