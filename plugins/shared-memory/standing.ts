import type { Memory } from '../memory/index.ts';
import type { Ledger } from './ledger.ts';
import type { Screener } from './screening/screen.ts';
import { writeHash } from './write-hash.ts';

/** After so many hours what nobody vouches for weighs half: less than a tenth after two days. */
const HALF_LIFE_HOURS = 14;
const HOUR_MS = 3_600_000;

/** What becomes of a memory that its file calls shared. */
export interface Standing {
  readonly state: 'shared' | 'quarantined';
  /** Why it is in quarantine. */
  readonly reasons: readonly string[];
  /** Whether a person shared or approved it. */
  readonly isVerified: boolean;
  /** What it weighs among others, 0 to 1. */
  readonly weight: number;
}

/** Whether others may be given a shared memory of a bot as its file is now: it is looked at anew whenever it is read. */
export async function standingOf(
  memory: Memory,
  bot: string,
  { ledger, screener }: { readonly ledger: Ledger; readonly screener: Screener },
  now = Date.now(),
): Promise<Standing> {
  await ledger.ready();
  const { shared } = memory;
  const known = ledger.of(bot, memory.id);
  if (!shared || shared.author_id !== bot) return quarantined('its file names another bot as its author');
  const hash = writeHash(memory, bot, shared.trust);
  if (!known) return quarantined('its file says that it is shared, and nobody shared it here');
  if (hash !== shared.hash || hash !== known.hash) return quarantined('it was changed after it was shared');
  if (known.held !== '') return quarantined(known.held);
  // Someone who approved it knows what stands in it.
  const found = known.isApproved ? [] : await screener.of(hash, memory.text);
  if (found.length > 0) return quarantined(...found);
  const hours = Math.max(0, now - known.at) / HOUR_MS;
  const weight = known.isVerified ? 1 : 0.5 ** (hours / HALF_LIFE_HOURS);
  return { state: 'shared', reasons: [], isVerified: known.isVerified, weight };
}

function quarantined(...reasons: string[]): Standing {
  return { state: 'quarantined', reasons, isVerified: false, weight: 0 };
}
