declare module 'wink-porter2-stemmer' {
  /** A word in small letters without its ending (Porter 2). */
  export default function stem(word: string): string;
}
