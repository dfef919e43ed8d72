import { mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { ada } from '../test/support/owner.ts';
import { writeSeededHome } from '../test/support/seeded-home.ts';

/** Fills a folder with the home that tests of the page use, for people who look at it: node tools/seed-home.ts <folder> */
const [given] = process.argv.slice(2);
if (given === undefined) throw new Error('Name an empty folder: node tools/seed-home.ts <folder>');
const folder = path.resolve(given);
await mkdir(folder, { recursive: true });
if ((await readdir(folder)).length > 0) throw new Error(`${folder} is not empty.`);
const made = await writeSeededHome(folder);
console.log(`Serve it: bnity serve --home ${folder}\nSign in: ${ada.email} / ${ada.password}`);
for (const [name, id] of Object.entries(made)) console.log(`${name}: /conversations/${id}`);
