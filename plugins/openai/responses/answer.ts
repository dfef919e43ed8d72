import { fieldsOf, listOf, numberOf, ServiceError, textOf, ToolCalls, type AnswerReader, type Fields } from 'boternity';
import type { Part, StopReason, ToolCall, Usage } from 'boternity';
import { keepItems, type Kept } from './items.ts';
import { Totals } from './usage.ts';

/** An item while it grows. */
interface Growing {
  type: string;
  /** The newest that the service sent of it. */
  item: Fields;
  /** Of a message: characters that were said. */
  said: number;
  /** Contents and summaries of which words came piece by piece. */
  readonly heard: Set<string>;
  /** Of a call: its input as far as it came. */
  input: string;
  call?: string;
}

const INPUT_OF: Readonly<Record<string, string>> = { function_call: 'arguments', custom_tool_call: 'input' };

/** Gathers the events of one answer. Whatever it does not know, it ignores; what a hosted tool did is kept for the service alone. */
export class ResponseReader implements AnswerReader {
  isBegun = false;
  isFinished = false;
  readonly #model: string;
  readonly #totals = new Totals();
  readonly #items: Growing[] = [];
  /** By place in the response: ids of items may change between two events. */
  readonly #open = new Map<number, Growing>();
  #parts: Part[] = [];
  #status = '';
  #reason = '';
  #hasRefused = false;

  constructor(model: string) {
    this.#model = model;
  }

  get usage(): Usage | undefined {
    return this.#totals.usage;
  }

  get stop(): StopReason {
    if (this.#hasRefused || this.#reason === 'content_filter') return 'refused';
    if (this.#status === 'cancelled') return 'error';
    if (this.#status === 'incomplete') return 'length';
    return this.#callItems().length > 0 ? 'tools' : 'end';
  }

  take(chunk: unknown): readonly Part[] {
    this.#parts = [];
    const event = fieldsOf(chunk);
    const type = textOf(event.type);
    this.isBegun ||= type.startsWith('response.');
    if (type === 'error') throw new ServiceError(undefined, event.error ?? event);
    if (type.startsWith('response.')) this.#read(type.slice('response.'.length), event);
    return this.#parts;
  }

  calls(isTaken: (id: string) => boolean): ToolCall[] {
    const calls = new ToolCalls();
    const items = this.#callItems();
    for (const [index, { type, item, input }] of items.entries()) {
      const written = type === 'custom_tool_call' ? JSON.stringify(input) : input;
      calls.add({ index, id: item.call_id, function: { name: item.name, arguments: written } });
    }
    const made = calls.finish(isTaken);
    for (const [index, item] of items.entries()) item.call = made[index]?.id ?? '';
    return made;
  }

  /** Thoughts that cannot be read again are left out, and with them the ids of what followed: the service wants both or none. */
  extra(): Fields | undefined {
    const isLost = ({ type, item }: Growing): boolean => type === 'reasoning' && textOf(item.encrypted_content) === '';
    const hasIds = !this.#items.some(isLost);
    return keepItems(
      this.#model,
      this.#items.filter((each) => !isLost(each)).map((each) => keep(each, hasIds)),
    );
  }

  #read(type: string, event: Fields): void {
    if (type === 'created') this.#totals.begin();
    else if (type === 'output_item.added') this.#add(event);
    else if (type === 'output_item.done') this.#finish(event);
    else if (type.endsWith('.delta')) this.#grow(type.slice(0, -'.delta'.length), event);
    else if (type.endsWith('.done')) this.#complete(type.slice(0, -'.done'.length), event);
    else if (type === 'reasoning_summary_part.added' && (numberOf(event.summary_index) ?? 0) > 0)
      this.#parts.push({ type: 'thinking', text: '\n\n' });
    else if (/^(completed|incomplete|failed|cancelled|done)$/.test(type)) this.#end(type, fieldsOf(event.response));
  }

  #add(event: Fields): Growing {
    const item = fieldsOf(event.item);
    const type = textOf(item.type);
    const input = textOf(item[INPUT_OF[type] ?? '']);
    const growing: Growing = { type, item, said: 0, heard: new Set(), input };
    this.#items.push(growing);
    this.#open.set(numberOf(event.output_index) ?? -1, growing);
    return growing;
  }

  /** The item that an event belongs to; made where its beginning was not told. */
  #itemOf(event: Fields, type: string): Growing {
    return this.#open.get(numberOf(event.output_index) ?? -1) ?? this.#add({ ...event, item: { type } });
  }

