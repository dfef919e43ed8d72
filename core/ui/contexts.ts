import { createContext } from '@lit/context';
import type { Client } from './client.ts';
import type { Fleet } from './live/fleet.ts';
import type { Me } from './shell/me.ts';
import type { Route } from './router.ts';

/** The server. */
export const clientContext = createContext<Client>(Symbol.for('boternity.client'));

/** The bots and the last conversations. Send a FleetChangedEvent after a change and it is read again. */
export const fleetContext = createContext<Fleet>(Symbol.for('boternity.fleet'));

/** Who is signed in; undefined until it is known, and where nobody tells. */
export const meContext = createContext<Me | undefined>(Symbol.for('boternity.me'));

/** Where the page is. */
export const routeContext = createContext<Route>(Symbol.for('boternity.route'));
