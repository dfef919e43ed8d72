import type { Words } from 'boternity/ui';

export const words: Words = {
  Appearance: 'Darstellung',
  Theme: 'Farbschema',
  Language: 'Sprache',
  'Both count for this browser only.': 'Beides gilt nur für diesen Browser.',
  'As the system': 'Wie das System',
  Light: 'Hell',
  Dark: 'Dunkel',
  Defaults: 'Vorgaben',
  'What counts for all bots that do not say otherwise. It stands in settings.yaml of the home, where comments are kept.':
    'Was für alle Bots gilt, die nichts anderes sagen. Es steht in settings.yaml des Heimordners; Kommentare bleiben erhalten.',
  Save: 'Speichern',
  'Fixed by boternity.config.ts: {0}': 'Festgelegt in boternity.config.ts: {0}',
  'Set where the server was started: {0}': 'Beim Start des Servers gesetzt: {0}',
  'Set in settings.yaml': 'Gesetzt in settings.yaml',
  'Take out {0}': '{0} herausnehmen',
  'The default counts again.': 'Die Vorgabe gilt wieder.',
  'Take out': 'Herausnehmen',
  'Saved in settings.yaml.': 'In settings.yaml gespeichert.',
};
