import {
  covers,
  coversSome,
  Fault,
  redactor,
  settingsOf,
  type Bot,
  type Bots,
  type Caller,
  type Home,
  type RouteCall,
} from 'boternity';
import type { Conversations, Reply } from '../conversations/service.ts';
import type { Models } from '../models/index.ts';
import { readChat } from './chat-request.ts';
import { chatVoice } from './chat.ts';
import { embedderView, embeddings } from './embeddings.ts';
import { errorOf } from './errors.ts';
import { modelOf, nameIn } from './models.ts';
import { recallResponse } from './recall.ts';
import { readResponse } from './response-request.ts';
import { responseVoice } from './response.ts';
import { serve, type Limits, type Voice } from './serve.ts';
import { openUsers } from './users.ts';
import { replyTo, type Asked } from './where.ts';

interface Parts {
  readonly home: Home;
  readonly bots: Bots;
  readonly conversations: Conversations;
  readonly models: Models;
  readonly limits: Limits;
}

type Handle = (call: RouteCall) => Promise<void>;

/** The handlers of the routes. */
export function createDoor(
  parts: Parts,
): Readonly<Record<'list' | 'show' | 'chat' | 'respond' | 'recall' | 'embed', Handle>> {
  const { bots, conversations, limits, models } = parts;
  const users = openUsers(parts.home);

  const answer = async (call: RouteCall, caller: Caller, { asked, voiceFor }: Question): Promise<void> => {
    const bot = await botFor(bots, caller, asked.model);
    conversations.count(caller);
    const reply = await replyTo({ conversations, users }, { call, caller, bot, asked });
    await serve(call, reply, { voice: voiceFor(reply, nameIn(bot)), isStream: asked.isStream, limits });
  };

  return {
    list: guarded(parts, async (call, caller) => {
      const data = (await bots.all()).filter((bot) => isFor(caller, bot)).map(modelOf);
      const embedders = isForSome(caller) ? models.embedders().map(embedderView) : [];
      send(call, 200, { object: 'list', data: [...data, ...embedders] });
    }),
    show: guarded(parts, async (call, caller) =>
      send(call, 200, modelOf(await botFor(bots, caller, call.params['model'] ?? ''))),
    ),
    chat: guarded(parts, async (call, caller) => {
      const { asked, wantsUsage } = readChat(await call.json());
      await answer(call, caller, { asked, voiceFor: (reply, model) => chatVoice(reply, model, wantsUsage) });
    }),
    respond: guarded(parts, async (call, caller) => {
      const { asked, echo } = readResponse(await call.json());
      await answer(call, caller, { asked, voiceFor: (reply, model) => responseVoice(reply, model, echo) });
    }),
    recall: guarded(parts, async (call, caller) =>
      send(call, 200, await recallResponse(parts, caller, call.params['response'] ?? '')),
    ),
    embed: guarded(parts, async (call, caller) => {
      const embedders = isForSome(caller) ? models.embedders() : [];
      send(call, 200, await embeddings(embedders, await call.json(), call.signal));
    }),
  };
}

interface Question {
  readonly asked: Asked;
  readonly voiceFor: (reply: Reply, model: string) => Voice;
}

/** Only a credential in a header counts, as programs send it; what goes wrong is told in the protocol's form. */
function guarded({ home }: Parts, handle: (call: RouteCall, caller: Caller) => Promise<void> | void): Handle {
  return async (call) => {
    try {
      const { cookie: _, ...headers } = call.request.headers;
      await handle(call, await call.identify(headers));
    } catch (error) {
      const fault = Fault.from(error);
      if (fault.code === 'INTERNAL') home.log.error('An API request met an unexpected error', { error: fault.cause });
      if (call.response.headersSent) {
        call.response.destroy();
        return;
      }
      const { status, body } = errorOf(fault);
      if (status === 401) call.response.setHeader('www-authenticate', 'Bearer realm="Boternity"');
      if (fault.retryAfterSeconds !== undefined)
        call.response.setHeader('retry-after', String(fault.retryAfterSeconds));
      if (!call.request.complete) call.response.setHeader('connection', 'close');
      send(call, status, body);
    }
  };
}

function send({ response }: RouteCall, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(redactor.json(body));
}

/** The bot that a request names. Whether there is one is told only to those who may use it. Throws BOT_MISSING. */
async function botFor(bots: Bots, caller: Caller, model: string): Promise<Bot> {
  const names = bots.namesOf(model.replace(/^boternity\//, ''));
  const [slug] = names;
  if (slug !== undefined && covers(caller.grants, 'bots:use', names)) return bots.get(slug);
  throw new Fault('BOT_MISSING', `There is no model "${model}", or this key may not use it.`, {
    details: [{ path: 'model', message: 'names no bot that this key may use' }],
  });
}

function isForSome({ grants }: Caller): boolean {
  return coversSome(grants, 'bots:use');
}

function isFor({ grants }: Caller, bot: Bot): boolean {
  return settingsOf(bot).status === 'active' && covers(grants, 'bots:use', [bot.slug, bot.id]);
}
