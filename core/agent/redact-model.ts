import { redactor, type RedactedStream } from '../base/redact.ts';
import type { Content, Message } from './message.ts';
import type { Model, ModelRequest, Part } from './model.ts';

/** The same model, to which no secret goes and from which none comes back, whatever it was told. */
export function redactModel(model: Model): Model {
  return {
    ...model,
    stream: (request, signal) =>
      redactor.isEmpty ? model.stream(request, signal) : redactParts(model.stream(redactRequest(request), signal)),
  };
}

function redactRequest(request: ModelRequest): ModelRequest {
  const { system, tools, messages, tail } = request;
  return {
    ...request,
    system: redactor.text(system),
    tools: redactor.value(tools),
    messages: messages.map(redactMessage),
    tail: redactor.text(tail),
  };
}

/** Pictures are left as they are: they are large, and their bytes are no text. */
function redactMessage(message: Message): Message {
  if (message.role === 'assistant') return redactor.value(message);
  return { ...message, content: message.content.map(redactContent) };
}

function redactContent(content: Content): Content {
  return content.type === 'text' ? redactor.value(content) : content;
}

type Spoken = Extract<Part, { type: 'text' | 'thinking' }>;

async function* redactParts(parts: AsyncIterable<Part>): AsyncGenerator<Part, void, undefined> {
  let stream: RedactedStream = redactor.stream();
  let type: Spoken['type'] = 'text';
  for await (const part of parts) {
    const isSpoken = part.type === 'text' || part.type === 'thinking';
    if (!isSpoken || part.type !== type) {
      const rest = stream.end();
      if (rest !== '') yield { type, text: rest };
      stream = redactor.stream();
    }
    if (isSpoken) {
      type = part.type;
      const text = stream.push(part.text);
      if (text !== '') yield { type, text };
    } else yield redactPart(part);
  }
}

function redactPart(part: Exclude<Part, Spoken>): Part {
  return part.type === 'usage' ? part : redactor.value(part);
}
