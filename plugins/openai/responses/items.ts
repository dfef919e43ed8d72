import { fieldsOf, listOf, textOf, type Fields, type Message, type ToolCall } from 'boternity';

/**
 * An item of an answer, as it is kept with the message. Words and arguments stand in the message itself: of a text its length is
 * kept, of a call its id.
 */
export interface Kept {
  readonly type: string;
  /** As the service names the item. */
  readonly id?: string;
  /** Of a message: characters of the answer's text. */
  readonly length?: number;
  /** Of a message: `commentary` or `final_answer`. */
  readonly phase?: string;
  /** Of a call: its id in the message. */
  readonly call?: string;
  /** Of a call that a program of the model made. */
  readonly caller?: unknown;
  /** Of a call: the group that its tool is in. */
  readonly namespace?: string;
  /** What only the service understands, whole. */
  readonly item?: Fields;
}

/** What the same model wants to see again; undefined where its words and calls say all. */
export function keepItems(model: string, items: readonly Kept[]): Fields | undefined {
  const isPlain = ({ type, phase, caller, namespace }: Kept): boolean =>
    (type === 'message' || type === 'function_call') &&
    phase === undefined &&
    caller === undefined &&
    namespace === undefined;
  return items.every(isPlain) ? undefined : { model, items };
}

/** The items of an answer that this model gave; undefined where it was another, or there are none. */
export function keptOf(extra: unknown, model: string): Kept[] | undefined {
  const { model: maker, items } = fieldsOf(extra);
  if (maker !== model || !Array.isArray(items)) return undefined;
  return listOf(items).filter((item) => textOf(fieldsOf(item).type) !== '') as Kept[];
}

/** The answer as its model gave it. Where its text was changed since, it is one message, without the ids that belong to the old. */
export function ownItems(
  message: Message & { role: 'assistant' },
  kept: readonly Kept[],
  idFor: (id: string) => string,
): Fields[] {
  const said = kept.reduce((sum, { length = 0 }) => sum + length, 0);
  const isSame = said === message.text.length;
  const left = new Map((message.calls ?? []).map((call) => [call.id, call]));
  const items: Fields[] = [];
  let at = 0;
  for (const each of kept) {
    if (each.item) items.push(each.item);
    else if (each.type === 'message' && isSame) {
      const { length = 0 } = each;
      items.push(messageItem(message.text.slice(at, at + length), each));
      at += length;
    } else if (each.call !== undefined) {
      const call = left.get(each.call);
      left.delete(each.call);
      if (call) items.push(callItem(call, each, idFor));
    }
  }
  if (!isSame && message.text !== '') items.push({ role: 'assistant', content: message.text });
  for (const call of left.values()) items.push(callItem(call, { type: 'function_call' }, idFor));
  return items;
}

function messageItem(text: string, { id, phase }: Kept): Fields {
  return {
    type: 'message',
    role: 'assistant',
    ...(id !== undefined && { id }),
    status: 'completed',
    ...(phase !== undefined && { phase }),
    content: [{ type: 'output_text', text, annotations: [] }],
  };
}

function callItem(call: ToolCall, { type, id, caller, namespace }: Kept, idFor: (id: string) => string): Fields {
  const isCustom = type === 'custom_tool_call';
  return {
    type,
    ...(id !== undefined && { id }),
    call_id: idFor(call.id),
    name: call.name,
    ...(namespace !== undefined && { namespace }),
    ...(isCustom ? { input: textIn(call.arguments) } : { arguments: call.arguments }),
    ...(caller !== undefined && { caller }),
  };
}

/** The text that stands in arguments as a JSON string. */
function textIn(json: string): string {
  try {
    return textOf(JSON.parse(json)) || json;
  } catch {
    return json;
  }
}
