/** Something wrong in a person's file: where, and one sentence with what to do. `warning`: the file is used all the same. */
export interface Problem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly level: 'error' | 'warning';
  readonly message: string;
}
