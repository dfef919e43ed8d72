import { definePlugin, z } from 'boternity';
import type {} from '../conversations/index.ts';
import type {} from '../models/index.ts';
import * as describe from './describe.ts';
import { createDoor } from './door.ts';

const config = z
  .strictObject({
    beatSeconds: z
      .number()
      .positive()
      .default(10)
      .describe('How often a stream that has nothing to say shows that it lives'),
    approvalSeconds: z
      .number()
      .positive()
      .default(120)
      .describe('How long a request without a stream waits for a person to approve a call'),
  })
  .prefault({});

/** Bots as models of an OpenAI-compatible API at `/v1`. */
export default definePlugin({
  name: 'openai-door',
  needs: ['home', 'bots', 'web', 'models', 'conversations'],
  config,
  setup(context, { beatSeconds, approvalSeconds }) {
    const { home, bots, web, models, conversations } = context;
    const limits = { beatMs: beatSeconds * 1_000, approvalMs: approvalSeconds * 1_000 };
    const door = createDoor({ home, bots, models, conversations, limits });
    // The door asks for the credential itself and refuses in the protocol's own form.
    const permission = 'anyone';
    web.route({ method: 'GET', path: '/v1/models', permission, describe: describe.list, handle: door.list });
    web.route({ method: 'GET', path: '/v1/models/{model+}', permission, describe: describe.show, handle: door.show });
    web.route({ method: 'POST', path: '/v1/chat/completions', permission, describe: describe.chat, handle: door.chat });
    web.route({ method: 'POST', path: '/v1/responses', permission, describe: describe.respond, handle: door.respond });
    const recall = { describe: describe.recall, handle: door.recall };
    web.route({ method: 'GET', path: '/v1/responses/{response}', permission, ...recall });
    web.route({ method: 'POST', path: '/v1/embeddings', permission, describe: describe.embed, handle: door.embed });
  },
});
