/** A piece of a message. Bounded text goes to the model; what only people need travels beside it, never in it. */
export type Content =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'image'; readonly mediaType: string; readonly base64: string };

export interface ToolCall {
  /** Unique within its conversation. */
  readonly id: string;
  readonly name: string;
  /** As the model wrote it: JSON text, perhaps broken. */
  readonly arguments: string;
}

/** What a conversation looks like to a model, oldest first. */
export type Message =
  | { readonly role: 'user'; readonly content: readonly Content[] }
  | {
      readonly role: 'assistant';
      readonly text: string;
      readonly thinking?: string;
      readonly calls?: readonly ToolCall[];
      /** What the provider wants to see again unchanged (signatures, ids), under its own name. */
      readonly extra?: Readonly<Record<string, unknown>>;
    }
  | {
      readonly role: 'tool';
      readonly callId: string;
      readonly name: string;
      readonly content: readonly Content[];
      readonly isError: boolean;
    };

export function text(value: string): Content {
  return { type: 'text', text: value };
}

/** The text of a message's content, without images. */
export function plainText(content: readonly Content[]): string {
  return content.map((part) => (part.type === 'text' ? part.text : '')).join('');
}
