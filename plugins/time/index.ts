import { defineAction, definePlugin, Fault, z } from 'boternity';

declare module 'boternity' {
  interface ActionTypes {
    'time.now': typeof now;
  }
}

const now = defineAction({
  name: 'time.now',
  summary: 'Tells the current date and time.',
  permission: 'time:read',
  http: 'GET /time',
  cli: 'time',
  examples: ['bnity time', 'bnity time --zone Europe/Berlin'],
  doors: ['http', 'cli', 'bot'],
  input: z.strictObject({ zone: z.string().optional().describe('IANA time zone; that of the server when absent') }),
  output: z.object({ iso: z.string(), zone: z.string(), local: z.string().describe('For people, in the zone') }),
  async run({ zone }) {
    const date = new Date();
    const format = formatFor(zone);
    return { iso: date.toISOString(), zone: format.resolvedOptions().timeZone, local: format.format(date) };
  },
});

function formatFor(zone: string | undefined): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-GB', {
      dateStyle: 'full',
      timeStyle: 'long',
      ...(zone !== undefined && { timeZone: zone }),
    });
  } catch {
    throw new Fault('INPUT_INVALID', `"${zone}" is no time zone.`, {
      hint: 'Use an IANA name such as Europe/Berlin or UTC.',
      details: [{ path: 'zone', message: 'unknown time zone' }],
    });
  }
}

/** Lets bots and people ask for the time. */
export default definePlugin({
  name: 'time',
  needs: ['actions'],
  setup({ actions }) {
    actions.add(now);
  },
});
