import { definePlugin, z } from 'boternity';
import type {} from '../fleet/origins.ts';
import * as describe from './describe.ts';
import { createHandler } from './handler.ts';

const config = z.strictObject({
  maxPackMegabytes: z.number().positive().default(100).describe('Largest push, as it travels'),
  maxFiles: z.number().int().positive().default(10_000).describe('Most files that a bot may have'),
  maxFileMegabytes: z.number().positive().default(20).describe('Largest file that a push may bring'),
});

/** Bots as git remotes: clone, fetch and push to deploy, over smart HTTP at `/git/<bot>.git` and `/git/<bot>/memory.git`. */
export default definePlugin({
  name: 'git-push',
  needs: ['home', 'bots', 'web', 'origins'],
  config,
  setup(context, { maxPackMegabytes, maxFiles, maxFileMegabytes }) {
    const { home, bots, web, origins } = context;
    const limits = {
      packBytes: maxPackMegabytes * 1_000_000,
      files: maxFiles,
      fileBytes: maxFileMegabytes * 1_000_000,
    };
    const handle = createHandler({ bots, limits, origins, log: home.log });
    // The credential comes with the request, as git sends it: the handler asks for it and answers in git's way.
    web.route({ method: 'GET', path: '/git/{rest+}', permission: 'anyone', describe: describe.advertise, handle });
    web.route({ method: 'POST', path: '/git/{rest+}', permission: 'anyone', describe: describe.exchange, handle });
  },
});
