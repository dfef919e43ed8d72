import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import path from 'node:path';

/**
 * Loaded into a command with `--import`: kills it with signal 9 before it puts the file in place whose path ends as DIE_BEFORE says.
 */
const end = process.env.DIE_BEFORE ?? '';
const { rename } = fs.promises;
fs.promises.rename = async (from, to) => {
  // Files are named through folders that are open: only the system knows where those are.
  const place = path.join(fs.realpathSync(path.dirname(String(to))), path.basename(String(to)));
  if (end !== '' && place.endsWith(end) && !place.includes('.boternity')) process.kill(process.pid, 'SIGKILL');
  return rename(from, to);
};
syncBuiltinESMExports();
