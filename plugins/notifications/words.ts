/** What a notification says. The server writes it, because the page that would translate it is not open. */
export interface Sentences {
  readonly answered: string;
  readonly failed: string;
  readonly asks: (tool: string) => string;
  readonly test: string;
}

const english: Sentences = {
  answered: 'has answered.',
  failed: 'could not answer.',
  asks: (tool) => `asks for approval: ${tool}`,
  test: 'Notifications arrive on this device.',
};

const german: Sentences = {
  answered: 'hat geantwortet.',
  failed: 'konnte nicht antworten.',
  asks: (tool) => `bittet um Erlaubnis: ${tool}`,
  test: 'Benachrichtigungen kommen auf diesem Gerät an.',
};

export function sentencesIn(language: string): Sentences {
  return language.startsWith('de') ? german : english;
}
