import module from 'node:module';
import { realpathSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';

/**
 * How files outside the package are imported: `boternity` and `boternity/…` mean the running package wherever the file
 * lies, and a folder whose generation was raised is imported anew (`?v=N`), so that changed code replaces the old.
 */
export interface ModuleLoader extends Disposable {
  /** Imports a file; a later generation of one of its folders gives a fresh copy of it and of everything below that folder. */
  import(path: string): Promise<Record<string, unknown>>;
  /** Makes the next import of a file, or of anything below a folder (its path ends in a slash), a fresh one. */
  raise(path: string): void;
  /** Lets files below another folder (its path ends in a slash) mean the running package too. */
  serve(path: string): void;
}

/** Installs the resolve hook. `packageRoot` is the URL of the running package; `homes` are folders, as URLs that end in a slash. */
export function createModuleLoader(packageRoot: URL, ...homes: URL[]): ModuleLoader {
  const generations = new Map<string, number>();
  const places = new Set(homes.map((home) => urlOf(fileURLToPath(home))));
  const insidePackage = new URL('package.json', packageRoot).href;

  const stamp = (url: string): string => {
    if (url.includes('?')) return url;
    for (const [place, generation] of generations) {
      if (url === place || (place.endsWith('/') && url.startsWith(place))) return `${url}?v=${generation}`;
    }
    return url;
  };
  const hooks = module.registerHooks({
    resolve(specifier, context, nextResolve) {
      const isOurs = specifier === 'boternity' || specifier.startsWith('boternity/');
      const fromHome = places.values().some((place) => context.parentURL?.startsWith(place));
      const resolved =
        isOurs && fromHome
          ? nextResolve(specifier, { ...context, parentURL: insidePackage })
          : nextResolve(specifier, context);
      return generations.size === 0 ? resolved : { ...resolved, url: stamp(resolved.url) };
    },
  });

  return {
    import: (path) => import(stamp(pathToFileURL(path).href)) as Promise<Record<string, unknown>>,
    raise(path) {
      const url = urlOf(path);
      generations.set(url, (generations.get(url) ?? 0) + 1);
    },
    serve: (path) => void places.add(urlOf(path)),
    [Symbol.dispose]: () => hooks.deregister(),
  };
}

/** URL of a file or folder as modules see it: behind all symbolic links. A folder's ends in a slash. */
function urlOf(path: string): string {
  try {
    return pathToFileURL(realpathSync(path)).href + (path.endsWith('/') ? '/' : '');
  } catch {
    return pathToFileURL(path).href;
  }
}
