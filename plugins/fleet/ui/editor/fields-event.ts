/** Values were changed in a form: `set` as key=JSON, `unset` what was emptied. */
export class FieldsEvent extends Event {
  readonly set: readonly string[];
  readonly unset: readonly string[];

  constructor(set: readonly string[], unset: readonly string[]) {
    super('bn-fields');
    this.set = set;
    this.unset = unset;
  }
}

/** The change of one value; what is undefined is taken out. */
export function fieldOf(key: string, value: unknown): FieldsEvent {
  return value === undefined ? new FieldsEvent([], [key]) : new FieldsEvent([`${key}=${JSON.stringify(value)}`], []);
}
