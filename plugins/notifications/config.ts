import { z } from 'boternity';

/** The settings of the plugin, under `plugins.notifications`. */
export const config = z
  .strictObject({
    contact: z
      .string()
      .regex(/^(mailto:.+@.+|https:\/\/.+)$/)
      .optional()
      .describe('Where push services reach who runs this server: mailto:… or https://…; that of Apple wants one'),
    services: z
      .array(z.url({ protocol: /^https?$/ }))
      .default([])
      .describe('Addresses of push services in your own network; others than on the public web are refused otherwise'),
  })
  .prefault({});
