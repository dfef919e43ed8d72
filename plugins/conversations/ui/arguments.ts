/** What a model gave a tool, as rows of name and value; one row without a name where it is no JSON object. */
export function entriesOf(json: string): (readonly [name: string, value: string])[] {
  const value = parsed(json);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return json.trim() === '' ? [] : [['', json]];
  return Object.entries(value).map(([name, held]) => [
    name,
    typeof held === 'string' ? held : JSON.stringify(held, null, 2),
  ]);
}

/** `{"city":"Bern","days":3}` → `city: Bern, days: 3`. */
export function briefly(json: string): string {
  return entriesOf(json)
    .map(([name, value]) => (name === '' ? value : `${name}: ${value.replaceAll(/\s+/g, ' ')}`))
    .join(', ');
}

export function indented(text: string): string {
  const value = parsed(text);
  return typeof value === 'object' && value !== null ? JSON.stringify(value, null, 2) : text;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
