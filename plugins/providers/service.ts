import type { ListedModel, ProviderKind } from 'boternity';
import type { Implied, Provider } from './roster.ts';

/** The service `providers`, one view per consumer. */
export interface Providers {
  /** Teaches the house to speak with a kind of provider, until the consumer stops. */
  addKind(kind: ProviderKind): void;
  /** Every provider, those that nobody wrote down too. */
  all(): readonly Provider[];
  /** Servers that answer on this machine: offered while no provider of a like address is written down. */
  found(implied: readonly Implied[]): Promise<void>;
  /** Offers the models of all providers anew: files that they are made of have come or gone. */
  offer(): Promise<void>;
  /** What the service of a provider says of its models: better than the catalogue, worse than what is written. */
  heard(name: string, listed: readonly ListedModel[]): Promise<void>;
}
