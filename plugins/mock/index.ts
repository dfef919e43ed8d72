import { definePlugin, z, type Route, type RouteCall } from 'boternity';
import * as describe from './describe.ts';
import { createMock, type Mock } from './handler.ts';

/** Largest request, in bytes: long conversations with images. */
const BODY_LIMIT = 32_000_000;

const config = z.object({
  delayMs: z.number().min(0).default(20).describe('Pause before each piece of an answer, in milliseconds'),
  maxSlowSeconds: z.number().min(0).default(0.2).describe('Longest pause per piece that a message may ask for'),
  scripts: z.string().optional().describe('Folder of the files that script= names'),
});

/** An OpenAI-compatible endpoint below /mock whose answers are known beforehand. For tests and development. */
export default definePlugin({
  name: 'mock',
  needs: ['web'],
  config,
  setup({ web }, { delayMs, maxSlowSeconds, scripts }) {
    const mock = createMock({ delayMs, maxSlowSeconds, ...(scripts !== undefined && { scripts }) });
    web.route(endpoint(mock, 'GET', '/v1/models'));
    web.route(endpoint(mock, 'POST', '/v1/chat/completions'));
    web.route({
      method: 'GET',
      path: '/mock/requests',
      permission: 'models:admin',
      describe: describe.requests,
      handle: ({ response }) => showRequests(mock, response),
    });
  },
});

function endpoint(mock: Mock, method: 'GET' | 'POST', path: string): Route {
  return {
    method,
    path: `/mock${path}`,
    permission: 'models:use',
    describe: method === 'GET' ? describe.models : describe.chat,
    async handle(call) {
      const body = method === 'POST' ? await call.text(BODY_LIMIT) : '';
      await mock.handle(call.request, call.response, path, body);
    },
  };
}

function showRequests(mock: Mock, response: RouteCall['response']): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ requests: mock.requests() }));
}
