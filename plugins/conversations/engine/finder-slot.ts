import { Fault } from 'boternity';
import type { Search } from '../../search/index.ts';
import { Finder } from './finder.ts';
import type { ConversationStore } from './store.ts';

/** Where the finder is while the plugin `search` runs. */
export class FinderSlot {
  readonly #store: ConversationStore;
  #finder: Finder | undefined;

  constructor(store: ConversationStore) {
    this.#store = store;
  }

  /** Throws SEARCH_OFF. */
  get finder(): Finder {
    if (this.#finder) return this.#finder;
    throw new Fault('SEARCH_OFF', 'Conversations cannot be searched: the plugin "search" does not run.');
  }

  /** Finds by this service until what it gives is called. */
  findWith(search: Search): () => void {
    this.#finder = new Finder(search, this.#store);
    return () => (this.#finder = undefined);
  }
}
