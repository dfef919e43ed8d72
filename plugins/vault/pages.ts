import { definePlugin } from 'boternity';

/** The page of the secrets. It stands apart because keys are there before the server that serves pages. */
export const vaultPages = definePlugin({
  name: 'vault-pages',
  needs: ['vault', 'web'],
  setup({ web }) {
    web.panel({
      path: 'system/settings/secrets',
      title: 'Secrets',
      icon: 'shield',
      element: 'bn-secrets-panel',
      module: new URL('ui/secrets-panel.ts', import.meta.url),
      order: 20,
      permission: 'secrets:admin',
    });
  },
});
