import { Worker } from 'node:worker_threads';
import { decode } from './decode.ts';
import { passagesOf } from './passages.ts';
import { Unreadable, type Answer, type Ask, type Block, type Reading } from './reading.ts';

/**
 * The process that reads documents. What it reads was made by strangers: it has no keys, may read no file but its own program, write
 * none and start nothing. It ends itself where a document wants more memory than it may have, and its owner ends it where one takes
 * too long.
 */
const limit = Number(process.argv[2]) * 1024 * 1024;

// A thread of its own, because the one that reads may be busy for as long as it likes.
const guard = `setInterval(() => process.memoryUsage.rss() > ${limit} && process.kill(process.pid, 'SIGKILL'), 25)`;
new Worker(guard, { eval: true }).unref();

process.on('disconnect', () => process.exit(0));
process.on('message', (ask: Ask) => void answer(ask));

async function answer({ id, kind, bytes }: Ask): Promise<void> {
  const reading = await read(kind, await take(bytes)).catch((error: unknown): Reading => {
    const problem =
      error instanceof Unreadable ? error.message : 'It is damaged, or built in a way that cannot be read.';
    return { state: 'failed', parts: [], problem };
  });
  process.send?.({ id, reading } satisfies Answer);
}

async function read(kind: Ask['kind'], bytes: Buffer): Promise<Reading> {
  return passagesOf(await blocksOf[kind](bytes));
}

/** What is needed for a kind is loaded when the first document of it comes. */
const blocksOf: Readonly<Record<Ask['kind'], (bytes: Buffer) => Promise<Iterable<Block>>>> = {
  plain: async (bytes) => (await import('./plain.ts')).plainBlocks(decode(bytes)),
  markdown: async (bytes) => (await import('./plain.ts')).markdownBlocks(decode(bytes)),
  html: async (bytes) => (await import('./html.ts')).htmlBlocks(decode(bytes)),
  csv: async (bytes) => (await import('./csv.ts')).csvBlocks(decode(bytes)),
  json: async (bytes) => (await import('./json.ts')).jsonBlocks(decode(bytes)),
  'json-lines': async (bytes) => (await import('./json.ts')).jsonLineBlocks(decode(bytes)),
  pdf: async (bytes) => (await import('./pdf.ts')).pdfBlocks(bytes),
  docx: async (bytes) => (await import('./docx.ts')).docxBlocks(bytes),
};

/** The next so many bytes of standard input. */
async function take(count: number): Promise<Buffer> {
  const taken = Buffer.alloc(count);
  let at = 0;
  while (at < count) {
    const piece = process.stdin.read() as Buffer | null;
    if (piece === null) {
      await new Promise((resolve) => process.stdin.once('readable', resolve));
      continue;
    }
    at += piece.copy(taken, at);
  }
  return taken;
}
