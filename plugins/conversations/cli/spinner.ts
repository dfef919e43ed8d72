import { styleText } from 'node:util';
import type { Terminal } from 'boternity';

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const STEP_MS = 100;

export interface Spinner {
  show(label?: string): void;
  hide(): void;
}

/** Says that something happens, until something does. Silent where the cursor cannot be moved. */
export function createSpinner({ stdout }: Terminal): Spinner {
  let turning: NodeJS.Timeout | undefined;
  let frame = 0;
  const draw = (label: string): void => {
    const picture = FRAMES[(frame += 1) % FRAMES.length] ?? '';
    stdout.write(`\r\u001b[K${styleText('dim', `${picture} ${label}`)}`);
  };
  return {
    show(label = 'thinking…') {
      if (!canMove(stdout) || turning) return;
      draw(label);
      turning = setInterval(() => draw(label), STEP_MS);
    },
    hide() {
      if (!turning) return;
      clearInterval(turning);
      turning = undefined;
      stdout.write('\r\u001b[K');
    },
  };
}

/** Whether a screen can be written over. */
export function canMove(stdout: NodeJS.WriteStream): boolean {
  return stdout.isTTY && process.env['TERM'] !== 'dumb';
}
