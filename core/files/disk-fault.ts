import { Fault } from '../base/fault.ts';
import { isSystemError } from './system-calls.ts';

/** An error of the disk as a fault whose sentence names the file as the store does, and says why it was refused. */
export function diskFault(error: unknown, doing: 'read' | 'listed' | 'written' | 'removed', given: string): Fault {
  const fault = Fault.from(error);
  if (fault === error || fault.code === 'INTERNAL') return fault;
  const what = given === '' ? 'The folder' : given;
  if (isSystemError(error, 'ENOTDIR')) {
    return new Fault('FILE_INVALID', `${what} cannot be ${doing}: a file stands where a folder is needed.`, {
      cause: error,
    });
  }
  if (isSystemError(error, 'EISDIR')) {
    return new Fault('FILE_INVALID', `${what} cannot be ${doing}: it is a folder.`, { cause: error });
  }
  const isReading = doing === 'read' || doing === 'listed';
  const code = isReading && isSystemError(error, 'EACCES', 'EPERM') ? 'FILE_UNREADABLE' : fault.code;
  return new Fault(code, `${what} cannot be ${doing}: ${reasonOf(error)}.`, { cause: error });
}

/** The system's words without call and path: "no space left on device". */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/^[A-Z0-9_]+: /, '').replace(/, [a-z]+( '.*)?$/s, '');
}
