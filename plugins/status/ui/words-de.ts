import type { Words } from 'boternity/ui';

export const words: Words = {
  About: 'Über Boternity',
  Version: 'Version',
  System: 'System',
  Home: 'Heimordner',
  'Runs since': 'Läuft seit',
  'Memory in use': 'Belegter Speicher',
  Health: 'Zustand',
  'Examine everything': 'Alles prüfen',
  'The server is ready.': 'Der Server ist bereit.',
  'The server does not say that it is ready.': 'Der Server meldet nicht, dass er bereit ist.',
  '{0}: bnity doctor --fix': '{0}: bnity doctor --fix',
  'Nothing was found.': 'Es wurde nichts gefunden.',
  '1 thing was found.': 'Es wurde etwas gefunden.',
  '{0} things were found.': '{0} Auffälligkeiten wurden gefunden.',
  'Read more': 'Mehr lesen',
  'The guides lie in the folder docs/ of the product; every command explains itself:':
    'Die Anleitungen liegen im Ordner docs/ des Produkts; jeder Befehl erklärt sich selbst:',
  Licences: 'Lizenzen',
  'Boternity: {0}': 'Boternity: {0}',
  '{0} packages it is made of': '{0} Pakete, aus denen es besteht',
  Package: 'Paket',
  Licence: 'Lizenz',
};
