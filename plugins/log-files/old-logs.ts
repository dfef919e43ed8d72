import { dayOf, type Home } from 'boternity';

const FOLDER = '.boternity/logs';
const DAY_MS = 24 * 60 * 60_000;

export interface LogLimits {
  readonly days: number;
  readonly megabytes: number;
}

/** Removes logs older than so many days, then the oldest until all take no more than so much. The newest file stays in any case. */
export async function removeOldLogs({ files }: Pick<Home, 'files'>, { days, megabytes }: LogLimits): Promise<void> {
  const oldest = dayOf(new Date(Date.now() - days * DAY_MS));
  const logs = (await files.list(FOLDER)).flatMap(({ name, kind }) => {
    const [, day = '', number = '0'] = /^(\d{4}-\d\d-\d\d)(?:\.(\d+))?\.jsonl$/.exec(name) ?? [];
    return kind === 'file' && day !== '' ? [{ file: `${FOLDER}/${name}`, day, number: Number(number) }] : [];
  });
  logs.sort((a, b) => (a.day === b.day ? b.number - a.number : Number(a.day < b.day) - Number(a.day > b.day)));
  let left = megabytes * 1_000_000;
  for (const [at, { file, day }] of logs.entries()) {
    left -= (await files.stat(file))?.size ?? 0;
    if (at > 0 && (day < oldest || left < 0)) await files.remove(file);
  }
}
