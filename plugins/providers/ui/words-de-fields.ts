import type { Words } from 'boternity/ui';

/** What the schemas of providers and of their kinds call their fields, and say of them. */
export const words: Words = {
  'Accept terms': 'Bedingungen annehmen',
  Api: 'Schnittstelle',
  'Cache read': 'Aus dem Zwischenspeicher',
  'Cache write': 'In den Zwischenspeicher',
  Command: 'Befehl',
  Dimensions: 'Dimensionen',
  Disabled: 'Ausgeschaltet',
  Facts: 'Angaben',
  Folder: 'Ordner',
  Gpu: 'Grafikkarte',
  Headers: 'Kopfzeilen',
  Idle: 'Leerlauf',
  Images: 'Bilder',
  Input: 'Eingabe',
  Keys: 'Weitere Schlüssel',
  Output: 'Ausgabe',
  Plan: 'Tarif',
  Pooling: 'Bündelung',
  Preset: 'Voreinstellung',
  Price: 'Preis',
  Priority: 'Rang',
  Profile: 'Profil',
  Proxy: 'Proxy',
  Region: 'Region',
  Threads: 'Rechenkerne',
  Timeout: 'Zeitlimit',
  Tools: 'Werkzeuge',
  Window: 'Kontextfenster',
  'A server of your own: its usual address, its true windows, and a price of nothing':
    'Ein eigener Server: seine übliche Adresse, seine wahren Kontextfenster und kein Preis',
  'Base address, with /v1 where the service has it; that of its kind when absent':
    'Basisadresse, mit /v1, wo der Dienst es hat; ohne Angabe die seiner Art',
  'By model: what the catalogue does not know or knows wrong': 'Nach Modell: was der Katalog nicht oder falsch kennt',
  'Cores that a transformer uses; half of them when absent':
    'Kerne, die ein Transformer benutzt; ohne Angabe die Hälfte',
  'Cores that it uses; one less than there are when absent':
    'Kerne, die er benutzt; ohne Angabe einer weniger als vorhanden',
  'Headers that go with every request, as a JSON object; no keys':
    'Kopfzeilen, die jede Anfrage begleiten, als JSON-Objekt; keine Schlüssel',
  'Ids of the models to offer; those of its kind when absent':
    'Ids der Modelle, die angeboten werden; ohne Angabe die seiner Art',
  'Inference profile of ids that name none; by the region when absent':
    'Inferenzprofil für ids, die keins nennen; ohne Angabe nach der Region',
  'It makes vectors of so many numbers, and no answers': 'Es macht Vektoren mit so vielen Zahlen und keine Antworten',
  'Its kind: see bnity provider kinds. The name where that is a kind, else openai-compatible':
    'Seine Art: siehe bnity provider kinds. Der Name, wenn er eine Art ist, sonst openai-compatible',
  'Name of the provider': 'Name des Anbieters',
  'None of its models is used': 'Keins seiner Modelle wird benutzt',
  'Region of AWS; else that of the key, AWS_REGION, AWS_DEFAULT_REGION or us-east-1':
    'AWS-Region; sonst die des Schlüssels, AWS_REGION, AWS_DEFAULT_REGION oder us-east-1',
  'Seconds between two pieces of an answer; 120 when absent':
    'Sekunden zwischen zwei Teilen einer Antwort; ohne Angabe 120',
  'Seconds until a model that nobody asks is unloaded; 300':
    'Sekunden, bis ein Modell entladen wird, das niemand fragt; 300',
  'Seconds until its first word; 60 when absent': 'Sekunden bis zum ersten Wort; ohne Angabe 60',
  'Secret or environment variable that holds the key; that of its kind when absent':
    'Geheimnis oder Umgebungsvariable mit dem Schlüssel; ohne Angabe die seiner Art',
  'Several of these, used in turn': 'Mehrere davon, der Reihe nach benutzt',
  'The program, by name or path; claude when absent': 'Das Programm, nach Name oder Pfad; ohne Angabe claude',
  'Tokens of input and output together': 'Token von Ein- und Ausgabe zusammen',
  'Tokens that each of its models takes': 'Token, die jedes seiner Modelle fasst',
  'Tokens that it can write at most': 'Token, die es höchstens schreiben kann',
  'US dollars for a million tokens': 'US-Dollar für eine Million Token',
  'Use a local proxy with the API of OpenAI instead: its address, or true for http://127.0.0.1:3456/v1':
    'Stattdessen einen lokalen Proxy mit der API von OpenAI benutzen: seine Adresse, oder true für http://127.0.0.1:3456/v1',
  'What only its kind knows': 'Was nur seine Art kennt',
  'Where several serve a model the highest is asked first; 0 when absent':
    'Wo mehrere ein Modell anbieten, wird der höchste zuerst gefragt; ohne Angabe 0',
  'Where the GGUF files lie, from the home; .boternity/models when absent':
    'Wo die GGUF-Dateien liegen, vom Heimordner aus; ohne Angabe .boternity/models',
  'Where the folders of the models lie, from the home; .boternity/models when absent':
    'Wo die Ordner der Modelle liegen, vom Heimordner aus; ohne Angabe .boternity/models',
  'Whether it can call tools': 'Ob es Werkzeuge aufrufen kann',
  'Whether it can read images': 'Ob es Bilder lesen kann',
  'Which of its protocols is spoken; responses at api.openai.com, chat elsewhere':
    'Welches seiner Protokolle gesprochen wird; bei api.openai.com responses, sonst chat',
  'cls: the vector of the first token counts, as some transformers want it; the mean of all when absent':
    'cls: Der Vektor des ersten Tokens zählt, wie es manche Transformer wollen; ohne Angabe der Mittelwert aller',
  'coding: the key belongs to a coding plan, which has another address':
    'coding: Der Schlüssel gehört zu einem Coding-Tarif, der eine andere Adresse hat',
  'false: the graphics card is left alone': 'false: Die Grafikkarte bleibt unbenutzt',
  'ChatGPT subscription, as Codex (experimental)': 'ChatGPT-Abo, wie Codex (experimentell)',
  'Claude subscription (experimental)': 'Claude-Abo (experimentell)',
  'OpenAI-compatible': 'OpenAI-kompatibel',
  'This machine (GGUF files)': 'Dieser Rechner (GGUF-Dateien)',
  'This machine (sentence models)': 'Dieser Rechner (Satzmodelle)',
  'Experimental. It uses the ChatGPT subscription of whoever signs in, in the way of the program Codex: for the personal use of that person alone. Whether your use is allowed by the terms of the service is your responsibility.':
    'Experimentell. Benutzt das ChatGPT-Abo der Person, die sich anmeldet, so wie das Programm Codex: nur für den persönlichen Gebrauch dieser Person. Ob die Bedingungen des Dienstes Ihre Nutzung erlauben, liegt in Ihrer Verantwortung.',
  'Experimental. It uses the program claude of this machine with the subscription of whoever is signed in there: for the personal use of that person alone. Whether your use is allowed by the terms of the service is your responsibility.':
    'Experimentell. Benutzt das Programm claude dieses Rechners mit dem Abo der dort angemeldeten Person: nur für den persönlichen Gebrauch dieser Person. Ob die Bedingungen des Dienstes Ihre Nutzung erlauben, liegt in Ihrer Verantwortung.',
};
