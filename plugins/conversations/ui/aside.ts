import {
  html,
  inspect,
  msg,
  offerCommands,
  toast,
  type BnElement,
  type Client,
  type Command,
  type LiveConversation,
} from 'boternity/ui';
import type { ConversationPage } from '../views.ts';
import type { Deed } from './deeds.ts';
import type { InspectAnswerEvent, SlashEvent } from './events.ts';
import type { Choice } from './slash-deeds.ts';

/** The conversation beside which things stand. */
export interface AsideHost extends BnElement {
  readonly page: ConversationPage | undefined;
}

/** What only the host itself can do. */
export interface AsideDeeds {
  readonly client: () => Client | undefined;
  readonly live: () => LiveConversation<ConversationPage> | undefined;
  readonly do: (deed: Deed) => void;
  readonly stop: () => void;
  /** Asks before all is deleted. */
  readonly remove: () => void;
}

/** What stands beside a conversation, how an answer came about or the map of its branches, and the commands that are written or picked. */
export class Aside {
  readonly #host: AsideHost;
  readonly #deeds: AsideDeeds;
  #chosen = '';
  #isMap = false;
  #choices: { readonly heading: string; readonly choices: readonly Choice[] } = { heading: '', choices: [] };

  constructor(host: AsideHost, deeds: AsideDeeds) {
    this.#host = host;
    this.#deeds = deeds;
    host.addEventListener('bn-inspect-answer', (event) => this.inspect((event as InspectAnswerEvent).node));
    host.addEventListener('bn-map', () => this.map());
    offerCommands(host, () => this.#commands());
  }

  /** Shows how an answer came about, the last one where none is named. */
  inspect(node = ''): void {
    this.#chosen = node;
    this.#isMap = false;
    void import('./run-inspector.ts');
    this.#show(msg('How it came about'));
  }

  map(): void {
    this.#isMap = true;
    void import('./branch-map.ts');
    this.#show(msg('Branches'));
  }

  /** Carries out what was written in place of a message. */
  async slash({ name, rest }: SlashEvent): Promise<void> {
    const { page } = this.#host;
    const client = this.#deeds.client();
    if (!page || !client) return;
    const { carryOutSlash } = await import('./slash-deeds.ts');
    const place = {
      ...this.#deeds,
      client,
      page,
      inspect: () => this.inspect(),
      map: () => this.map(),
      say: (text: string, tone?: 'danger') => toast(this.#host, text, { tone }),
      choose: (heading: string, choices: readonly Choice[]) => this.#choose(heading, choices),
    };
    await carryOutSlash(place, name, rest);
  }

  /** What the host draws for it. */
  render(): unknown {
    const { heading, choices } = this.#choices;
    if (choices.length === 0) return '';
    return html`<bn-choices
      heading=${heading}
      .choices=${choices}
      @bn-close=${() => this.#choose('', [])}
    ></bn-choices>`;
  }

  #choose(heading: string, choices: readonly Choice[]): void {
    void import('./choices.ts');
    this.#choices = { heading, choices };
    this.#host.requestUpdate();
  }

  #show(heading: string): void {
    inspect(this.#host, { heading, content: () => this.#content() });
  }

  #content(): unknown {
    const { page } = this.#host;
    if (this.#isMap)
      return html`<bn-branch-map
        .page=${page}
        @bn-deed=${(event: Event & { readonly deed: Deed }) => {
          event.stopPropagation();
          this.#deeds.do(event.deed);
        }}
      ></bn-branch-map>`;
    return html`<bn-run-inspector
      .page=${page}
      .live=${this.#deeds.live()}
      .chosen=${this.#chosen}
    ></bn-run-inspector>`;
  }

  #commands(): Command[] {
    if (!this.#host.page) return [];
    const group = msg('This conversation');
    return [
      { title: msg('How the last answer came about'), icon: 'info', group, run: () => this.inspect() },
      { title: msg('Map of the branches'), icon: 'branch', group, run: () => this.map() },
    ];
  }
}
