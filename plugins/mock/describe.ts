import { z, type RouteDescription } from 'boternity';

const refused = z.looseObject({ error: z.looseObject({ message: z.string() }) });

export const models: RouteDescription = {
  name: 'mock.models',
  summary: 'Lists the one model of the mock.',
  answers: {
    200: { description: 'The list', schema: z.looseObject({ data: z.array(z.looseObject({ id: z.string() })) }) },
  },
};

export const chat: RouteDescription = {
  name: 'mock.chat',
  summary: 'Answers a chat as its messages ask for.',
  body: {
    type: 'application/json',
    schema: z
      .looseObject({ model: z.string(), messages: z.array(z.looseObject({ role: z.string() })) })
      .meta({ examples: [{ model: 'mock-model', messages: [{ role: 'user', content: 'hi' }] }] }),
  },
  answers: {
    200: { description: 'The answer; events where the request asks for a stream', schema: z.looseObject({}) },
    400: { description: 'No chat request', schema: refused },
  },
};

export const requests: RouteDescription = {
  name: 'mock.requests',
  summary: 'Shows the chat requests that came in.',
  answers: { 200: { description: 'Oldest first', schema: z.object({ requests: z.array(z.looseObject({})) }) } },
};
