import { redactor, type ProviderKind } from 'boternity';
import type { FindSecret, Implied } from './roster.ts';
import { providerSettings } from './settings.ts';

/** Providers whose key is there although nobody wrote them down, and the one that the variables LLM_PROVIDER_* describe. */
export async function impliedByKeys(
  kinds: Iterable<[string, ProviderKind]>,
  isWritten: (type: string) => boolean,
  findSecret: FindSecret,
  environment: NodeJS.ProcessEnv,
): Promise<Implied[]> {
  const found: Implied[] = [];
  for (const [type, { key, keyInstead, address, isFoundByKey = true }] of kinds) {
    if (key === undefined || address === undefined || !isFoundByKey || isWritten(type)) continue;
    // A vault that cannot be opened is told elsewhere.
    const isThere = async (secret: string): Promise<boolean> =>
      (await findSecret(secret, undefined).catch(() => undefined)) !== undefined;
    const name = (await isThere(key)) ? key : keyInstead;
    if (name === undefined || (name !== key && !(await isThere(name)))) continue;
    const place = environment[name] || environment[`BOTERNITY_${name}`] ? 'environment' : 'vault';
    found.push({ name: type, settings: { type }, source: 'environment', because: `${name} is in the ${place}` });
  }
  return [...found, ...describedBy(environment)];
}

/** LLM_PROVIDER_BASE_URL and, beside it, _NAME, _TYPE, _API_KEY, _MODELS (with commas between). */
function describedBy(environment: NodeJS.ProcessEnv): Implied[] {
  const { LLM_PROVIDER_BASE_URL: address, LLM_PROVIDER_NAME: name, LLM_PROVIDER_TYPE: type } = environment;
  const models = environment.LLM_PROVIDER_MODELS?.split(',').map((id) => id.trim());
  const hasKey = Boolean(environment.LLM_PROVIDER_API_KEY ?? environment.LLM_PROVIDER_API_KEY_FILE);
  const { data: settings } = providerSettings.safeParse({
    ...(type && { type }),
    address,
    ...(hasKey && { key: 'LLM_PROVIDER_API_KEY' }),
    ...(models && { models: models.filter(Boolean) }),
  });
  const because = 'LLM_PROVIDER_BASE_URL is in the environment';
  return address && settings ? [{ name: name || 'llm', settings, source: 'environment', because }] : [];
}

/** The value of an environment variable; it is kept out of everything from then on. */
export function inEnvironment(name: string): string | undefined {
  const value = process.env[name];
  if (value) redactor.add(name, value);
  return value || undefined;
}
