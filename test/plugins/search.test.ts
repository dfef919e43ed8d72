import { definePlugin } from 'boternity';
import { testKernel } from 'boternity/testing';
import t from 'tap';
import search, { type Found, type Search } from '../../plugins/search/index.ts';

await using kernel = await testKernel([search()]);
const service: Search = await serviceOf();

/** The service as another plugin has it. */
async function serviceOf(): Promise<Search> {
  const { promise, resolve } = Promise.withResolvers<Search>();
  const user = definePlugin({ name: 'user', needs: ['search'], setup: (context) => resolve(context.search) });
  await kernel.kernel.load(user());
  return promise;
}

const ids = ({ hits }: Found): string[] => hits.map(({ id }) => id);

await t.test('words of any language are found, whatever their case, accents and spelling', async (t) => {
  const index = service.index({ title: 3, text: 1 });
  const texts = {
    german: 'Die Straße über den Fluß nach Zürich, GRÖẞE egal',
    japanese: '明日の東京都は晴れです。ラーメン',
    chinese: '我们明天去北京大学图书馆',
    korean: '서울에서 만나요',
    russian: 'Привет! Ёлка стоит в Йошкар-Оле',
    greek: 'Καλημέρα, τι κάνεις;',
    arabic: 'مرحبا بالعالم',
    hindi: 'नमस्ते दुनिया',
    thai: 'สวัสดีครับ',
    turkish: 'İstanbul ve Iğdır',
    english: 'The state-of-the-art constructor of __proto__, naïve café in core/ui/list.ts, v3.1.18',
  };
  for (const [id, text] of Object.entries(texts)) await index.put(id, { title: [], text: [text] });
  const cases: Record<string, string[]> = {
    german: ['straße', 'STRASSE', 'zurich', 'Zürich', 'fluss', 'uber', 'größe'],
    japanese: ['東京', '東京都', '東', '都', '晴れ', 'ラーメン'],
    chinese: ['北京', '图书馆', '北京大学'],
    korean: ['서울', '서울에서'],
    russian: ['привет', 'ёлка', 'елка', 'йошкар'],
    greek: ['καλημερα', 'Καλημέρα'],
    arabic: ['مرحبا'],
    hindi: ['नमस्ते'],
    thai: ['สวัสดี'],
    turkish: ['istanbul'],
    english: ['constructor', 'proto', 'cafe', 'naive', 'core/ui', 'list.ts', 'stat', 'v3.1.18', '"state of the art"'],
  };
  for (const [id, wanted] of Object.entries(cases))
    for (const words of wanted) t.strictSame(ids(await index.query(service.parse(words))), [id], `${id}: ${words}`);
  for (const words of ['toString', 'hasOwnProperty', '大阪', 'нет'])
    t.strictSame(ids(await index.query(service.parse(words))), [], words);
});

await t.test('what was put again or removed is not found by its old words', async (t) => {
  const index = service.index({ text: 1 });
  await index.put('a', { text: ['the secret wombat'] });
  await index.put('b', { text: ['the wombat of Ulm', 'and an owl'] });
  t.strictSame(ids(await index.query(service.parse('wombat'))).toSorted(), ['a', 'b']);
  await index.put('a', { text: ['an owl'] });
  t.strictSame(ids(await index.query(service.parse('wombat'))), ['b']);
  t.strictSame(ids(await index.query(service.parse('secret'))), []);
  t.strictSame(ids(await index.query(service.parse('secrets'))), [], 'nor as something similar');
  await index.remove('b');
  t.strictSame(ids(await index.query(service.parse('wombat'))), []);
  t.strictSame(ids(await index.query(service.parse('owl'))), ['a']);
  t.equal(index.size, 1);
});

await t.test(
  'all words before some, weighty fields before others, whole words before beginnings, slips last',
  async (t) => {
    const index = service.index({ title: 3, text: 1 });
    const filler = 'and much more that has nothing to do with it';
    await index.put('title', { title: ['Budget for spring'], text: [filler] });
    await index.put('text', { title: ['Something'], text: [`the budget for spring ${filler}`] });
    await index.put('half', { title: ['Something'], text: [`the budget ${filler}`] });
    await index.put('longer', { title: ['Something'], text: [`budgetary matters ${filler}`] });
    t.strictSame(ids(await index.query(service.parse('budget spring'))).slice(0, 2), ['title', 'text']);
    t.equal(ids(await index.query(service.parse('budget'))).at(-1), 'longer');
    const slips = await index.query(service.parse('bugdet'));
    t.strictSame(ids(slips).toSorted(), ['half', 'text', 'title'], 'swapped letters');
    t.strictSame(ids(await index.query(service.parse('"bugdet"'))), [], 'what is quoted is meant as it is');
    t.strictSame(ids(await index.query(service.parse('spring'), (id) => id !== 'title')), ['text']);
  },
);

await t.test('a sighting says where the hits stand, an excerpt keeps the places', async (t) => {
  const text = `${'Long before. '.repeat(40)}Der Zug nach Wien 😀 fährt\num acht; der ZUG nach Graz nicht.${' And after.'.repeat(40)}`;
  const query = service.parse('"zug nach" wien fahrt');
  const seen = await service.sight(text, query);
  t.strictSame(
    seen?.marks.map(([start, end]) => text.slice(start, end)),
    ['Zug nach Wien', 'fährt', 'ZUG nach'].flatMap((piece) =>
      piece === 'Zug nach Wien' ? ['Zug nach', 'Wien'] : [piece],
    ),
  );
  t.equal(seen?.terms.size, 3);
  const { text: piece, marks } = service.excerpt(text, seen?.marks ?? [], 80);
  t.ok(piece.length <= 84 && piece.startsWith('…') && piece.endsWith('…') && !piece.includes('\n'), piece);
  t.strictSame(
    marks.slice(0, 3).map(([start, end]) => piece.slice(start, end)),
    ['Zug nach', 'Wien', 'fährt'],
  );
  t.equal(await service.sight('nothing of it', query), undefined);
  for (const [wrong, why] of [
    ['', /no word/],
    [' "" … !', /no word/],
    ['x'.repeat(501), /longer than 500/],
    ['a b c d e f g h i j k l m n o p q', /more than 16/],
  ] as const)
    t.throws(() => service.parse(wrong), { code: 'SEARCH_INVALID', message: why });
  t.strictSame(service.parse('"open phrase').terms.length, 1, 'a quote that is not closed goes to the end');
});

await t.test('a text of very many words is taken in while others have their turn', async (t) => {
  const index = service.index({ text: 1 });
  let turns = 0;
  const counting = setInterval(() => (turns += 1), 1);
  const words = Array.from({ length: 60_000 }, (_, at) => `word${at.toString(36)}x`);
  await index.put('huge', { text: [words.join(' ')] });
  t.strictSame(ids(await index.query(service.parse('word1x wordm00x'))), ['huge']);
  await index.put('huge', { text: ['small now'] });
  clearInterval(counting);
  t.ok(turns > 5, `others had ${turns} turns`);
  t.strictSame(ids(await index.query(service.parse('wordm00x'))), []);
});
