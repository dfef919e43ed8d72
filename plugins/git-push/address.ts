import { Fault } from 'boternity';

/** What a request of git is about. */
export interface Address {
  /** Slug or id of a bot. */
  readonly bot: string;
  readonly branch: 'main' | 'memory';
  readonly step: 'advertise-fetch' | 'advertise-push' | 'fetch' | 'push';
}

const services: Readonly<Record<string, Address['step']>> = {
  'GET info/refs git-upload-pack': 'advertise-fetch',
  'GET info/refs git-receive-pack': 'advertise-push',
  'POST git-upload-pack ': 'fetch',
  'POST git-receive-pack ': 'push',
};

/** Reads `<bot>.git/…` and `<bot>/memory.git/…`. Throws ROUTE_MISSING for what git's smart protocol does not have. */
export function addressOf(rest: string, url: URL, method: string): Address {
  const [, bot, ending, path] = /^([^/]+?)(\.git|\/memory\.git)\/(.+)$/.exec(rest) ?? [];
  if (bot === undefined || path === undefined) {
    throw new Fault('ROUTE_MISSING', `There is no repository at /git/${rest}.`, {
      hint: 'A bot is at /git/<bot>.git, its memory at /git/<bot>/memory.git.',
    });
  }
  const service = path === 'info/refs' ? (url.searchParams.get('service') ?? '') : '';
  const step = services[`${method} ${path} ${service}`];
  if (!step) {
    throw new Fault('ROUTE_MISSING', 'Only the smart protocol of git is spoken here.', {
      hint: 'Use git itself, 1.6.6 or newer, without GIT_SMART_HTTP=0.',
    });
  }
  return { bot, branch: ending === '.git' ? 'main' : 'memory', step };
}
