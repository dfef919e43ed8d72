import { DENIED, INVALID, MISSING, row, type FaultRow } from './fault-row.ts';

/** Codes of what bots remember. */
export const faultsOfMemory = {
  MEMORY_MISSING: row(404, 3, MISSING, 'There is no such memory', 'List them with: bnity memory list <bot>'),
  SHARED_MEMORY_MISSING: row(
    404,
    3,
    MISSING,
    'This memory is not shared',
    'List what is shared with: bnity shared-memory list',
  ),
  SHARING_REFUSED: row(422, 5, INVALID, 'This memory cannot be shared', 'Share one short fact that still counts.'),
  SHARING_LIMITED: row(
    429,
    4,
    DENIED,
    'A bot shares too much',
    'Take something back with: bnity memory revoke. The limits are settings under plugins.shared-memory.',
  ),
  EXPORT_REFUSED: row(
    403,
    4,
    DENIED,
    'What this bot remembers may not be exported',
    'Say that it is wanted with --opt-in, or set memory.export to on in bot.yaml.',
  ),
} as const satisfies Readonly<Record<string, FaultRow>>;
