import type { Attempt, Model, ModelRequest, Notice, Price } from 'boternity';
import { takesImages } from './request-size.ts';

/** What a failure says at its end to whoever could do something: here it was done. */
const ADVICE = / (Try again|Start it|Check)\b[^.]*\.$/;

/** A model that costs so many times as much as the one that was wanted is told of. */
const MUCH_DEARER = 3;

/** What a person should know where another model answers than the one that was wanted. */
export function noticesFor(wanted: Model, serving: Model, attempts: readonly Attempt[]): Notice[] {
  if (wanted.provider === serving.provider && wanted.id === serving.id) return [];
  const [first] = attempts;
  const why = first ? `: ${first.message.replace(ADVICE, '')}` : '.';
  const changed = `Switched to ${serving.id} of ${serving.provider}, instead of ${wanted.id} of ${wanted.provider}${why}`;
  return [
    { code: 'MODEL_CHANGED', message: changed },
    ...windowNotice(wanted, serving),
    ...priceNotice(wanted, serving),
  ];
}

/** That a model was told of pictures which it cannot see. */
export function unseenNotice({ id, abilities }: Model, request: ModelRequest): Notice[] {
  if (abilities.images || !takesImages(request)) return [];
  const message = `${id} cannot see pictures: it was told their names only. Choose a model that sees to have them looked at.`;
  return [{ code: 'IMAGES_UNSEEN', message }];
}

function windowNotice(wanted: Model, { id, window }: Model): Notice[] {
  if (window === undefined || wanted.window === undefined || window >= wanted.window) return [];
  const message = `${id} takes ${window} tokens instead of ${wanted.window}: answers may know less of a long conversation.`;
  return [{ code: 'MODEL_SMALLER', message }];
}

function priceNotice(wanted: Model, serving: Model): Notice[] {
  const ratio = serving.price && wanted.price ? weightOf(serving.price) / weightOf(wanted.price) : 0;
  if (!(ratio > MUCH_DEARER)) return [];
  const times =
    ratio === Infinity
      ? 'costs something, the one that was wanted does not'
      : `costs ${ratio.toFixed(1)} times as much as ${wanted.id} of ${wanted.provider}`;
  return [{ code: 'MODEL_DEARER', message: `${serving.id} of ${serving.provider} ${times}.` }];
}

/** Conversations have about three times as many tokens of input as of output. */
function weightOf({ input, output }: Price): number {
  return 3 * input + output;
}
