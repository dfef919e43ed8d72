import { definePlugin } from 'boternity';
import * as files from './actions.ts';
import * as approvals from './approvals.ts';
import { checkFile } from './check.ts';
import * as soul from './soul.ts';

/** What people do with the files of a bot and their history: read, write, compare, roll back, seal, approve. */
export default definePlugin({
  name: 'files',
  needs: ['home', 'house', 'bots', 'callers', 'actions'],
  setup({ home, house, bots, callers, actions }) {
    bots.ownedBy(() => callers.owner());
    actions.add(
      files.listFiles(bots),
      files.readFile(bots, home),
      files.writeFile(bots),
      files.renameFile(bots, home),
      files.removeFile(bots),
      checkFile(bots),
      files.showHistory(bots),
      files.showDiff(bots),
      files.showBlame(bots),
      files.rollBack(bots),
      soul.showSoul(bots, home),
      soul.editSoul(bots),
      soul.soulHistory(bots),
      soul.diffSoul(bots),
      soul.rollBackSoul(bots),
      soul.verifySoul(bots),
      soul.acceptSoul(bots),
      soul.restoreSoul(bots),
      approvals.listApprovals(bots),
      approvals.grantApproval(bots),
    );
    bots.waitWhen(() => {
      const seal = house.settings().find(({ key }) => key === 'seal');
      return seal?.value === 'approve' ? `the owner chose so in ${seal.source}` : undefined;
    });
  },
});
