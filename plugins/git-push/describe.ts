import { z, type RouteDescription } from 'boternity';

const refusal = { description: 'One sentence, which git shows as `remote: …`', type: 'text/plain' };
const rest = 'Repository and step, as git asks for them: <bot>.git or <bot>/memory.git';

/** The first step of clone, fetch and push. */
export const advertise: RouteDescription = {
  name: 'git.advertise',
  summary: 'Tells git the branches of a bot, or of its memory. A token is the password.',
  params: { rest: { description: rest, example: 'assistant.git/info/refs' } },
  query: z.object({
    service: z.enum(['git-upload-pack', 'git-receive-pack']).meta({ examples: ['git-upload-pack'] }),
  }),
  answers: {
    200: {
      description: 'The branches, in pkt-lines',
      type: ['application/x-git-upload-pack-advertisement', 'application/x-git-receive-pack-advertisement'],
    },
  },
  refusal,
};

/** The second step: what is fetched, or pushed. */
export const exchange: RouteDescription = {
  name: 'git.exchange',
  summary: 'Gives git what it fetches, or takes what it pushes; what is wrong in it comes back as lines.',
  params: { rest: { description: rest, example: 'assistant.git/git-upload-pack' } },
  body: { type: 'application/x-git-upload-pack-request' },
  answers: {
    200: {
      description: 'A pack, or the report of a push',
      type: ['application/x-git-upload-pack-result', 'application/x-git-receive-pack-result'],
    },
  },
  refusal,
};
