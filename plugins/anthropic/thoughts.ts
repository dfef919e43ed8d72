import { textOf, type Blocks } from 'boternity';
import type Anthropic from '@anthropic-ai/sdk';

/** Thoughts go back with what proves that they are the model's own. The service refuses text of nothing but spaces. */
export const blocks: Blocks<Anthropic.ContentBlockParam> = {
  thought(piece) {
    const { type } = piece;
    const signature = textOf(piece.signature);
    const data = textOf(piece.data);
    if (type === 'redacted_thinking' && data !== '') return [{ type, data }];
    return type === 'thinking' && signature !== '' ? [{ type, thinking: textOf(piece.thinking), signature }] : [];
  },
  said: (text) => (text.trim() === '' ? [] : [{ type: 'text', text }]),
};
