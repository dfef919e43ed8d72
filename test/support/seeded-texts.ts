/** Texts that pages have trouble with: long, right to left, Markdown of every kind, and what looks like a page of its own. */
export const rightToLeft = [
  'مرحبا، هل يمكنك مساعدتي في كتابة رسالة إلى صديق قديم لم أره منذ سنوات؟',
  'שלום, תוכל לעזור לי לתכנן טיול של שלושה ימים בירושלים עם שני ילדים?',
  'کتاب‌های زیادی هست که هنوز نخوانده‌ام؛ از کدام باید شروع کنم؟',
] as const;

export const rightToLeftAnswers = [
  'بالتأكيد. ابدأ بذكرى مشتركة، ثم اسأل عن حاله. إليك مثالا:\n\n> عزيزي سامي، تذكرت اليوم رحلتنا إلى البحر…\n\n- اجعلها قصيرة\n- لا تعتذر كثيرا\n- اقترح موعدا: `2026-12-01`',
  'בשמחה. יום ראשון: העיר העתיקה. יום שני: מוזיאון ישראל. יום שלישי: גן החיות התנ״כי.\n\n1. הזמינו כרטיסים מראש\n2. נעליים נוחות',
  'از کتابی شروع کنید که کوتاه است: «بوف کور» ۱۲۰ صفحه دارد. Then something in English, mixed into the line, 42 pages.',
] as const;

/** What must be shown as text and never do anything. */
export const hostile = [
  '<img src=x onerror="document.title=\'pwned\'">',
  '<script>document.title="pwned"</script>',
  '[a link](javascript:document.title=1)',
  '"><svg onload=document.title=1>',
  '</title><style>*{display:none}</style>',
] as const;

export const markdown = `# A heading

Some *emphasis*, some **weight**, \`code in a line\`, ~~gone~~ and [a link](https://example.org/path).

| Name | Value | A column that is rather wide, so that it has to scroll on a phone |
| :--- | ----: | :---: |
| alpha | 1 | yes |
| beta | 22 | no |

\`\`\`ts
/** Adds two numbers. */
export function add(a: number, b: number): number {
  return a + b; // a comment that goes on for so long that no line of a phone could hold it, not even turned on its side
}
\`\`\`

- [x] done
- [ ] not yet
  - deeper

1. one
2. two

> A quotation.

Inline math $e^{i\\pi} + 1 = 0$ and a block:

$$\\sum_{k=1}^{n} k = \\frac{n(n+1)}{2}$$

\`\`\`mermaid
graph TD
  A[Message] --> B[Answer]
\`\`\`
`;

const words =
  'harbour winter signal paper garden mirror copper window letter river orchard lantern engine marble velvet compass granite ribbon thunder meadow'.split(
    ' ',
  );

/** So many plain words, the same for the same number. */
export function proseOf(count: number, seed = 0): string {
  const picked = Array.from({ length: count }, (_, at) => words[(seed * 7 + at * at + at * 3) % words.length] ?? '');
  return `${picked.join(' ').replace(/^./, (first) => first.toUpperCase())}.`;
}

/** One word that no line can hold. */
export const endlessWord = `https://example.org/${'a-very-long-path-that-nobody-breaks'.repeat(8)}`;
