import { paragraphs, plainText, shapeInWords, type Content, type Message, type ModelRequest } from 'boternity';

/** How the program's one message is to be read. It stands in what does not vary. */
const READING =
  'The message of the user holds a conversation: one message a line, as JSON. What stands below the lines is no part of it; ' +
  'a line names its images by their number in the order in which they follow. ' +
  'Write the next message of the assistant: its words alone, not as such a line.';

/** The system prompt, with the shape of the answer in words. */
export function systemFor({ system, schema }: ModelRequest): string {
  return paragraphs(system, READING, schema && shapeInWords(schema.schema));
}

/**
 * What the program reads: one message, for a second one would be a second question. The conversation stands in it as JSON, a line for
 * each message, so that nobody can write words that look like another's, and so that a longer one begins with the same bytes. Images
 * come behind it; a line says which are its own.
 */
export function promptFor({ messages, tail }: ModelRequest): string {
  const images: object[] = [];
  const lines = messages.flatMap((message) => lineFor(message, images));
  const text = paragraphs(lines.join('\n'), tail) || 'Begin.';
  const content = [{ type: 'text', text }, ...images];
  return `${JSON.stringify({ type: 'user', message: { role: 'user', content } })}\n`;
}

function lineFor(message: Message, images: object[]): string[] {
  if (message.role === 'assistant') {
    const { text, calls = [] } = message;
    const called = calls.map(({ id, name, arguments: input }) => ({ id, name, input }));
    if (text === '' && called.length === 0) return [];
    return [JSON.stringify({ role: 'assistant', text, ...(called.length > 0 && { calls: called }) })];
  }
  const { role, content } = message;
  const result = role === 'tool' && { tool: message.name, call: message.callId, failed: message.isError };
  const shown = content.flatMap((part) => (part.type === 'image' ? [images.push(imageOf(part))] : []));
  return [JSON.stringify({ role, ...result, text: plainText(content), ...(shown.length > 0 && { images: shown }) })];
}

function imageOf({ mediaType, base64 }: Extract<Content, { type: 'image' }>): object {
  return { type: 'image', source: { type: 'base64', media_type: mediaType, data: base64 } };
}
