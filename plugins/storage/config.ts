import { z } from 'boternity';

const MB = 1024 * 1024;

/** `plugins: storage:` in settings.yaml. */
export const storageConfig = z
  .strictObject({
    /** Largest file, in megabytes. */
    fileMegabytes: z.number().positive().max(2_000).default(50),
    /** All files of a bot with their older versions and what is being uploaded, in megabytes. */
    quotaMegabytes: z.number().positive().default(1_000),
    /** Files of a bot. */
    files: z.number().int().positive().max(100_000).default(10_000),
    /** Versions of a file or a key that are kept, the one of now among them. */
    versions: z.number().int().positive().max(1_000).default(20),
    /** How long an upload that was broken off can be resumed, in hours. */
    uploadHours: z.number().positive().max(720).default(24),
    /** What one document may need until it is read: seconds, and megabytes of memory. */
    readSeconds: z.number().positive().max(600).default(30),
    readMegabytes: z.number().int().min(128).max(8_192).default(512),
    /** Keys of a bot, and the largest value, in kilobytes of JSON. */
    keys: z.number().int().positive().max(1_000_000).default(10_000),
    valueKilobytes: z.number().positive().max(4_096).default(256),
  })
  .prefault({});

export type StorageConfig = z.output<typeof storageConfig>;

export const bytesOf = (megabytes: number): number => Math.floor(megabytes * MB);
