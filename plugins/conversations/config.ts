import { z } from 'boternity';

const perMinute = (standard: number) => z.number().int().min(0).default(standard);

/** What settings.yaml may say below `plugins.conversations`. */
export const config = z
  .strictObject({
    leaseSeconds: z.number().positive().default(1_800).describe('A run without a sign of life is given up after this'),
    messagesPerMinute: perMinute(600).describe('What one person or token may send; 0: as much as they like'),
    stopsPerMinute: perMinute(300).describe('How often they may stop an answer or have it tried again; 0: always'),
  })
  .prefault({});
