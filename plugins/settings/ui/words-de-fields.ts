import type { Words } from 'boternity/ui';

/** What the schema of settings.yaml calls its fields, and says of them. */
export const words: Words = {
  'Allowed origins': 'Erlaubte Herkünfte',
  Cert: 'Zertifikat',
  Dollars: 'Dollar',
  Embedder: 'Embedder',
  Fallback: 'Ersatz',
  Host: 'Host',
  Key: 'Schlüssel',
  Limit: 'Limit',
  Model: 'Modell',
  Plugins: 'Plugins',
  Port: 'Port',
  'Public url': 'Öffentliche Adresse',
  Seal: 'Siegel',
  Template: 'Vorlage',
  Tls: 'TLS',
  Tokens: 'Token',
  'Trusted proxies': 'Vertraute Proxys',
  Watch: 'Beobachten',
  'Address by which people reach the server, with its base path: https://example.com/bots':
    'Adresse, unter der man den Server erreicht, mit ihrem Grundpfad: https://example.com/bots',
  'Addresses of proxies whose word on who asks counts: 127.0.0.1, 10.0.0.0/8; nobody is believed without':
    'Adressen von Proxys, denen geglaubt wird, wer fragt: 127.0.0.1, 10.0.0.0/8; ohne Angabe wird niemandem geglaubt',
  'Certificate by which the server speaks TLS itself; paths are relative to the home':
    'Zertifikat, mit dem der Server selbst TLS spricht; Pfade gelten vom Heimordner aus',
  'File of its private key, PEM': 'Datei seines privaten Schlüssels, PEM',
  'File of the certificate and its chain, PEM': 'Datei des Zertifikats und seiner Kette, PEM',
  'Further origins: other names of this server, and pages of others that may call its API':
    'Weitere Herkünfte: andere Namen dieses Servers und fremde Seiten, die seine API aufrufen dürfen',
  'Address to listen on': 'Adresse, unter der der Server lauscht',
  'By name: false turns a plugin off; true or its settings turn it on':
    'Nach Namen: false schaltet ein Plugin aus; true oder seine Einstellungen schalten es ein',
  'Embedder that memory and files use beside words: id or provider/id; words alone when absent':
    'Embedder, den Gedächtnis und Dateien neben Wörtern benutzen: id oder anbieter/id; ohne Angabe nur Wörter',
  'Model for bots that name none: id or provider/id': 'Modell für Bots, die keins nennen: id oder anbieter/id',
  'Models that stand in when one fails, in this order, for bots that name none of their own':
    'Modelle, die in dieser Reihenfolge einspringen, wenn eins ausfällt, für Bots ohne eigene Angabe',
  'Off: edits on disk are seen after a restart only':
    'Aus: Änderungen auf der Platte werden erst nach einem Neustart gesehen',
  'Port to listen on; 0 takes any': 'Port, auf dem der Server lauscht; 0 nimmt irgendeinen',
  'Template for new bots where none is named; assistant when absent':
    'Vorlage für neue Bots, wenn keine genannt ist; ohne Angabe assistant',
  'Tokens of input and output': 'Token von Ein- und Ausgabe',
  'US dollars': 'US-Dollar',
  'What all bots together may use in a day; none without':
    'Was alle Bots zusammen an einem Tag verbrauchen dürfen; ohne Angabe unbegrenzt',
  'approve: edits on disk of who a bot is wait for you, for all bots. live: only where a bot could make them':
    'approve: Änderungen auf der Platte daran, wer ein Bot ist, warten bei allen Bots auf Sie. live: nur wo ein Bot sie machen könnte',
  Updates: 'Neue Versionen',
  'Off: the npm registry is never asked for a newer version':
    'Aus: Die npm-Registry wird nie nach einer neueren Version gefragt',
};
