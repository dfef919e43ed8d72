import { X509Certificate, createHash } from 'node:crypto';
import dns from 'node:dns';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { certified, NAME } from './reverse-proxy.ts';

/** This process resolves the name of the proxies to itself and trusts their certificate from now on: fetch, WebSockets and all others. */
export function reachName(): void {
  setDefaultCACertificates([...getCACertificates('default'), certified.cert]);
  const real = dns.lookup;
  const lookup = (name: string, ...rest: readonly unknown[]): void =>
    (real as (...all: unknown[]) => void)(name === NAME ? '127.0.0.1' : name, ...rest);
  Object.assign(dns, { lookup });
}

/** A module that lets another Node process resolve the name. */
export const resolver = `import dns from 'node:dns';
const real = dns.lookup;
dns.lookup = (name, ...rest) => real(name === '${NAME}' ? '127.0.0.1' : name, ...rest);
`;

/** Flags with which a Chromium does the same. */
export function flagsToReachName(): string[] {
  const { publicKey } = new X509Certificate(certified.cert);
  const pin = createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64');
  return [`--host-resolver-rules=MAP ${NAME} 127.0.0.1`, `--ignore-certificate-errors-spki-list=${pin}`];
}
