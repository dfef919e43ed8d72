import { covers, Fault, type Bots, type Caller } from 'boternity';
import type { Conversations } from '../conversations/service.ts';
import { nameIn } from './models.ts';
import { placeOf } from './response-request.ts';
import { responseVoice } from './response.ts';

/** What was said of the request beside its messages is not kept. */
const forgotten = {
  instructions: null,
  max_output_tokens: null,
  metadata: {},
  previous_response_id: null,
  temperature: null,
  tool_choice: 'auto',
  tools: [],
};

const GONE = new Set(['CONVERSATION_MISSING', 'NODE_MISSING', 'BOT_MISSING']);

/** Answers GET /v1/responses/{id}. Whether there is such a response is told only to those who may use its bot. */
export async function recallResponse(
  { bots, conversations }: { readonly bots: Bots; readonly conversations: Conversations },
  { grants }: Caller,
  id: string,
): Promise<unknown> {
  const place = placeOf(id);
  if (!place) throw missing(id);
  const { bot, text, end, at } = await conversations.recall(place).catch((error: unknown) => {
    throw GONE.has(Fault.from(error).code) ? missing(id) : error;
  });
  const names = bots.namesOf(bot);
  const [slug] = names;
  if (slug === undefined || !covers(grants, 'bots:use', names)) throw missing(id);
  const voice = responseVoice(place, nameIn({ slug }), forgotten, at);
  if (!end) return voice.state('in_progress', text);
  if (end.failure) return voice.state('failed', text, { code: end.failure.code, message: end.failure.message });
  return voice.whole(text, end);
}

function missing(id: string): Fault {
  return new Fault('NODE_MISSING', `There is no response ${JSON.stringify(id)}, or this key may not read it.`, {
    hint: '',
    details: [{ path: 'response_id', message: 'names no response' }],
  });
}
