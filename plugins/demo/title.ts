import { plainText, type ModelRequest } from 'boternity';
import { shorten } from './words.ts';

const TITLE_LENGTH = 48;
const GREETING = /^(hi|hello|hey|hallo|howdy|greetings|good (morning|afternoon|evening|day))( there)?\b[\s,.!:;-]*/i;
const PLEASE = /^(please|can you|could you|would you)\b[\s,]*/i;

/** Whether a conversation shall be named: plugins/conversations asks so. */
export function wantsTitle({ system }: ModelRequest): boolean {
  return system.startsWith('Give this conversation a title.');
}

/** What the person began with, without the greeting; it is all that a demo knows of a subject. */
export function titleFor({ messages }: ModelRequest): string {
  const [first] = messages;
  const shown = first?.role === 'user' ? plainText(first.content) : '';
  const [said = ''] = shown.replace(/^User: /, '').split('\n\nAssistant: ');
  const subject = said.trim().replace(GREETING, '').replace(PLEASE, '');
  const title = shorten((subject === '' ? said : subject).split(/(?<=[.!?])\s/)[0] ?? '', TITLE_LENGTH)
    .replace(/[\s.!?]+$/, '')
    .replace(/ …$/, '…');
  return title.charAt(0).toUpperCase() + title.slice(1);
}
