import type { Words } from 'boternity/ui';

export const words: Words = {
  'Home and backup': 'Ordner und Sicherung',
  'Home folder': 'Heimordner',
  '{0} in {1} files.': '{0} in {1} Dateien.',
  Backups: 'Sicherungen',
  'The server makes none by itself.': 'Der Server legt von sich aus keine an.',
  'The server makes one each day at {0} and removes old ones of these; the next: {1}.':
    'Der Server legt jeden Tag um {0} eine an und entfernt alte davon wieder; die nächste: {1}.',
  'The last automatic backup failed: {0}': 'Die letzte automatische Sicherung ist misslungen: {0}',
  automatic: 'automatisch',
  'Take the keys of the vault along: whoever has the backup then has every secret':
    'Schlüssel des Tresors mitnehmen: Wer die Sicherung hat, hat dann jedes Geheimnis',
  'Make a backup': 'Sicherung anlegen',
  'What is not in it:': 'Was nicht darin ist:',
  'There is none yet.': 'Noch keine vorhanden.',
  'Fetch {0}': '{0} herunterladen',
  Fetch: 'Herunterladen',
  'Delete {0}': '{0} löschen',
  Delete: 'Löschen',
  'The backup is deleted for good.': 'Die Sicherung wird endgültig gelöscht.',
  Keep: 'Behalten',
  'Bring one back': 'Eine Sicherung zurückholen',
  'The server must not run meanwhile, so the terminal does it. What is there now is put aside, not deleted.':
    'Der Server darf dabei nicht laufen, darum geht es im Terminal. Was jetzt da ist, wird beiseitegelegt, nicht gelöscht.',
  'The home is being packed …': 'Der Heimordner wird gepackt …',
  '{0} is written.': '{0} ist geschrieben.',
  '{0} is deleted.': '{0} ist gelöscht.',
};
