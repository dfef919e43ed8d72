import { Fault, redactor, type Change, type Log } from 'boternity';
import type { MemoryIndexes } from '../memory-index/index.ts';
import type { BotMemory, Kept, Memories, Memory } from '../memory/index.ts';
import { seemOpposed } from './contradiction.ts';
import type { Ledger } from './ledger.ts';
import { screen } from './screening/screen.ts';
import type { SharedMemories } from './shared-memories.ts';
import type { SharedOne } from './shared-one.ts';
import { writeHash } from './write-hash.ts';

/** How much bots may share. */
export interface SharingLimits {
  /** Memories of one author. */
  readonly most: number;
  /** Characters of one. */
  readonly longest: number;
  /** Of one author within an hour. */
  readonly perHour: number;
}

export interface SharingParts {
  readonly memories: Memories;
  readonly indexes: Pick<MemoryIndexes, 'analyse'>;
  readonly shared: SharedMemories;
  readonly ledger: Ledger;
  readonly limits: SharingLimits;
  readonly log: Log;
}

export type Trust = NonNullable<Memory['shared']>['trust'];

/** Memories that are compared with one that is to be shared. */
const LIKELY = 10;
/** One author with more than this part of everything is worth a word, when there is so much at all. */
const MUCH = 0.4;
const ENOUGH = 20;

/** Shares memories, takes them back, and lets people decide on those in quarantine. */
export class Sharing {
  readonly #parts: SharingParts;

  constructor(parts: SharingParts) {
    this.#parts = parts;
  }

  /**
   * Lets other bots see a memory. What is found in it that speaks against it puts it into quarantine. Throws SHARING_REFUSED and
   * SHARING_LIMITED.
   */
  async share(
    memory: BotMemory,
    id: string,
    trust: Trust,
    by: Change['by'],
  ): Promise<{ one: SharedOne; warnings: string[] }> {
    const { ledger, shared } = this.#parts;
    await Promise.all([ledger.ready(), shared.surveyed()]);
    const { memory: wanted } = await memory.get(id);
    await this.#admit(memory.bot, wanted, by);
    const found = await this.#against(memory, wanted);
    const hash = writeHash(wanted, memory.bot, trust);
    const event = { actor: by, bot: memory.bot, memory: id, hash };
    if (ledger.isRejected(memory.bot, id, hash)) found.push('a person rejected it');
    const why = `Share with ${trust === 'public' ? 'all bots' : 'bots that trust it'}: ${firstWords(wanted.text)}`;
    const held = { ...event, action: 'quarantine' as const, why: found.join('; ') };
    await ledger.note({ ...event, action: 'share', why }, ...(found.length > 0 ? [held] : []));
    const one = await this.#write(memory, wanted, trust, { by, why });
    if (found.length > 0)
      this.#parts.log.warn('A memory went into quarantine', { bot: memory.name, memory: id, why: held.why });
    return { one, warnings: await this.#warnings(memory) };
  }

  /** Makes a memory private again. Throws SHARED_MEMORY_MISSING. */
  async revoke(memory: BotMemory, id: string, by: Change['by']): Promise<Kept> {
    return this.#takeBack(memory, id, by, 'revoke');
  }

  /** A person vouches for a memory as it is now, whatever was found in it. Throws SHARED_MEMORY_MISSING. */
  async approve(memory: BotMemory, id: string, by: Change['by'], why: string): Promise<SharedOne> {
    const { memory: wanted } = await memory.get(id);
    if (!wanted.shared || wanted.superseded_by !== undefined) throw notShared(memory, id);
    const { trust } = wanted.shared;
    const hash = writeHash(wanted, memory.bot, trust);
    await this.#parts.ledger.note({ action: 'approve', actor: by, bot: memory.bot, memory: id, hash, why });
    return this.#write(memory, wanted, trust, { by, why: `Approve: ${firstWords(wanted.text)}` });
  }

  /** A person decides that nobody is given a memory: it is private again, and the same goes into quarantine again. Throws SHARED_MEMORY_MISSING. */
  async reject(memory: BotMemory, id: string, by: Change['by'], why: string): Promise<Kept> {
    return this.#takeBack(memory, id, by, 'reject', why);
  }

  async #takeBack(
    memory: BotMemory,
    id: string,
    by: Change['by'],
    action: 'revoke' | 'reject',
    reason?: string,
  ): Promise<Kept> {
    const { ledger, shared } = this.#parts;
    const { memory: before } = await memory.get(id);
    if (!before.shared) throw notShared(memory, id);
    const hash = writeHash(before, memory.bot, before.shared.trust);
    const why = `${action === 'revoke' ? 'Share no more' : 'Reject'}: ${firstWords(before.text)}`;
    await ledger.note({ action, actor: by, bot: memory.bot, memory: id, hash, why: reason ?? why });
    const kept = await memory.change(id, ({ shared: _shared, ...rest }) => rest, { by, why });
    await shared.settled();
    return kept;
  }

