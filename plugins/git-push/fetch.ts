import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { RouteCall } from 'boternity';
import type { Asked } from './admit.ts';
import type { GitDoor } from './handler.ts';
import { flush, pktLine } from './pkt-line.ts';

/** Tells a clone or a fetch what there is. */
export async function advertiseFetch({ bots }: GitDoor, call: RouteCall, { slug, branch }: Asked): Promise<void> {
  const { response, signal } = call;
  const protocol = protocolOf(call);
  // What a person has just saved on the server is part of what is cloned.
  if (branch === 'main') await (await bots.keeper(slug)).commitEdits();
  const repository = await bots.repository({ slug, branch });
  const answer = await repository.upload({ advertise: true, ...protocol, signal });
  response.setHeader('content-type', 'application/x-git-upload-pack-advertisement');
  // Version 2 begins with the capabilities at once.
  if (protocol.protocol !== 'version=2') response.write(Buffer.concat([pktLine('# service=git-upload-pack\n'), flush]));
  await pipeline(answer, response);
}

/** Gives a clone or a fetch the objects it asks for. */
export async function answerFetch(
  { bots }: GitDoor,
  call: RouteCall,
  { slug, branch }: Asked,
  body: Readable,
): Promise<void> {
  const { response, signal } = call;
  const repository = await bots.repository({ slug, branch });
  const answer = await repository.upload({ advertise: false, ...protocolOf(call), body, signal });
  response.setHeader('content-type', 'application/x-git-upload-pack-result');
  await pipeline(answer, response);
}

function protocolOf({ request }: RouteCall): { protocol?: string } {
  const asked = String(request.headers['git-protocol'] ?? '');
  const [version] = /\bversion=[012]\b/.exec(asked) ?? [];
  return version === undefined ? {} : { protocol: version };
}
