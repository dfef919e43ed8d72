import { Fault, type Actions, type Caller, type z } from 'boternity';

/** What an action answered, or why it did not. */
export type Answered<T> =
  | { readonly value: T; readonly fault?: undefined }
  | { readonly value?: undefined; readonly fault: Fault };

/** Runs other actions for the same caller. */
export interface Ask {
  attempt<Schema extends z.ZodType>(name: string, input: object, schema: Schema): Promise<Answered<z.output<Schema>>>;
  /** What an action answers, in this form; null where there is none of the name, the caller may not run it, or it fails. */
  of<Schema extends z.ZodType>(name: string, input: object, schema: Schema): Promise<z.output<Schema> | null>;
  /** What failed though it is there and may be asked, a sentence each. */
  readonly failures: string[];
}

const absent = new Set(['ACTION_MISSING', 'CALLER_DENIED']);

/** Every answer goes through the operation `action.run`, so that nobody learns by this door what another would refuse. */
export function asking(actions: Actions, caller: Caller, signal: AbortSignal): Ask {
  const failures: string[] = [];
  const attempt: Ask['attempt'] = async (name, input, schema) => {
    try {
      const progress = (): void => undefined;
      return { value: schema.parse(await actions.run(name, { door: 'http', caller, signal, input, progress })) };
    } catch (thrown) {
      return { fault: Fault.from(thrown) };
    }
  };
  return {
    attempt,
    failures,
    async of(name, input, schema) {
      const { value, fault } = await attempt(name, input, schema);
      if (!fault) return value;
      if (!absent.has(fault.code)) failures.push(`${name}: ${fault.message}`);
      return null;
    },
  };
}
