import { readFile } from 'node:fs/promises';
import path from 'node:path';

/** A page of the guide as its table of contents names it. */
interface Page {
  readonly title: string;
  readonly file: string;
  readonly about: string;
}

const SUMMARY =
  'A self-hosted server for a fleet of AI bots. Every bot is a folder: edit it in a text editor and the next answer follows; git push deploys it. The files are the database.';

/** What a running server says of itself: files of the guide are not there, the API is. */
const ABOUT_SERVER = `This is a server of it. Nearly everything needs a credential: an API token in \`Authorization: Bearer …\`.

## API

- [OpenAPI 3.1](/api/openapi.json): every route with its grant, its inputs and an example.
- [Bots as models](/v1/models): the OpenAI API; a bot is the model \`boternity/<slug>\`.

## Guide

It ships with the program, in its folder docs/, and is in its repository.
`;

/** llms.txt and llms-full.txt: the guide as programs that read want it, in the order of docs/README.md (llmstxt.org). */
export async function forMachines(root: string): Promise<{ short: string; full: string; served: string }> {
  const contents = await readFile(path.join(root, 'docs/README.md'), 'utf8');
  const head = ['# Boternity', '', `> ${SUMMARY}`, ''];
  const short = [...head];
  const served = [...head, ABOUT_SERVER];
  const full = [
    ...head,
    await readFile(path.join(root, 'README.md'), 'utf8').then((text) => text.replace(/^# .*\n/, '')),
  ];
  for (const [, section = '', body = ''] of contents.matchAll(/^## (.+)\n([^]*?)(?=^## |(?![^]))/gm)) {
    const pages = pagesIn(body);
    if (pages.length === 0) continue;
    short.push(`## ${section}`, '', ...pages.map(({ title, file, about }) => `- [${title}](${file}): ${about}`), '');
    served.push(...pages.map(({ title, about }) => `- ${title}: ${about}`));
    // Of what is written from the program itself the page says where it is, and the program tells it.
    for (const { file } of pages.filter((page) => /^docs\/[^/]+\.md$/.test(page.file)))
      full.push('---', '', `<!-- ${file} -->`, '', (await readFile(path.join(root, file), 'utf8')).trimEnd(), '');
  }
  const [one, all, own] = [short, full, served].map((lines) => `${lines.join('\n').trimEnd()}\n`);
  return { short: one ?? '', full: all ?? '', served: own ?? '' };
}

function pagesIn(text: string): Page[] {
  return [...text.matchAll(/^- \[(.+?)\]\((.+?)\): ([^]+?)(?=\n- |\n\n|\n<|(?![^]))/gm)].map(
    ([, title = '', target = '', about = '']) => ({
      title,
      file: path.posix.normalize(path.posix.join('docs', target)),
      about: about.replaceAll(/\s+/g, ' ').trim(),
    }),
  );
}
