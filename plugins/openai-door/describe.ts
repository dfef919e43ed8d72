import { z, type RouteDescription } from 'boternity';

const model = z.object({ id: z.string(), object: z.literal('model'), created: z.number(), owned_by: z.string() });
const refusal = {
  description: 'Refused, in the form of the OpenAI API',
  schema: z.object({
    error: z.object({
      message: z.string(),
      type: z.string(),
      param: z.string().nullable(),
      code: z.string(),
    }),
  }),
};
const headers = z.object({
  'x-boternity-conversation': z
    .string()
    .optional()
    .describe('The conversation to go on with; `new` begins one whatever `user` says. Answers carry it too'),
});

export const list: RouteDescription = {
  name: 'openai.models',
  summary: 'Lists the bots that the caller may use as models. Send an API token as a bearer.',
  answers: { 200: { description: 'The list', schema: z.object({ object: z.literal('list'), data: z.array(model) }) } },
  refusal,
};

export const show: RouteDescription = {
  name: 'openai.model',
  summary: 'Shows one bot as a model.',
  params: { model: { description: 'boternity/<slug>, or the slug', example: 'boternity/assistant' } },
  answers: { 200: { description: 'The model', schema: model } },
  refusal,
};

export const chat: RouteDescription = {
  name: 'openai.chat',
  summary: 'Has a bot answer, as POST /v1/chat/completions of OpenAI does.',
  headers,
  body: {
    type: 'application/json',
    schema: z
      .looseObject({ model: z.string(), messages: z.array(z.looseObject({ role: z.string() })) })
      .meta({ examples: [{ model: 'boternity/assistant', messages: [{ role: 'user', content: 'Hello' }] }] }),
  },
  answers: {
    200: {
      description: 'A chat.completion; with `stream` its chunks as events',
      type: ['application/json', 'text/event-stream'],
      schema: z.looseObject({ id: z.string() }),
    },
  },
  refusal,
};

export const respond: RouteDescription = {
  name: 'openai.respond',
  summary: 'Has a bot answer, as POST /v1/responses of OpenAI does.',
  headers,
  body: {
    type: 'application/json',
    schema: z
      .looseObject({ model: z.string(), input: z.union([z.string(), z.array(z.unknown())]) })
      .meta({ examples: [{ model: 'boternity/assistant', input: 'Hello' }] }),
  },
  answers: {
    200: {
      description: 'A response; with `stream` its events',
      type: ['application/json', 'text/event-stream'],
      schema: z.looseObject({ id: z.string() }),
    },
  },
  refusal,
};

export const recall: RouteDescription = {
  name: 'openai.recall',
  summary: 'Shows a response that a bot has given.',
  params: { response: { description: 'The id of the response', example: 'resp_…' } },
  answers: { 200: { description: 'The response', schema: z.looseObject({ id: z.string() }) } },
  refusal,
};

export const embed: RouteDescription = {
  name: 'openai.embed',
  summary: 'Makes embeddings, once an embedder is loaded; until then it refuses.',
  body: {
    type: 'application/json',
    schema: z.looseObject({}).meta({ examples: [{ model: 'any', input: 'Hello' }] }),
  },
  answers: {
    200: { description: 'The embeddings', schema: z.looseObject({ data: z.array(z.unknown()) }) },
    404: { description: 'No embedder is loaded', schema: refusal.schema },
  },
  refusal,
};
