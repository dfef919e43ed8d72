import { Fault } from '../base/fault.ts';

/** What commander itself complains about, as a usage fault. */
export function usageFault(message: string): Fault {
  const [line = ''] = message.replace(/^error: /, '').split('\n');
  // A flag that is not known may carry what should not be repeated: --vlaue=…
  return new Fault('USAGE_WRONG', line.replace(/^(unknown option '[^=']*)=.*$/, "$1'"), {
    hint: 'Run the command with --help.',
  });
}
