import fc from 'fast-check';
import t from 'tap';
import { createLog } from '../../../core/base/log.ts';
import { Redactor, redactEnvironment, redactor } from '../../../core/base/redact.ts';

const secret = 'sk-Ab"\\ü/+9~(x) y&z';

function knowing(...values: string[]): Redactor {
  const made = new Redactor();
  values.forEach((value, at) => made.add(`S${at}`, value));
  return made;
}

const encode: Readonly<Record<string, (text: string) => string>> = {
  plain: (text) => text,
  json: (text) => JSON.stringify(text).slice(1, -1),
  'json in json': (text) => JSON.stringify(JSON.stringify(text)),
  url: encodeURIComponent,
  'url in small letters': (text) => encodeURIComponent(text).replaceAll(/%../g, (code) => code.toLowerCase()),
  form: (text) => new URLSearchParams({ a: text }).toString().slice(2),
  hex: (text) => Buffer.from(text).toString('hex'),
  HEX: (text) => Buffer.from(text).toString('hex').toUpperCase(),
  base64: (text) => Buffer.from(text).toString('base64'),
  base64url: (text) => Buffer.from(text).toString('base64url'),
  'base64 of a header': (text) => Buffer.from(`user:${text}`).toString('base64'),
  'base64 amid other bytes': (text) => Buffer.from(`{"a":"${text}","b":1}`).toString('base64url'),
};

await t.test('OBSV-07: a secret is taken out in every encoding, wherever it stands', (t) => {
  const known = knowing(secret);
  for (const [name, form] of Object.entries(encode)) {
    const text = `before ${form(secret)} after`;
    const clean = known.text(text);
    t.match(clean, /^before .*\[secret:S0\].* after$/, name);
    for (const [other, again] of Object.entries(encode)) {
      // What surrounds a secret in base64 may share bits with it; a run of its own characters would be a leak.
      t.notOk(clean.includes(again(secret).slice(4, 16)), `${name} leaves nothing as ${other}`);
    }
  }
  t.end();
});

await t.test('any value in any encoding at any place is found', (t) => {
  const value = fc.string({ minLength: 8, maxLength: 60, unit: 'grapheme' }).filter((text) => text.isWellFormed());
  fc.assert(
    fc.property(
      value,
      fc.string(),
      fc.string(),
      fc.constantFrom(...Object.values(encode)),
      (value, before, after, form) => {
        const known = knowing(value);
        return known.text(`${before} ${form(value)} ${after}`).includes('[secret:S0]');
      },
    ),
    { numRuns: 2_000 },
  );
  t.end();
});

await t.test('text in pieces loses the same as the whole, and waits only where a secret may begin', (t) => {
  const pieces = fc.array(
    fc.oneof(fc.constantFrom('', 's', 'sk-', 'sk-A', secret, secret.slice(0, 9), secret.slice(9), ' x'), fc.string()),
  );
  fc.assert(
    fc.property(pieces, (pieces) => {
      const known = knowing(secret, 'another one');
      const stream = known.stream();
      let passed = '';
      for (const [at, piece] of pieces.entries()) {
        passed += stream.push(piece);
        const waiting = known.text(pieces.slice(0, at + 1).join('')).length - passed.length;
        if (waiting >= 200) return false;
      }
      return passed + stream.end() === known.text(pieces.join(''));
    }),
    { numRuns: 2_000 },
  );
  const stream = knowing('zzzzzzzz-secret').stream();
  t.equal(stream.push('The first words'), 'The first words', 'nothing waits without a reason');
  t.equal(stream.push(' z'), ' ');
  t.equal(stream.push('oo'), 'zoo');
  t.end();
});

await t.test('JSON stays JSON, with secrets in strings, keys and next to escapes', (t) => {
  const known = knowing(secret, 'nabcdefgh', 'ends with \\', 'tiny5');
  const value = {
    text: `a ${secret}`,
    [`key ${secret}`]: 1,
    list: [{ nested: 'nabcdefgh' }, '\nabcdefgh', 'ends with "'],
    short: 'tiny5',
    within: 'tiny5 is left alone here',
    number: 5,
    nothing: null,
  };
  const clean = JSON.parse(known.json(value)) as object;
  t.strictSame(clean, {
    text: 'a [secret:S0]',
    'key [secret:S0]': 1,
    list: [{ nested: '[secret:S1]' }, '\nabcdefgh', 'ends with "'],
    short: '[secret:S3]',
    within: 'tiny5 is left alone here',
    number: 5,
    nothing: null,
  });
  t.strictSame(known.value(value), clean, 'and values become the same');
  fc.assert(
    fc.property(fc.jsonValue(), (any) => {
      JSON.parse(known.json(any));
    }),
  );
  t.end();
});

await t.test('what holds no secret stays the very same, and knowing none costs nothing', (t) => {
  const value = { a: [{ b: 'text' }], c: new Date(0) };
  t.equal(knowing(secret).value(value), value);
  t.equal(knowing(secret).json(value), JSON.stringify(value));
  const none = new Redactor();
  t.ok(none.isEmpty);
  t.equal(none.value(value), value);
  t.equal(none.stream().push(secret), secret);
  none.add('TINY', 'abc');
  t.ok(none.isEmpty, 'three characters are no secret');
  t.end();
});

await t.test('the longer of two secrets goes first, and a value keeps its first name', (t) => {
  const known = knowing('password-of-ada', 'password-of-ada-and-more');
  t.equal(known.text('password-of-ada-and-more password-of-ada'), '[secret:S1] [secret:S0]');
  known.add('LATER', 'password-of-ada');
  t.equal(known.text('password-of-ada'), '[secret:S0]');
  t.end();
});

await t.test('only so many values are remembered; those in use stay', (t) => {
  const known = new Redactor();
  for (let at = 0; at < 2_500; at += 1) {
    known.add(`N${at}`, `value-number-${at}-`);
    known.add('USED', 'the one in use');
  }
  t.equal(
    known.text('the one in use value-number-2499- value-number-1-'),
    '[secret:USED] [secret:N2499] value-number-1-',
  );
  t.end();
});

await t.test('OBSV-07: lines of the log hold no secret, nor do errors and their causes', (t) => {
  const names = {
    ACME_API_KEY: 'env-value-12345',
    HOMEPAGE: 'no secret at all',
    SHORT_TOKEN: '1234567',
    db_password: 'env-value-67890',
  };
  redactEnvironment(names);
  const lines: string[] = [];
  const log = createLog((line) => lines.push(line));
  const cause = Object.assign(new Error('connect env-value-12345'), { code: 'EFAIL' });
  log.error('It failed with env-value-67890', {
    error: new Error('outer env-value-12345', { cause }),
    url: 'no secret at all',
  });
  t.notMatch(lines.join(''), /env-value/);
  t.match(JSON.parse(lines[0] ?? ''), {
    message: 'It failed with [secret:db_password]',
    error: {
      message: 'outer [secret:ACME_API_KEY]',
      cause: { message: 'connect [secret:ACME_API_KEY]', code: 'EFAIL' },
    },
    url: 'no secret at all',
  });
  t.equal(redactor.text('1234567'), '1234567');
  t.end();
});
