import fc from 'fast-check';
import t from 'tap';
import { BlockWriter } from '../../plugins/conversations/cli/text/block-writer.ts';
import { drawMarkdown } from '../../plugins/conversations/cli/text/markdown.ts';
import { plain, PlainStream } from '../../plugins/conversations/cli/text/plain.ts';
import { widthOf } from '../../core/cli/width.ts';
import { FakeScreen } from '../support/screen.ts';

const everything = `# Title

A paragraph with **bold**, *italics*, \`code\`, ~~gone~~ and a [link](https://example.org/x).
Its second line.

- one
- two
  - below
- three

1. first
2. second

> said by *somebody*

| name | count |
|:-----|------:|
| ada  | 12 |
| bob  | 3 |

\`\`\`ts
const a = 1;

const b = '**not bold**';
\`\`\`

The end &amp; more.`;

const drawn = `# Title

A paragraph with bold, italics, code, gone and a link (https://example.org/x).
Its second line.

• one
• two
  • below
• three

1. first
2. second

│ said by somebody

name │ count
─────┼──────
ada  │    12
bob  │     3

  ts
  const a = 1;

  const b = '**not bold**';

The end & more.`;

function shown(text: string, { columns = 100, rows = 50, cuts = [] as readonly number[] } = {}): string {
  const screen = new FakeScreen(columns, rows);
  const writer = new BlockWriter(screen);
  let from = 0;
  for (const cut of [...cuts.toSorted((a, b) => a - b), text.length]) {
    writer.write(text.slice(from, cut));
    from = cut;
  }
  writer.end();
  return screen.text;
}

await t.test(
  'CLII-03: what was streamed stands there as Markdown in the end, in whatever pieces it came',
  async (t) => {
    t.equal(shown(everything), drawn);
    t.equal(drawMarkdown(everything, 99).join('\n'), drawn, 'the same as drawn in one go');
    fc.assert(
      fc.property(fc.array(fc.nat(everything.length), { maxLength: 40 }), (cuts) => {
        t.equal(shown(everything, { cuts }), drawn);
      }),
      { numRuns: 50 },
    );
    const letters = Array.from(everything, (_, at) => at);
    t.equal(shown(everything, { cuts: letters }), drawn, 'letter by letter');
  },
);

await t.test('CLII-03: narrow and low screens show every word once', async (t) => {
  for (const [columns, rows] of [
    [20, 10],
    [20, 50],
    [100, 6],
    [9, 3],
  ] as const) {
    const screen = shown(everything, { columns, rows });
    t.ok(
      screen.split('\n').every((line) => widthOf(line) <= columns),
      `${columns} columns`,
    );
    for (const word of ['Title', 'paragraph', 'below', 'first', 'somebody', 'ada', 'bold**', 'more.'])
      t.equal(screen.replaceAll(/\s+/g, '').split(word).length, 2, `${word} once at ${columns}x${rows}`);
  }
});

await t.test(
  'whatever a model writes, nothing stands twice, nothing is lost, and the cursor stays on the screen',
  async (t) => {
    const words = [
      'word ',
      'w',
      '\n',
      '\n\n',
      '- ',
      '1. ',
      '> ',
      '# ',
      '**',
      '`',
      '漢字',
      '👩‍👩‍👧',
      ' ',
      '    ',
      '\t',
      '---',
    ];
    const forms = fc.record({
      cuts: fc.array(fc.nat(100), { maxLength: 10 }),
      columns: fc.integer({ min: 16, max: 40 }),
      rows: fc.integer({ min: 3, max: 12 }),
    });
    const textOf = (pieces: readonly string[]) => fc.array(fc.constantFrom(...pieces), { maxLength: 60 });
    const letters = (text: string): string => text.replaceAll(/[^w漢字]/g, '');
    fc.assert(
      fc.property(textOf(words), forms, (pieces, { cuts, ...size }) => {
        const text = pieces.join('');
        return letters(shown(text, { ...size, cuts: wholeCuts(text, cuts) })) === letters(text);
      }),
      { numRuns: 500 },
    );
    fc.assert(
      fc.property(
        textOf([...words, '```', '```js\n', '| a ', '|\n|---|---|\n', '~~~']),
        forms,
        (pieces, { cuts, ...size }) => {
          const text = pieces.join('');
          shown(text, { ...size, cuts: wholeCuts(text, cuts) });
        },
      ),
      { numRuns: 500 },
    );
    t.pass('500 texts, cut anywhere');
  },
);

function wholeCuts(text: string, cuts: readonly number[]): number[] {
  return cuts.filter((cut) => cut < text.length && !isHalf(text, cut));
}

function isHalf(text: string, at: number): boolean {
  const code = text.charCodeAt(at - 1);
  return code >= 0xd800 && code <= 0xdbff;
}

await t.test('wide characters are counted as a terminal shows them', async (t) => {
  t.equal(widthOf('漢字'), 4);
  t.equal(widthOf('👩‍👩‍👧'), 2);
  t.equal(widthOf('é'), 1);
  t.equal(widthOf('❤️'), 2);
  const screen = shown(`${'漢字かな交じり文'.repeat(5)} end`, { columns: 20 });
  t.ok(screen.split('\n').every((line) => widthOf(line) < 20));
  t.equal(screen.replaceAll('\n', ''), `${'漢字かな交じり文'.repeat(5)} end`);
});

await t.test('CLII-03: nothing of an answer reaches the terminal that it would obey, cut in two or not', async (t) => {
  const evil = 'a\u001b[2Jb\u001b]0;title\u0007c\u001b]52;c;ZXZpbA==\u0007d\u009b31me\u0008f\u202eg\rh';
  const letters = Array.from(evil, (_, at) => at);
  for (const cuts of [[], letters]) {
    const written: string[] = [];
    const screen = { columns: 80, rows: 24, write: (text: string) => written.push(text) };
    const writer = new BlockWriter(screen);
    let from = 0;
    for (const cut of [...cuts, evil.length]) {
      writer.write(evil.slice(from, cut));
      from = cut;
    }
    writer.end();
    // What the writer itself sends to rewrite a block.
    const own = ['\r', '\u001b[1A', '\u001b[J'];
    const others = own.reduce((all, sequence) => all.replaceAll(sequence, ''), written.join(''));
    t.notMatch(others.replaceAll('\n', ''), /[\p{Cc}\u202e]/u);
    t.notMatch(written.join(''), /title|ZXZpbA/);
  }
  t.equal(plain('a\tb\r\nc'), 'a\tb\nc');
  const stream = new PlainStream();
  t.equal(stream.push('x\u001b') + stream.push('[31') + stream.push('my') + stream.end(), 'xy');
});

await t.test(
  'CLII-03: an answer of 1 MB in one paragraph, and one in 100,000 lines, are shown within seconds',
  async (t) => {
    for (const text of ['word '.repeat(200_000), '- a line\n'.repeat(100_000), `\`\`\`\n${'code\n'.repeat(200_000)}`]) {
      const started = performance.now();
      let bytes = 0;
      const writer = new BlockWriter({ columns: 80, rows: 24, write: (piece: string) => (bytes += piece.length) });
      for (let at = 0; at < text.length; at += 2_000) writer.write(text.slice(at, at + 2_000));
      writer.end();
      t.ok(bytes >= text.length * 0.8);
      t.comment(`${Math.round(performance.now() - started)} ms, ${bytes} bytes written`);
    }
  },
);
