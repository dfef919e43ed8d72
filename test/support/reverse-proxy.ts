import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { certify } from './certificate.ts';
import { ensureDebian } from './debian.ts';
import { temporaryFolder, until } from './product.ts';

/** The name that the proxies of tests serve; it resolves where a test says so. */
export const NAME = 'bots.example.com';

/** Certificate of every proxy of this process. */
export const certified = certify(NAME);

/** A configuration as docs/remote.md shows it. */
export async function shownConfig(file: 'nginx.conf' | 'Caddyfile'): Promise<string> {
  const text = await readFile(path.resolve(import.meta.dirname, '../../docs/remote.md'), 'utf8');
  const [, body] = new RegExp(`^\`\`\`\\w+ file=${file}\\n([^]*?)^\`\`\`$`, 'm').exec(text) ?? [];
  if (body === undefined) throw new Error(`docs/remote.md shows no ${file}.`);
  return body;
}

/** A port that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** nginx with these servers, each the text of a configuration. */
export async function startNginx(servers: readonly string[], port: number): Promise<AsyncDisposable> {
  const program = ensureDebian('nginx', 'nginx');
  const folder = await temporaryFolder({ 'cert.pem': certified.cert, 'key.pem': certified.key });
  const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${folder.path}/${kind};`,
  );
  await folder.write(
    'nginx.conf',
    [
      `daemon off; pid ${folder.path}/nginx.pid; error_log stderr; worker_processes 1;`,
      ...(process.getuid?.() === 0 ? ['user root;'] : []),
      `events {}\nhttp {\naccess_log off; ${places.join(' ')}`,
      ...servers
        .map((text) => text.replaceAll(/\/etc\/letsencrypt\S+fullchain.pem/g, `${folder.path}/cert.pem`))
        .map((text) => text.replaceAll(/\/etc\/letsencrypt\S+privkey.pem/g, `${folder.path}/key.pem`)),
      '}',
    ].join('\n'),
  );
  return run(program, ['-p', folder.path, '-c', `${folder.path}/nginx.conf`], folder, port);
}

/** Caddy with the sites of a Caddyfile and the certificate of the tests. */
export async function startCaddy(sites: string, port: number): Promise<AsyncDisposable> {
  const program = ensureDebian('caddy', 'caddy');
  const folder = await temporaryFolder({ 'cert.pem': certified.cert, 'key.pem': certified.key });
  const own = sites.replace(/\{\n/, `{\n\ttls ${folder.path}/cert.pem ${folder.path}/key.pem\n`);
  await folder.write('Caddyfile', `{\n\tadmin off\n\tauto_https disable_redirects\n}\n${own}`);
  return run(program, ['run', '--config', `${folder.path}/Caddyfile`, '--adapter', 'caddyfile'], folder, port);
}

async function run(
  program: string,
  args: readonly string[],
  folder: { readonly path: string } & AsyncDisposable,
  port: number,
): Promise<AsyncDisposable> {
  const env = { ...process.env, HOME: folder.path, XDG_DATA_HOME: folder.path, XDG_CONFIG_HOME: folder.path };
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'], env });
  let words = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (words += text));
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM');
      await once(child, 'close');
    }
    await folder[Symbol.asyncDispose]();
  };
  try {
    await until(`${program} listens`, () => child.exitCode === null && answers(port), 20_000);
  } catch (error) {
    await stop();
    throw new Error(`${String(error)}: ${words}`, { cause: error });
  }
  return { [Symbol.asyncDispose]: stop };
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
