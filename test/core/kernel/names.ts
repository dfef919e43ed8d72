/** Names for the kernel's own tests. */
declare module '../../../core/kernel/names.ts' {
  interface Services {
    'test.lamp': { lightFor: string; colour?: string };
    'test.table': string;
    'test.chair': string;
  }
  interface Events {
    'test.happened': number;
  }
  interface Operations {
    'test.add': (one: number, other: number) => Promise<number>;
  }
}
export {};
