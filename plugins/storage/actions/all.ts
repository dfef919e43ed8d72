import type { Action, Bots } from 'boternity';
import type { KeyValues } from '../key-values.ts';
import type { StoredFiles } from '../stored-files.ts';
import type { Texts } from '../texts.ts';
import * as files from './files.ts';
import * as values from './key-values.ts';
import * as texts from './texts.ts';

interface Parts {
  readonly bots: Bots;
  readonly files: StoredFiles;
  readonly texts: Texts;
  readonly values: KeyValues;
}

/** All that can be done with the files and values of bots. */
export function storageActions(parts: Parts): Action[] {
  return [
    files.listFiles(parts),
    files.showFile(parts),
    files.writeFile(parts),
    files.listVersions(parts),
    files.restoreFile(parts),
    files.deleteFile(parts),
    files.purgeFile(parts),
    texts.searchFiles(parts),
    texts.readFile(parts),
    values.getValue(parts),
    values.setValue(parts),
    values.listValues(parts),
    values.deleteValue(parts),
    values.purgeValue(parts),
    values.listValueVersions(parts),
    values.restoreValue(parts),
  ];
}
