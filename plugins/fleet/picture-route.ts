import { Fault, programPath, type Bots, type Home, type Route } from 'boternity';

/** A picture larger than this is no face of a bot, in bytes. */
const MOST_BYTES = 2 * 1024 * 1024;

interface PictureType {
  readonly media: string;
  /** Whether content that begins so can be such a picture. */
  readonly holds: (beginning: string) => boolean;
}

const jpeg: PictureType = { media: 'image/jpeg', holds: (bytes) => bytes.startsWith('\xff\xd8\xff') };
const types: Readonly<Record<string, PictureType>> = {
  png: { media: 'image/png', holds: (bytes) => bytes.startsWith('\x89PNG\r\n') },
  jpg: jpeg,
  jpeg,
  gif: { media: 'image/gif', holds: (bytes) => /^GIF8[79]a/.test(bytes) },
  webp: { media: 'image/webp', holds: (bytes) => bytes.startsWith('RIFF') && bytes.slice(8, 12) === 'WEBP' },
  avif: { media: 'image/avif', holds: (bytes) => /^ftypavi[fs]/.test(bytes.slice(4)) },
  svg: { media: 'image/svg+xml', holds: (bytes) => /^(\xef\xbb\xbf)?\s*<(\?xml|!--|!doctype svg|svg)/i.test(bytes) },
};

/** Sends a picture from the folder of a bot, for the page to show. Opened by itself it may do nothing: an SVG is a program too. */
export function pictureRoute(bots: Bots, home: Home): Route {
  return {
    method: 'GET',
    path: '/api/v1/bots/{bot}/pictures/{path+}',
    permission: 'bots:read',
    bot: async ({ bot }) => bot,
    describe: {
      name: 'pictures.show',
      summary: 'Sends a picture that lies in the folder of a bot: PNG, JPEG, GIF, WebP, AVIF or SVG of at most 2 MB.',
      params: {
        bot: { description: 'Slug or id of a bot', example: 'assistant' },
        path: { description: 'Path from the bot folder', example: 'avatars/me.png' },
      },
      answers: {
        200: { description: 'The picture', type: [...new Set(Object.values(types).map(({ media }) => media))] },
      },
    },
    async handle({ params: { bot = '', path = '' }, request, response }) {
      const file = programPath(path);
      const type = types[/\.([a-z]+)$/i.exec(file)?.[1]?.toLowerCase() ?? ''];
      const place = `bots/${bots.slugOf(bot)}/${file}`;
      const found = type && (await home.files.stat(place));
      const content = found?.kind === 'file' && found.size <= MOST_BYTES ? await home.files.read(place) : undefined;
      if (!type || !content || !type.holds(content.toString('latin1', 0, 256)))
        throw new Fault('FILE_MISSING', `The bot has no picture ${file}.`);
      response.writeHead(200, {
        'content-type': type.media,
        'content-length': content.length,
        'content-security-policy': "sandbox; default-src 'none'; style-src 'unsafe-inline'",
        'x-content-type-options': 'nosniff',
        'cross-origin-resource-policy': 'same-origin',
        'cache-control': 'private, no-cache',
      });
      response.end(request.method === 'HEAD' ? undefined : content);
    },
  };
}
