import { definePlugin } from 'boternity';
import { signInRoutes } from './routes.ts';
import type {} from './service.ts';

/**
 * The other half of sign-in: its routes and its pages. It stands apart because the server that serves them needs to know first
 * who asks.
 */
export const signInPages = definePlugin({
  name: 'sign-in-pages',
  needs: ['signIn', 'web'],
  setup({ signIn, web }) {
    for (const route of signInRoutes(signIn)) web.route(route);
    web.gate({ element: 'bn-sign-in-panel', module: new URL('ui/sign-in-panel.ts', import.meta.url) });
    web.panel({
      path: 'settings/profile',
      title: 'Profile',
      icon: 'user',
      element: 'bn-profile-panel',
      module: new URL('ui/profile-panel.ts', import.meta.url),
      order: 10,
    });
    web.panel({
      path: 'settings/sessions',
      title: 'Sessions',
      icon: 'system',
      element: 'bn-sessions-panel',
      module: new URL('ui/sessions-panel.ts', import.meta.url),
      order: 30,
    });
    web.panel({
      path: 'settings/tokens',
      title: 'API tokens',
      icon: 'key',
      element: 'bn-tokens-panel',
      module: new URL('ui/tokens-panel.ts', import.meta.url),
      order: 40,
    });
  },
});
