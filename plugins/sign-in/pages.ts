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
      path: 'access',
      title: 'Access',
      icon: 'key',
      element: 'bn-access-panel',
      module: new URL('ui/access-panel.ts', import.meta.url),
      order: 90,
    });
  },
});