  async #admit(bot: string, { id, text, superseded_by, shared: before }: Memory, by: Change['by']): Promise<void> {
    const { limits, ledger, shared } = this.#parts;
    const refuse = async (code: 'SHARING_REFUSED' | 'SHARING_LIMITED', why: string): Promise<never> => {
      await ledger.note({ action: 'refuse', actor: by, bot, memory: id, hash: '', why });
      throw new Fault(code, why);
    };
    if (superseded_by !== undefined) await refuse('SHARING_REFUSED', 'Another memory took the place of this one.');
    if (text.length > limits.longest)
      await refuse(
        'SHARING_REFUSED',
        `It has ${text.length} characters, and what bots share has at most ${limits.longest}.`,
      );
    const count = (await shared.counts()).get(bot) ?? 0;
    if (!before && count >= limits.most)
      await refuse('SHARING_LIMITED', `This bot shares ${count} memories already, and ${limits.most} are the limit.`);
    if (ledger.sharedLately(bot) >= limits.perHour)
      await refuse(
        'SHARING_LIMITED',
        `This bot shared ${limits.perHour} memories within the last hour, which is the limit.`,
      );
  }

  /** What speaks against giving a memory to others. */
  async #against(memory: BotMemory, wanted: Memory): Promise<string[]> {
    const found = await screen(wanted.text);
    const { origin, source } = wanted;
    if (origin === 'untrusted') found.push('it comes from outside the house');
    else if (origin === 'agent' && source.conversation === undefined) found.push('nobody knows where it was learned');
    const other = await this.#opposed(memory, wanted);
    if (other !== undefined) found.push(`it says otherwise than a person did: "${firstWords(other)}"`);
    return found;
  }

  /** What a person told the author, or shared for all to see, and speaks against a memory. */
  async #opposed(memory: BotMemory, wanted: Memory): Promise<string | undefined> {
    if (wanted.origin === 'owner') return undefined;
    const { memories, shared, indexes } = this.#parts;
    const asked = { text: wanted.text.slice(0, 1_000), limit: LIKELY };
    const { found } = await memories.find(memory, { ...asked, accepts: ({ tags }) => tags?.[2] === 'owner' });
    const own = await memory.read(found.map(({ entry }) => entry));
    const others = await shared.search(memory.bot, { ...asked, accepts: ({ tags }) => tags?.[2] === 'owner' });
    const texts = [...own, ...others].filter((each) => each.memory.id !== wanted.id).map((each) => each.memory.text);
    return texts.find((text) => seemOpposed(wanted.text, text, (said) => indexes.analyse(said)));
  }

  async #write(memory: BotMemory, wanted: Memory, trust: Trust, change: Change): Promise<SharedOne> {
    const { shared } = this.#parts;
    const hash = writeHash(wanted, memory.bot, trust);
    const block = {
      trust,
      author_id: memory.bot,
      author_name: memory.name,
      hash,
      shared_at: new Date().toISOString(),
    };
    const edit = (now: Memory): Memory => {
      // What was looked at is what is shared.
      if (writeHash(now, memory.bot, trust) !== hash)
        throw new Fault('SHARING_REFUSED', 'It was changed at the same moment; do it once more.');
      return now.shared?.hash === hash && now.shared.trust === trust ? now : { ...now, shared: block };
    };
    const kept = await memory.change(wanted.id, edit, change);
    await shared.settled();
    const one = await shared.one(memory.bot, kept);
    if (!one) throw notShared(memory, wanted.id);
    return one;
  }

  async #warnings(memory: BotMemory): Promise<string[]> {
    const counts = await this.#parts.shared.counts();
    const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
    const share = (counts.get(memory.bot) ?? 0) / total;
    if (total < ENOUGH || share <= MUCH) return [];
    const warning = `${memory.name} wrote ${Math.round(share * 100)} % of what all bots share.`;
    this.#parts.log.warn(warning, { bot: memory.name });
    return [warning];
  }
}

function notShared(memory: BotMemory, id: string): Fault {
  return new Fault('SHARED_MEMORY_MISSING', `The memory "${id}" of ${memory.name} is not shared with anybody.`);
}

/** The begin of a text for a line of history, without secrets. */
export function firstWords(said: string): string {
  const line = redactor.text(said).replaceAll(/[\p{C}\s]+/gu, ' ');
  return line.length <= 60 ? line : `${line.slice(0, 59)}…`;
}
