/** Profiles through which a model is reached in several regions at once, by the beginning of the region; the nearest first. */
const profiles: readonly (readonly [region: string, profiles: readonly string[]])[] = [
  ['us-gov-', ['us-gov']],
  ['us-', ['us', 'global']],
  ['ca-', ['us', 'global', 'ca']],
  ['eu-', ['eu', 'global']],
  ['ap-northeast-1', ['jp', 'apac', 'global']],
  ['ap-northeast-3', ['jp', 'apac', 'global']],
  ['ap-southeast-2', ['au', 'apac', 'global']],
  ['ap-southeast-4', ['au', 'apac', 'global']],
  ['ap-south-', ['in', 'apac', 'global']],
  ['ap-', ['apac', 'global']],
  ['', ['global', 'us']],
];

const HAS_PROFILE = /^(us-gov|us|eu|apac|ap|jp|au|in|ca|sa|global)\./;
/** Models that are not served in one region alone. */
const WANTS_PROFILE =
  /^(anthropic\.claude-(?!v2|instant|3-(haiku|sonnet))|amazon\.nova-|meta\.llama(3-[1-9]|[4-9])|deepseek\.r1|mistral\.pixtral|writer\.palmyra)/;

/**
 * Ids under which a model is asked for, the likeliest first: through the profiles of its region, or as it stands. An id that names a
 * profile, or an ARN, stays as it is. Ids as Anthropic writes them are understood.
 */
export function idsFor(model: string, region: string, profile?: string): readonly string[] {
  if (model.startsWith('arn:') || HAS_PROFILE.test(model)) return [model];
  const plain = model.startsWith('claude-') ? `anthropic.${model}${/-\d{8}$/.test(model) ? '-v1:0' : ''}` : model;
  if (profile === 'none') return [plain];
  if (profile !== undefined && profile !== '') return [`${profile}.${plain}`];
  const [, near = []] = profiles.find(([beginning]) => region.startsWith(beginning)) ?? [];
  const through = near.map((name) => `${name}.${plain}`);
  return WANTS_PROFILE.test(plain) ? [...through, plain] : [plain, ...through];
}
