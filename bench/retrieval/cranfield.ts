import { createReadStream } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import type { Entry } from './way.ts';

export interface CranfieldQuestion {
  readonly question: string;
  /** Ids of the documents that are relevant. */
  readonly answers: ReadonlySet<string>;
}

const folder = path.join(import.meta.dirname, '../../test/fixtures/cranfield');

/** The documents of Cranfield 1400 that say something. Their text begins with their title. */
export async function readDocuments(): Promise<Entry[]> {
  const documents: Entry[] = [];
  for await (const element of elements('cran.all.1400.xml.gz', 'doc')) {
    const text = inside(element, 'text');
    if (text) documents.push({ id: inside(element, 'docno'), text, at: 0 });
  }
  return documents;
}

/** Its questions that have an answer. Judgements name them by their place in the file. */
export async function readCranfieldQuestions(): Promise<CranfieldQuestion[]> {
  const relevant = await readJudgements();
  const questions: CranfieldQuestion[] = [];
  let place = 0;
  for await (const element of elements('cran.qry.xml.gz', 'top')) {
    place += 1;
    const answers = relevant.get(String(place));
    if (answers) questions.push({ question: inside(element, 'title'), answers });
  }
  return questions;
}

async function readJudgements(): Promise<Map<string, Set<string>>> {
  const relevant = new Map<string, Set<string>>();
  for await (const line of lines('cranqrel.trec.txt.gz')) {
    const [question = '', , document = '', grade] = line.trim().split(/\s+/);
    if (!(Number(grade) > 0)) continue;
    const known = relevant.get(question) ?? new Set();
    relevant.set(question, known.add(document));
  }
  return relevant;
}

/** The elements of this name, one after the other, whatever stands around them. */
async function* elements(file: string, name: string): AsyncGenerator<string> {
  let text = '';
  for await (const line of lines(file)) {
    text += `${line}\n`;
    if (!line.includes(`</${name}>`)) continue;
    yield inside(text, name);
    text = '';
  }
}

function inside(text: string, name: string): string {
  const from = text.indexOf(`<${name}>`);
  const to = text.indexOf(`</${name}>`, from);
  return from < 0 || to < 0 ? '' : text.slice(from + name.length + 2, to).trim();
}

function lines(file: string): AsyncIterable<string> {
  const input = createReadStream(path.join(folder, file)).pipe(createGunzip());
  return createInterface({ input, crlfDelay: Infinity });
}
