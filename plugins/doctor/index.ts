import { definePlugin } from 'boternity';
import { applyCure, planCure } from './actions.ts';
import { botIds } from './checks/bot-ids.ts';
import { stagingLeft, temporaryFiles } from './checks/leftovers.ts';
import * as machine from './checks/machine.ts';
import { homeOwner, homePermissions } from './checks/permissions.ts';
import * as server from './checks/server.ts';

/**
 * Looks for what is wrong with the home and the machine around it, shows what it would do, and does it when told to. It needs
 * little, so that it runs where other plugins cannot.
 */
export default definePlugin({
  name: 'doctor',
  needs: ['home', 'house', 'actions', 'doctor'],
  setup({ home, house, actions, doctor }) {
    doctor.check('NODE_OLD', () => machine.nodeOld());
    doctor.check('GIT_MISSING', () => machine.gitMissing());
    doctor.check('GIT_OLD', () => machine.gitOld());
    doctor.check('DISK_LOW', () => machine.diskLow(home));
    doctor.check('WATCHES_LOW', () => machine.watchesLow(home));
    doctor.check('CLOCK_WRONG', () => machine.clockWrong(home));
    doctor.check('HOME_PERMISSIONS', () => homePermissions(home));
    doctor.check('HOME_OWNER', () => homeOwner(home));
    doctor.check('TEMPORARY_FILES', (signal) => temporaryFiles(home, signal));
    doctor.check('STAGING_LEFT', () => stagingLeft(home));
    doctor.check('SETTINGS_MISSPELT', () => server.settingsMisspelt(house, home));
    doctor.check('FILES_BROKEN', () => server.filesBroken(house));
    doctor.check('PORT_TAKEN', () => server.portTaken(house, home));
    doctor.check('SERVER_FILE_STALE', () => server.serverFileStale(house));
    doctor.check('BOT_IDS', () => botIds(home));
    actions.add(planCure(doctor), applyCure(doctor));
  },
});