  #grow(what: string, event: Fields): void {
    const delta = textOf(event.delta);
    if (what === 'function_call_arguments') this.#itemOf(event, 'function_call').input += delta;
    else if (what === 'custom_tool_call_input') this.#itemOf(event, 'custom_tool_call').input += delta;
    else this.#speak(what, event, delta);
  }

  /** The whole of what came in pieces; said only where no piece came. */
  #complete(what: string, event: Fields): void {
    if (what === 'function_call_arguments') this.#input(this.#itemOf(event, 'function_call'), event.arguments);
    else if (what === 'custom_tool_call_input') this.#input(this.#itemOf(event, 'custom_tool_call'), event.input);
    else if (typeSpoken(what) !== '' && !this.#itemOf(event, typeSpoken(what)).heard.has(placeOf(what, event)))
      this.#speak(what, event, textOf(event.text) || textOf(event.refusal));
  }

  #input(growing: Growing, whole: unknown): void {
    growing.input = textOf(whole) || growing.input;
  }

  #speak(what: string, event: Fields, text: string): void {
    const type = typeSpoken(what);
    if (type === '' || text === '') return;
    const growing = this.#itemOf(event, type);
    growing.heard.add(placeOf(what, event));
    if (what === 'refusal') this.#hasRefused = true;
    if (type === 'message') growing.said += text.length;
    this.#parts.push({ type: type === 'message' ? 'text' : 'thinking', text });
  }

  #finish(event: Fields): void {
    const item = fieldsOf(event.item);
    const growing = this.#itemOf(event, textOf(item.type));
    growing.item = { ...growing.item, ...item };
    this.#input(growing, item[INPUT_OF[growing.type] ?? '']);
    for (const [index, part] of listOf(item.content).entries())
      this.#complete(fieldsOf(part).type === 'refusal' ? 'refusal' : spokenIn(growing.type), {
        ...fieldsOf(part),
        output_index: event.output_index,
        content_index: index,
      });
    for (const [index, part] of listOf(item.summary).entries())
      this.#complete('reasoning_summary_text', {
        ...fieldsOf(part),
        output_index: event.output_index,
        summary_index: index,
      });
    this.#open.delete(numberOf(event.output_index) ?? -1);
  }

  #end(type: string, response: Fields): void {
    this.isFinished = true;
    this.#totals.add(response.usage);
    this.#status = textOf(response.status) || type;
    this.#reason = textOf(fieldsOf(response.incomplete_details).reason);
    if (this.#status === 'failed') throw new ServiceError(undefined, response.error ?? {});
    if (this.#items.length > 0) return;
    for (const [index, item] of listOf(response.output).entries()) this.#finish({ item, output_index: index });
  }

  #callItems(): Growing[] {
    return this.#items.filter(({ type, item }) => type in INPUT_OF && textOf(item.name) !== '');
  }
}

function keep({ type, item, said, call }: Growing, hasIds: boolean): Kept {
  const id = hasIds && typeof item.id === 'string' ? { id: item.id } : {};
  if (type === 'message')
    return { type, ...id, length: said, ...(typeof item.phase === 'string' && { phase: item.phase }) };
  if (call === undefined) return { type, item };
  const { caller, namespace } = item;
  return {
    type,
    ...id,
    call,
    ...(caller !== undefined && caller !== null && { caller }),
    ...(typeof namespace === 'string' && { namespace }),
  };
}

/** Whose words an event brings: a message's, or thoughts; empty for anything else. */
function typeSpoken(what: string): string {
  if (what === 'output_text' || what === 'refusal') return 'message';
  return what === 'reasoning_summary_text' || what === 'reasoning_text' ? 'reasoning' : '';
}

function spokenIn(type: string): string {
  return type === 'message' ? 'output_text' : 'reasoning_text';
}

function placeOf(what: string, { content_index: content, summary_index: summary }: Fields): string {
  return `${what} ${numberOf(content) ?? numberOf(summary) ?? 0}`;
}
