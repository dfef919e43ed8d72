import { Fault } from '../base/fault.ts';

/** What commander itself complains about, as a usage fault. */
export function usageFault(message: string): Fault {
  const [line = ''] = message.replace(/^error: /, '').split('\n');
  // What stands where nothing is expected may be a secret, and is not repeated: --vlaue=…
  return new Fault(
    'USAGE_WRONG',
    line.replace(/^(unknown option '[^=']*)=.*$/, "$1'").replace(/^(too many arguments.*? but got \d+): .*$/, '$1.'),
    {
      hint: 'Run the command with --help.',
    },
  );
}
