import { isIP, type BlockList } from 'node:net';
import { blockListOf, isListed, z } from 'boternity';

const ms = z.number().int().positive().max(600_000);
const address = z.url({ protocol: /^https?$/, error: 'write an http or https address' });

/** The settings of the plugin, under `plugins.web-tools`. */
export const webConfig = z.strictObject({
  ports: z.array(z.number().int().min(1).max(65_535)).default([80, 443]).describe('Ports that may be reached'),
  allow: z
    .array(z.string().refine(isAllowance, 'write a host, *.domain, an address or a range such as 10.1.0.0/16'))
    .default([])
    .describe('Hosts, addresses and ranges of your own network that bots may reach; they are refused otherwise'),
  nameServers: z
    .array(z.string().regex(/^[\da-f.:[\]]+$/i, 'write an address, or address:port'))
    .default([])
    .describe('Servers that are asked for names; those of the system by default'),
  connectTimeoutMs: ms.default(10_000).describe('Longest wait for name, connection and TLS, for each redirect'),
  timeoutMs: ms.default(30_000).describe('Longest time of a whole retrieval'),
  maxBytes: z.number().int().positive().max(20_000_000).default(2_000_000).describe('Largest body, unpacked'),
  perMinute: z.number().int().positive().default(60).describe('Requests of one caller in a minute'),
  search: z
    .strictObject({
      backend: z.string().optional().describe('Which one searches; the first that is set up by default'),
      searxng: z.strictObject({ address }).optional().describe('A SearXNG of your own, with JSON turned on'),
      brave: z.strictObject({ address }).default({ address: 'https://api.search.brave.com' }),
      tavily: z.strictObject({ address }).default({ address: 'https://api.tavily.com' }),
      timeoutMs: ms.default(15_000),
    })
    .prefault({}),
});

export type WebConfig = z.output<typeof webConfig>;

/** What the owner allows beside the public web. */
export interface Allowances {
  readonly ports: ReadonlySet<number>;
  hasHost(host: string): boolean;
  hasAddress(address: string): boolean;
}

export function allowancesOf({ ports, allow }: Pick<WebConfig, 'ports' | 'allow'>): Allowances {
  const ranges: BlockList = blockListOf(allow.filter(isRange));
  const hosts = allow.filter((entry) => !isRange(entry)).map((entry) => entry.toLowerCase());
  return {
    ports: new Set(ports),
    hasHost: (host) => hosts.some((entry) => (entry.startsWith('*.') ? host.endsWith(entry.slice(1)) : host === entry)),
    hasAddress: (given) => isListed(ranges, given),
  };
}

function isRange(entry: string): boolean {
  const [net = '', bits, ...rest] = entry.split('/');
  const family = isIP(net);
  if (family === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 6 ? 128 : 32));
}

function isAllowance(entry: string): boolean {
  return isRange(entry) || /^(\*\.)?[a-z0-9_]([a-z0-9_.-]*[a-z0-9])?$/i.test(entry);
}
