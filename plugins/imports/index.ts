import { definePlugin } from 'boternity';
import type {} from '../fleet/origins.ts';
import * as imports from './actions.ts';
import { cybros } from './cybros/format.ts';
import { openClaw } from './openclaw/format.ts';
import { Plans } from './plans.ts';
import { Staging } from './staging.ts';
import { uploadRoute } from './upload-route.ts';

export type * from './format.ts';

/** Takes in bots that come from elsewhere: an upload, a plan of what would be made of it, and the word to make it. */
export default definePlugin({
  name: 'imports',
  needs: ['home', 'bots', 'actions', 'web', 'origins'],
  provides: ['imports'],
  async setup(context) {
    const { home, bots, actions, web, origins } = context;
    const staging = await Staging.open(home.path);
    const plans = new Plans(staging, context);
    const parts = { home, bots, origins, actions };
    context.provide('imports', (consumer) => ({ add: (format) => plans.formats.add(consumer, format.name, format) }));
    const kinds = (): typeof bots.kinds => bots.kinds;
    for (const format of [cybros(kinds), openClaw(kinds)]) plans.formats.add(context, format.name, format);
    web.route(uploadRoute(staging));
    actions.add(
      imports.planImport(plans, parts),
      imports.listImports(plans),
      imports.showImport(plans, parts),
      imports.applyImport(plans, parts),
      imports.discardImport(plans),
    );
  },
});
