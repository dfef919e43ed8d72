import type { Author } from '../base/author.ts';
import type { Grant } from './grants.ts';

/** Who asks. Every action runs for somebody; what they may do comes only from the server's own record of them. */
export interface Caller extends Author {
  readonly grants: readonly Grant[];
}

/** What a door knows of a request before anybody is identified. */
export interface Credentials {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Address of the other end of the connection. */
  readonly remoteAddress: string;
  readonly method: string;
  readonly path: string;
}

/** Tells who a request comes from. The service `callers`; exactly one plugin provides it. */
export interface Callers {
  /** Undefined: nobody known, answered with 401. A fault: refused for the reason it gives. */
  identify(credentials: Credentials): Promise<Caller | undefined>;
  /** Whether the server may listen on an address with this kind of sign-in. Throws ADDRESS_REFUSED when not. */
  checkAddress(host: string): void;
}

declare module '../kernel/names.ts' {
  interface Services {
    callers: Callers;
  }
}
