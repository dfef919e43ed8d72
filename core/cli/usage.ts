import { Fault } from '../base/fault.ts';

/** What commander itself complains about, as a usage fault. */
export function usageFault(message: string): Fault {
  return new Fault('USAGE_WRONG', message.replace(/^error: /, '').replace(/\n[^]*$/, ''), {
    hint: 'Run the command with --help.',
  });
}
