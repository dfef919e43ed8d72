import type { Author } from '../base/author.ts';
import type { Grant } from './grants.ts';

/** Who asks. Every action runs for somebody; what they may do comes only from the server's own record of them. */
export interface Caller extends Author {
  readonly grants: readonly Grant[];
  /** Aborted when the credential they came with is no longer good; what streams to them ends then. Absent: it holds while the server runs. */
  readonly revoked?: AbortSignal;
}

/** What a door knows of a request before anybody is identified. */
export interface Credentials {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Address of the other end of the connection. */
  readonly remoteAddress: string;
  /** Address at which the connection arrived here. */
  readonly localAddress?: string;
  /** Whether the connection itself is TLS. */
  readonly isEncrypted?: boolean;
  readonly method: string;
  readonly path: string;
}

/** Tells who a request comes from. The service `callers`; exactly one plugin provides it. */
export interface Callers {
  /**
   * Throws for a request that no page or program of this server sends: one that names a foreign host, and, unless it only asks
   * for a page, one that the page of another site made. Asked for every request before anything else.
   */
  check(request: Credentials, wants: 'page' | 'route'): void;
  /** Undefined: nobody known, answered with 401, also when a credential is there and wrong. A fault: refused for the reason it gives. */
  identify(credentials: Credentials): Promise<Caller | undefined>;
  /** Whether the server may listen on an address with this kind of sign-in. Throws ADDRESS_REFUSED when not. */
  checkAddress(host: string): void;
  /** The owner of this home, in whose name edits on disk are kept; called "Owner" before there is an account. */
  owner(): Author;
}

declare module '../kernel/names.ts' {
  interface Services {
    callers: Callers;
  }
}
