import { css } from 'boternity/ui';

export const conversationStyles = css`
  :host {
    display: flex;
    flex-direction: column;
    height: 100%;
  }
  .below {
    width: 100%;
    max-width: var(--bn-measure);
    margin: 0 auto;
    padding: 0 var(--bn-space-4) max(var(--bn-space-2), env(safe-area-inset-bottom));
  }
  .below bn-notice,
  bn-demo-notice {
    margin-bottom: var(--bn-space-3);
  }
  .gone {
    max-width: var(--bn-measure);
    margin: var(--bn-space-6) auto;
    padding: 0 var(--bn-space-4);
  }
`;
