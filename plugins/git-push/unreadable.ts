import { Fault } from 'boternity';

/** For a request that is not what git would send. */
export function unreadable(sentence: string): Fault {
  return new Fault('BODY_UNREADABLE', sentence, { hint: 'Use git itself, and try again.' });
}
