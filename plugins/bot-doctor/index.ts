import { definePlugin } from 'boternity';
import * as checks from './checks.ts';

/** Looks for what is wrong in the folders of bots, for the doctor. */
export default definePlugin({
  name: 'bot-doctor',
  needs: ['home', 'bots', 'doctor'],
  setup({ home: { files }, bots, doctor }) {
    doctor.check('BOT_MISSPELT', () => checks.botMisspelt(bots, files));
    doctor.check('BOT_FILES_BROKEN', () => checks.filesBroken(bots));
    doctor.check('BOT_SCHEMA_LINE', () => checks.schemaLine(bots, files));
    doctor.check('BOT_REPOSITORY_MISSING', () => checks.repositoryMissing(bots, files));
    doctor.check('BOT_INSTRUCTIONS_DOUBLE', () => checks.instructionsDouble(bots));
    doctor.check('SCHEMAS_OLD', () => checks.schemasOld(bots, files));
  },
});
