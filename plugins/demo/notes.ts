import { plainText, type ModelRequest } from 'boternity';

/** Sentences in which people speak of themselves; it is all that a demo can tell from small talk. */
const OF_ONESELF = /\b(i am|i'm|i live|i work|i like|i love|i hate|i prefer|i have|my|our|call me|remember that)\b/i;
const ASKING = /\?\s*$/;
const MOST = 5;

/** Whether somebody wants notes of a conversation: plugins/memory asks so. */
export function wantsNotes({ system }: ModelRequest): boolean {
  return system.startsWith('Note what is worth remembering of this conversation.');
}

/** What the person said of themselves, word for word. */
export function notesFor({ messages }: ModelRequest): string {
  const [material] = messages;
  const lines = material?.role === 'user' ? plainText(material.content).split('\n') : [];
  const facts: { text: string; category: string; turn: number }[] = [];
  let turn = 0;
  for (const line of lines) {
    if (/^\[turn \d+,/.test(line)) turn += 1;
    if (!line.startsWith('Person: ')) continue;
    for (const sentence of line.slice('Person: '.length).split(/(?<=[.!?])\s+/))
      if (OF_ONESELF.test(sentence) && !ASKING.test(sentence))
        facts.push({ text: `The person said: ${sentence.trim()}`, category: 'fact', turn });
  }
  return JSON.stringify({ facts: facts.slice(-MOST), points: [] });
}
