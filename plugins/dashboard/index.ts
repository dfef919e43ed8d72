import { definePlugin } from 'boternity';
import { checkModels, showDashboard } from './actions.ts';
import { ModelLists } from './model-lists.ts';
import { Spend } from './spend.ts';

/** The first page: what waits for a person, what happened last, how providers do, what was spent. It reads from whichever plugins run. */
export default definePlugin({
  name: 'dashboard',
  needs: ['actions', 'web'],
  setup({ actions, web }) {
    actions.add(showDashboard(actions, new Spend()), checkModels(actions, new ModelLists()));
    web.panel({
      path: 'dashboard',
      title: 'Dashboard',
      icon: 'home',
      element: 'bn-dashboard-panel',
      module: new URL('ui/dashboard-panel.ts', import.meta.url),
      order: 0,
      permission: 'server:read',
    });
  },
});
