import { Fault, foldName, TEMPORARY_SUFFIX } from 'boternity';

const MOST_CHARACTERS = 120;
const MOST_BYTES = 200;
/** Names that mean a device to Windows, whatever stands behind their first dot. */
const DEVICE = /^(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i;

/**
 * A name that every usual file system takes, no shell and no page misreads, and that stays in its folder; in the normal form C.
 * Throws STORAGE_NAME_REFUSED with the reason.
 */
export function fileName(given: string): string {
  const name = given.normalize('NFC');
  const why = whyNot(name);
  if (why !== undefined)
    throw new Fault('STORAGE_NAME_REFUSED', `A file cannot be called ${JSON.stringify(given.slice(0, 100))}: ${why}.`);
  return name;
}

/** Why a file cannot have a name; undefined when it can. */
export function whyNot(name: string): string | undefined {
  if (name === '' || !name.isWellFormed()) return 'it is empty or not whole';
  if (/[/\\]/.test(name)) return 'it leads to another folder';
  if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(name)) return 'it has control characters in it';
  if (/[\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\uFFFD]/u.test(name))
    return 'it has characters that nobody sees';
  if (/[<>:"|?*]/.test(name)) return 'one of < > : " | ? * is in it, which not every disk takes';
  if (name.startsWith('.')) return 'it begins with a dot';
  if (/^\s|[\s.]$/.test(name)) return 'it begins or ends with a space, or ends with a dot';
  if (DEVICE.test(name)) return 'it means a device to Windows';
  if (name.endsWith(TEMPORARY_SUFFIX)) return 'it ends as unfinished files do';
  if (name.length > MOST_CHARACTERS || Buffer.byteLength(name) > MOST_BYTES) return 'it is too long';
  return undefined;
}

/** Throws STORAGE_NAME_REFUSED where another name is the same to a disk that does not tell capitals apart. */
export function assertNoTwin(name: string, others: Iterable<string>): void {
  const folded = foldName(name);
  for (const other of others) {
    if (other === name || foldName(other) !== folded) continue;
    throw new Fault(
      'STORAGE_NAME_REFUSED',
      `There is "${other}" already, and some disks do not tell "${name}" from it.`,
    );
  }
}
