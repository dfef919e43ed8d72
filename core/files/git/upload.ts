import { PassThrough } from 'node:stream';
import type { Shared } from './bot-repository.ts';
import { endGroup, type GitCall } from './program.ts';
import type { UploadRequest } from './repository.ts';

/** Only words that git itself sends. */
const PROTOCOL = /^version=[012](:[a-z=\d-]+)*$/;

/** Runs upload-pack in the server's repository and gives what it says. The stream ends when git does; giving it up ends git. */
export async function upload(shared: Shared, call: GitCall, request: UploadRequest): Promise<NodeJS.ReadableStream> {
  const { advertise, protocol, body, signal } = request;
  const args = [
    'upload-pack',
    '--strict',
    '--stateless-rpc',
    ...(advertise ? ['--http-backend-info-refs'] : []),
    call.cwd,
  ];
  const version = protocol && PROTOCOL.test(protocol) ? { GIT_PROTOCOL: protocol } : {};
  const child = await shared.program.start({ ...call, args, env: { ...call.env, ...version }, signal });
  const answer = new PassThrough();
  let said = '';
  child.stderr?.on('data', (piece: Buffer) => (said = (said + piece.toString()).slice(-1000)));
  child.stdout?.pipe(answer, { end: false });
  child.once('close', (code) => {
    if (code !== 0 && !answer.destroyed) shared.log.info('A clone or a fetch has ended early.', { code, said });
    answer.end();
  });
  answer.once('close', () => endGroup(child));
  if (body && child.stdin) {
    body.on('error', () => endGroup(child));
    body.pipe(child.stdin);
  } else child.stdin?.end();
  return answer;
}
