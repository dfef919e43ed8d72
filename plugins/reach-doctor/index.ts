import { definePlugin } from 'boternity';
import { all } from './checks.ts';
import { createProbe } from './probe.ts';

/** Has the server ask itself through its public address, and tells what stands in the way there. */
export default definePlugin({
  name: 'reach-doctor',
  needs: ['house', 'doctor', 'web', 'reach'],
  setup({ house, doctor, web, reach }) {
    const { route, ask } = createProbe(reach);
    web.route(route);
    let asking: ReturnType<typeof ask> | undefined;
    /** All checks look at one answer. A server that others cannot find has no public address. */
    const told = async (signal: AbortSignal): ReturnType<typeof ask> => {
      if (!house.isServer) return undefined;
      asking ??= ask(signal).finally(() => (asking = undefined));
      return asking;
    };
    for (const [id, look] of Object.entries(all)) {
      doctor.check(id, async (signal) => {
        const answer = await told(signal);
        return answer ? look(answer, { reach, house }) : [];
      });
    }
  },
});
