import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { Fault, type Deployed, type RouteCall } from 'boternity';
import type { Asked } from './admit.ts';
import { readCommands, type Commands } from './commands.ts';
import type { GitDoor } from './handler.ts';
import { flush, pktLine, PktReader, sideBand } from './pkt-line.ts';

const NONE = '0'.repeat(40);
const CAPABILITIES =
  'report-status delete-refs side-band-64k quiet atomic ofs-delta object-format=sha1 agent=boternity';
/** How much more than the limit of a push is read, so that the pusher hears why it was refused. */
const PATIENT_TIMES = 4;

/** Tells a push what there is: the refs, and what this side can do. */
export async function advertisePush({ bots }: GitDoor, { response }: RouteCall, asked: Asked): Promise<void> {
  const refs = asked.isNew ? new Map<string, string>() : await (await bots.repository(asked)).refs();
  const known = [...refs].filter(([ref]) => /^refs\/(heads|tags)\//.test(ref));
  const lines = known.length > 0 ? known.map(([ref, id]) => `${id} ${ref}`) : [`${NONE} capabilities^{}`];
  response.setHeader('content-type', 'application/x-git-receive-pack-advertisement');
  response.end(
    Buffer.concat([
      pktLine('# service=git-receive-pack\n'),
      flush,
      ...lines.map((line, at) => pktLine(at === 0 ? `${line}\0${CAPABILITIES}\n` : `${line}\n`)),
      flush,
    ]),
  );
}

/** Takes a push and reports, ref by ref, what became of it. */
export async function receivePush(door: GitDoor, call: RouteCall, asked: Asked, body: Readable): Promise<void> {
  const { request, response, signal } = call;
  const reader = new PktReader(body);
  // A pusher whose token was revoked is not waited for; what has come whole is carried out or refused.
  signal.addEventListener('abort', () => request.complete || request.destroy(), { once: true });
  const commands = await readCommands(reader);
  response.setHeader('content-type', 'application/x-git-receive-pack-result');
  if (commands.updates.length === 0) {
    response.end();
    return;
  }
  const report = new Report(response, commands);
  const outcome = await carryOut(door, call, asked, commands, reader, report);
  if (!request.complete) {
    // Git listens to an answer only when it has said everything.
    await reader.drain(door.limits.packBytes * PATIENT_TIMES);
    if (!request.complete) response.shouldKeepAlive = false;
  }
  report.end(outcome);
}

/** What became of a push; `broken` when it could not be read at all. */
type Outcome = Pick<Deployed, 'refused'> & { readonly broken?: string };

async function carryOut(
  { bots, limits, origins, log }: GitDoor,
  { signal }: RouteCall,
  { slug, branch, caller, isNew }: Asked,
  commands: Commands,
  reader: PktReader,
  report: Report,
): Promise<Outcome> {
  const { updates, isAtomic, hasPack } = commands;
  const all = (reason: string): Map<string, string> => new Map(updates.map(({ ref }) => [ref, reason]));
  if (commands.refusal) {
    report.tell(commands.refusal.sentence);
    return { refused: all(commands.refusal.reason) };
  }
  try {
    const deployed = await bots.deploy(
      { slug, branch },
      {
        updates,
        isAtomic,
        isNew,
        pack: hasPack ? reader.rest(limits.packBytes * PATIENT_TIMES) : undefined,
        by: caller,
        limits,
        tell: (sentence) => report.tell(sentence),
        progress: (sentence) => commands.isQuiet || report.tell(sentence),
        signal,
      },
    );
    if (isNew && bots.slugs.includes(slug)) await origins.record(bots.idOf(slug), { kind: 'push', from: caller.name });
    return deployed;
  } catch (error) {
    const fault = Fault.from(error);
    if (fault.code === 'INTERNAL') log.error('A push met an unexpected error', { bot: slug, error: fault.cause });
    const limit = `The push is larger than ${limits.packBytes / 1_000_000} MB, the limit of this server.`;
    report.tell(`${fault.code === 'PUSH_TOO_LARGE' ? limit : fault.message} ${fault.hint}`);
    const isUnread = fault.code === 'PUSH_TOO_LARGE' || fault.code === 'PUSH_BROKEN';
    return { refused: all(fault.row.title.toLowerCase()), ...(isUnread && { broken: fault.row.title.toLowerCase() }) };
  }
}

/** The answer to a push, as far as the pusher can read it. */
class Report {
  readonly #response: ServerResponse;
  readonly #commands: Commands;

  constructor(response: ServerResponse, commands: Commands) {
    this.#response = response;
    this.#commands = commands;
  }

  /** A sentence for the person, which git prints as `remote: …`. */
  tell(sentence: string): void {
    if (this.#commands.hasSideBand) this.#write(sideBand(2, Buffer.from(`${printable(sentence)}\n`)));
  }

  end({ refused, broken }: Outcome): void {
    if (this.#commands.wantsStatus) {
      const lines = this.#commands.updates.map(({ ref }) => {
        const reason = refused.get(ref);
        return reason === undefined ? `ok ${ref}\n` : `ng ${ref} ${printable(reason)}\n`;
      });
      const status = Buffer.concat([`unpack ${broken ?? 'ok'}\n`, ...lines].map((line) => pktLine(line)).concat(flush));
      this.#write(this.#commands.hasSideBand ? sideBand(1, status) : [status]);
    }
    this.#response.end(this.#commands.hasSideBand ? flush : undefined);
  }

  #write(lines: Iterable<Buffer>): void {
    for (const line of lines) this.#response.write(line);
  }
}

/** Names in a push are anybody's: nothing in them moves the cursor of the one who reads. */
function printable(sentence: string): string {
  return sentence.replaceAll(/[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]+/gu, ' ').slice(0, 2_000);
}
