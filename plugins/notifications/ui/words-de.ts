import type { Words } from 'boternity/ui';

export const words: Words = {
  Notifications: 'Benachrichtigungen',
  'On this device': 'Auf diesem Gerät',
  'You are told when a bot has answered or asks for approval while no page shows its conversation.':
    'Du erfährst, wenn ein Bot geantwortet hat oder um Erlaubnis bittet, während keine Seite die Unterhaltung zeigt.',
  'Your devices': 'Deine Geräte',
  'None is told yet.': 'Noch keines wird benachrichtigt.',
  'This browser cannot be told. On a phone, add the application to the home screen first; the address has to be https.':
    'Dieser Browser kann nicht benachrichtigt werden. Auf einem Telefon muss die Anwendung erst auf den Startbildschirm; die Adresse muss https sein.',
  'This browser was told to show none. Allow notifications for this page in its settings, then load the page again.':
    'Dieser Browser soll keine zeigen. Erlaube in seinen Einstellungen Benachrichtigungen für diese Seite und lade sie neu.',
  'Turn off here': 'Hier ausschalten',
  'Turn on here': 'Hier einschalten',
  'this one': 'diese hier',
  'Send what bots say along to {0}; encrypted, but shown on a locked screen':
    'Was Bots sagen, an {0} mitschicken; verschlüsselt, aber auf dem Sperrbildschirm zu lesen',
  'Send a test to {0}': 'Eine Probe an {0} schicken',
  'Send a test': 'Probe schicken',
  'Remove {0}': '{0} entfernen',
  Remove: 'Entfernen',
  'Notifications stay off: the browser was told so.': 'Benachrichtigungen bleiben aus: So wurde es dem Browser gesagt.',
  'This device is told from now on.': 'Dieses Gerät wird ab jetzt benachrichtigt.',
  'This device is told nothing more.': 'Dieses Gerät wird nicht mehr benachrichtigt.',
  'It is on its way.': 'Sie ist unterwegs.',
  'It is told nothing more.': 'Es wird nicht mehr benachrichtigt.',
};
