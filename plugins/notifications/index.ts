import { definePlugin, nameOf } from 'boternity';
import type {} from '../conversations/index.ts';
import type {} from '../vault/index.ts';
import { notificationActions } from './actions.ts';
import { config } from './config.ts';
import { follow } from './follow.ts';
import { Notifier } from './notifier.ts';
import { Subscriptions } from './subscriptions.ts';
import { openIdentity, type Identity } from './vapid.ts';

/** Tells the devices of people, by web push, that a bot has answered or asks while nobody looks at the conversation. */
export default definePlugin({
  name: 'notifications',
  needs: ['home', 'house', 'bots', 'actions', 'web', 'vault', 'conversations'],
  config,
  setup(context, { contact, services }) {
    const { home, house, bots, actions, web, vault } = context;
    const subscriptions = new Subscriptions(home);
    const allowed = services.map((service) => new URL(service).origin);
    let opening: Promise<Identity> | undefined;
    const identity = (): Promise<Identity> => {
      opening ??= openIdentity(vault);
      // What stands in the way now, a locked vault, may be gone next time.
      opening.catch(() => (opening = undefined));
      return opening;
    };
    const options = async () => ({ allowed, contact, identity: await identity(), signal: context.signal });
    const notifier = new Notifier(subscriptions, options, home.log);
    actions.add(...notificationActions({ subscriptions, notifier, identity, services: allowed }));
    if (house.isServer)
      follow(context, {
        isWanted: async (conversation) =>
          (await subscriptions.all()).length > 0 && !(await context.conversations.isRead(conversation)),
        nameOf: async (slug) => nameOf(await bots.get(slug)),
        tell: (news) => notifier.tell(news),
      });
    web.panel({
      path: 'settings/notifications',
      title: 'Notifications',
      icon: 'info',
      element: 'bn-notifications-panel',
      module: new URL('ui/notifications-panel.ts', import.meta.url),
      order: 25,
    });
  },
});
