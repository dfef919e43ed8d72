import { definePlugin } from 'boternity';

/** The page of the providers. It stands apart because models are there before the server that serves pages. */
export const providerPages = definePlugin({
  name: 'provider-pages',
  needs: ['providers', 'web'],
  setup({ web }) {
    web.panel({
      path: 'system/settings/providers',
      title: 'Providers',
      icon: 'plug',
      element: 'bn-providers-panel',
      module: new URL('ui/providers-panel.ts', import.meta.url),
      order: 10,
      permission: 'providers:admin',
    });
  },
});
