/** A third party's actions: one whose input refers to itself and to a schema with a name, one that takes the rest of an address. */
export const treePlugin = `import { defineAction, definePlugin, z } from 'boternity';

const colour = z.enum(['red', 'green']).meta({ id: 'colour' });
const node = z.strictObject({ name: z.string(), colour: colour.optional(), get children() { return z.array(node).optional(); } });

const grow = defineAction({
  name: 'trees.grow',
  summary: 'Grows a tree, which may hold trees.',
  permission: 'trees:write',
  http: 'POST /trees',
  cli: 'tree grow',
  examples: ['bnity tree grow --tree \\'{"name":"oak","children":[{"name":"twig"}]}\\''],
  input: z.strictObject({ tree: node }),
  output: z.object({ tree: node }),
  run: async ({ tree }) => ({ tree }),
});

const climb = defineAction({
  name: 'trees.climb',
  summary: 'Climbs a tree, twig by twig.',
  permission: 'trees:read',
  http: 'GET /trees/{path+}',
  cli: 'tree climb <path>',
  examples: ['bnity tree climb oak/branch/twig'],
  input: z.strictObject({ path: z.string() }),
  output: z.object({ twigs: z.array(z.string()) }),
  run: async ({ path }) => ({ twigs: path.split('/') }),
});

export default definePlugin({ name: 'tree', needs: ['actions'], setup: ({ actions }) => actions.add(grow, climb) });
`;
