import { FAILED, INVALID, MISSING, row } from './fault-row.ts';

/** Faults of the files and key-values of bots. */
export const faultsOfStorage = {
  STORAGE_NAME_REFUSED: row(
    422,
    5,
    INVALID,
    'The file cannot have this name',
    'Give it a plain name such as report.pdf: no slashes, no control characters, not longer than 120 characters.',
  ),
  STORAGE_TYPE_WRONG: row(
    415,
    5,
    INVALID,
    'The file does not hold what its name says',
    'Give the file the ending of what it really is.',
  ),
  STORAGE_TOO_LARGE: row(413, 5, INVALID, 'The file is too large', 'Send a file below the limit named in the message.'),
  STORAGE_FULL: row(
    413,
    1,
    FAILED,
    'The bot’s storage is full',
    'Delete files for good (bnity storage purge), or raise the limits of the plugin storage in settings.yaml.',
  ),
  TEXT_MISSING: row(409, 1, FAILED, 'There is no text of this file', 'Download the file instead.'),
  VERSION_MISSING: row(404, 3, MISSING, 'There is no such version', 'List the versions first.'),
  KEY_MISSING: row(404, 3, MISSING, 'There is no such key', 'List the keys with: bnity kv list <bot>'),
} as const;
