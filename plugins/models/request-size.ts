import { plainText, type ModelRequest } from 'boternity';

/** Estimated tokens of a request: four characters are one. */
export function sizeOf({ system, tools, messages, tail }: ModelRequest): number {
  const told = messages.reduce((sum, message) => {
    if (message.role !== 'assistant') return sum + plainText(message.content).length;
    const calls = message.calls?.reduce((length, call) => length + call.name.length + call.arguments.length, 0) ?? 0;
    return sum + message.text.length + calls;
  }, 0);
  const described = tools.length === 0 ? 0 : JSON.stringify(tools).length;
  return Math.ceil((system.length + tail.length + described + told) / 4);
}

/** Whether a request holds images. */
export function takesImages({ messages }: ModelRequest): boolean {
  return messages.some(
    (message) => message.role !== 'assistant' && message.content.some((part) => part.type === 'image'),
  );
}
