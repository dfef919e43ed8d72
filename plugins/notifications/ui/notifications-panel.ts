import {
  addWords,
  BnPage,
  formatFullTime,
  html,
  languageNow,
  msg,
  nothing,
  str,
  toast,
  type Answer,
  type Client,
} from 'boternity/ui';
import { ability, deviceName, turnOff, turnOn } from './push-here.ts';

type Device = Answer<'notifications.list'>['devices'][number];

/** Where this browser keeps which of the devices it is. */
const HERE = 'bn-notified-as';

/** Which devices of a person are told when a bot has answered or asks, and the switch for this one. */
export class BnNotificationsPanel extends BnPage<readonly Device[]> {
  protected heading(): string {
    return msg('Notifications');
  }

  protected async read(client: Client): Promise<readonly Device[]> {
    return (await client.call('notifications.list', {})).devices;
  }

  protected content(devices: readonly Device[]): unknown {
    return html`<section aria-labelledby="here">
        <h2 id="here">${msg('On this device')}</h2>
        <p class="soft">
          ${msg('You are told when a bot has answered or asks for approval while no page shows its conversation.')}
        </p>
        ${this.#here(devices)}
      </section>
      <section aria-labelledby="devices">
        <h2 id="devices">${msg('Your devices')}</h2>
        ${
          devices.length === 0
            ? html`<p class="empty">${msg('None is told yet.')}</p>`
            : html`<ul class="lines rows" aria-label=${msg('Your devices')}>
                ${devices.map((device) => this.#line(device))}
              </ul>`
        }
      </section>`;
  }

  #here(devices: readonly Device[]): unknown {
    const how = ability();
    if (how === 'never')
      return html`<bn-notice
        >${msg('This browser cannot be told. On a phone, add the application to the home screen first; the address has to be https.')}</bn-notice
      >`;
    if (how === 'blocked')
      return html`<bn-notice tone="warning"
        >${msg('This browser was told to show none. Allow notifications for this page in its settings, then load the page again.')}</bn-notice
      >`;
    const isOn = devices.some(({ id }) => id === localStorage.getItem(HERE));
    return isOn
      ? html`<button ?disabled=${this.isBusy} @click=${() => void this.#off()}>${msg('Turn off here')}</button>`
      : html`<button class="primary" ?disabled=${this.isBusy} @click=${() => void this.#on()}>
          ${msg('Turn on here')}
        </button>`;
  }

  #line({ id, device, service, words, createdAt }: Device): unknown {
    const isHere = id === localStorage.getItem(HERE);
    return html`<li>
      <div>
        <strong>${device}</strong> ${isHere ? html`<span class="soft">${msg('this one')}</span>` : nothing}<br />
        <span class="soft small">${service} · <time datetime=${createdAt}>${formatFullTime(createdAt)}</time></span>
        <label class="check">
          <input
            type="checkbox"
            .checked=${words}
            @change=${(event: Event) => void this.#setWords(id, (event.target as HTMLInputElement).checked)}
          />${msg(str`Send what bots say along to ${device}; encrypted, but shown on a locked screen`)}
        </label>
      </div>
      <div class="row">
        <button aria-label=${msg(str`Send a test to ${device}`)} @click=${() => void this.#test(id)}>
          ${msg('Send a test')}
        </button>
        <button aria-label=${msg(str`Remove ${device}`)} @click=${() => void this.#remove(id)}>${msg('Remove')}</button>
      </div>
    </li>`;
  }

  async #on(): Promise<void> {
    await this.act(async (client) => {
      const id = await turnOn(client, deviceName(), languageNow());
      if (id === undefined) return toast(this, msg('Notifications stay off: the browser was told so.'));
      localStorage.setItem(HERE, id);
      toast(this, msg('This device is told from now on.'));
    });
  }

  async #off(): Promise<void> {
    const device = localStorage.getItem(HERE) ?? '';
    await turnOff();
    localStorage.removeItem(HERE);
    await this.act(
      (client) => client.call('notifications.remove', { device }),
      msg('This device is told nothing more.'),
    );
  }

  #setWords(device: string, words: boolean): Promise<boolean> {
    return this.act((client) => client.call('notifications.configure', { device, words }));
  }

  #test(device: string): Promise<boolean> {
    return this.act((client) => client.call('notifications.test', { device }), msg('It is on its way.'));
  }

  #remove(device: string): Promise<boolean> {
    return this.act((client) => client.call('notifications.remove', { device }), msg('It is told nothing more.'));
  }
}

addWords({ de: () => import('./words-de.ts') });
customElements.define('bn-notifications-panel', BnNotificationsPanel);
