import { definePlugin, z } from 'boternity';
import type {} from '../models/index.ts';
import { createDemoModel } from './model.ts';

/** Offers the model `demo`, which needs no key and no network and says plainly that it is a demo. */
export default definePlugin({
  name: 'demo',
  needs: ['models'],
  config: z.strictObject({
    delayMs: z.number().min(0).max(1000).default(12).describe('Pause between two pieces of an answer, in milliseconds'),
  }),
  setup({ models }, { delayMs }) {
    models.add(createDemoModel({ delayMs }));
  },
});
