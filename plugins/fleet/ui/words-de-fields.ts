import type { Words } from 'boternity/ui';

/** What the schema of bot.yaml calls its fields, and says of them. */
export const words: Words = {
  Allow: 'Erlaubt',
  Args: 'Eigene Werte',
  Ask: 'Nachfragen',
  Capabilities: 'Fähigkeiten',
  Compact: 'Zusammenfassen',
  Conversation: 'Gespräch',
  Default: 'Vorgabe',
  Deny: 'Ablehnen',
  Diary: 'Tagebuch',
  Export: 'Exportieren',
  Fallback: 'Ersatz',
  Greeting: 'Begrüßung',
  Input: 'Eingabe',
  Learn: 'Lernen',
  'Max tokens': 'Höchstzahl an Token',
  Mcp: 'MCP',
  Memory: 'Gedächtnis',
  Model: 'Modell',
  Prefer: 'Bevorzugt',
  Recall: 'Erinnern',
  Repair: 'Reparieren',
  Required: 'Unverzichtbar',
  'Self modify': 'Selbst ändern',
  Skills: 'Fähigkeiten',
  Soul: 'Seele',
  Status: 'Status',
  'Stop texts': 'Stopptexte',
  Temperature: 'Temperatur',
  Thinking: 'Nachdenken',
  Title: 'Titel',
  Tools: 'Werkzeuge',
  'Trusted bots': 'Vertraute Bots',
  'Bots, by slug or id, of whose memories it sees those that are shared with bots that trust them':
    'Bots, nach Kurzname oder id, von deren Erinnerungen er die sieht, die mit vertrauenden Bots geteilt sind',
  'How much it thinks before it answers; as the model likes when absent':
    'Wie viel er vor einer Antwort nachdenkt; ohne Angabe, wie das Modell möchte',
  'MCP servers by name; those that nobody approved stay off':
    'MCP-Server nach Namen; was niemand freigegeben hat, bleibt aus',
  'Model id, or provider/id': 'Id des Modells oder anbieter/id',
  'Models that stand in when those fail, in this order; [] for none, those of settings.yaml when absent':
    'Modelle, die in dieser Reihenfolge einspringen; [] für keine, ohne Angabe die aus settings.yaml',
  'Models to try first, most wanted first': 'Modelle, die zuerst versucht werden, das liebste zuerst',
  'Skills it uses of those that all bots share, by the names of their folders in skills/':
    'Gemeinsame Fähigkeiten, die er benutzt, nach den Namen ihrer Ordner in skills/',
  'Texts before which an answer ends': 'Texte, vor denen eine Antwort endet',
  'The bot may rewrite its own SOUL.md; each time is a commit':
    'Der Bot darf seine SOUL.md selbst umschreiben; jedes Mal entsteht eine Version',
  "Title of a new conversation. model: the bot's model gives one after the first answer. words: the first words of the first message":
    'Titel eines neuen Gesprächs. model: Das Modell des Bots gibt ihn nach der ersten Antwort. words: die ersten Worte der ersten Nachricht',
  'Tools a person is asked about first': 'Werkzeuge, bei denen zuerst eine Person gefragt wird',
  'Tools it never gets; deny wins over ask, ask over allow':
    'Werkzeuge, die er nie bekommt; deny geht vor ask, ask vor allow',
  'Tools the bot may use; * stands for any part of a name':
    'Werkzeuge, die der Bot benutzen darf; * steht für einen beliebigen Teil des Namens',
  'Tools without which a turn cannot go on: a denied call waits until it is tried again and approved':
    'Werkzeuge, ohne die es nicht weitergeht: Ein abgelehnter Aufruf wartet auf einen neuen Versuch und die Freigabe',
  'Values of your own, in templates as args.<key>': 'Eigene Werte, in Vorlagen als args.<key>',
  'What a message does while a reply is given. queue: it waits. restart: the reply is stopped and begins anew. refuse-stale: replies that have not begun are dropped, the newest answers all':
    'Was eine Nachricht während einer Antwort tut. queue: Sie wartet. restart: Die Antwort wird angehalten und beginnt neu. refuse-stale: Nicht begonnene Antworten entfallen, die neueste antwortet auf alles',
  'Whether the model is asked once, briefly, to put calls right that no tool can read':
    'Ob das Modell einmal kurz gebeten wird, Aufrufe zu berichtigen, die kein Werkzeug lesen kann',
  'Whether what it learns in a day is written as a text too, in memory/diary; nobody searches it':
    'Ob das an einem Tag Gelernte auch als Text in memory/diary geschrieben wird; dort sucht niemand',
  'auto: in the terminal the bot says the first words. off: it waits':
    'auto: Im Terminal sagt der Bot die ersten Worte. off: Er wartet',
  'auto: the oldest turns are summed up when a prompt is full. off: the turn fails then':
    'auto: Die ältesten Wechsel werden zusammengefasst, wenn ein Prompt voll ist. off: Der Wechsel schlägt dann fehl',
  'disabled: visible, cannot talk. archived: hidden': 'disabled: sichtbar, kann nicht sprechen. archived: verborgen',
  'on: its model notes what is worth remembering, in the background. off: only what is added by hand':
    'on: Sein Modell merkt sich im Hintergrund, was sich lohnt. off: nur von Hand Hinzugefügtes',
  'on: what it remembers can be exported without saying each time that this is wanted':
    'on: Erinnerungen lassen sich exportieren, ohne es jedes Mal eigens zu sagen',
  'on: what it remembers of earlier conversations comes to its mind. off: only when it looks it up':
    'on: Aus früheren Gesprächen fällt ihm Gemerktes ein. off: nur wenn er nachsieht',
};
