/** A path template for the router: `{name}` takes one part of an address, `{name+}` all that is left of it. */
export function routerPath(template: string): string {
  return template.replaceAll(/\{(\w+)(\+?)\}/g, (_, name: string, rest: string) => `${rest === '' ? ':' : '*'}${name}`);
}
