import type { JsonSchema } from '../../actions/action.ts';
import type { ModelRequest } from '../model.ts';

/** Texts one below the other, an empty line between two. Those that are empty or absent are left out. */
export function paragraphs(...texts: readonly (string | false | undefined)[]): string {
  return texts.filter(Boolean).join('\n\n');
}

/** The demand of a call in words, for services and models that refuse it as a field. */
export function callInWords(choice: NonNullable<ModelRequest['toolChoice']>): string {
  return `Answer with a call of ${choice === 'required' ? 'one of the tools' : `the tool ${choice.name}`}.`;
}

/** The shape of an answer in words, for services and models that do not see to it. */
export function shapeInWords(schema: JsonSchema): string {
  return `Answer with JSON, and nothing else, of this JSON Schema:\n${JSON.stringify(schema)}`;
}
