import http from 'node:http';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { pktLine } from '../../plugins/git-push/pkt-line.ts';
import { cloneOf, freshClone, git, remoteOf } from '../support/git-client.ts';
import { startProduct } from '../support/product.ts';

t.setTimeout(120_000);

await using product = await startProduct();
const { client, files } = product;
const soul = (text: string): string => `---\nname: Ada\n---\n\n${text}\n`;

async function tokenFor(name: string, ...scopes: string[]): Promise<string> {
  return (await client.call('tokens.create', { name, scopes })).token;
}

await t.test(
  'SECU-05: API tokens clone and push as far as their scopes go, and no longer than they last',
  async (t) => {
    const reader = await tokenFor('reader', 'bots:read@assistant');
    const writer = await tokenFor('writer', 'bots:write@assistant');
    const maker = await tokenFor('maker', 'bots:write');
    await using read = await cloneOf(product, 'assistant.git', reader);
    await read.commit({ 'SOUL.md': soul('Read only.') });
    t.match(await read.push(), { code: 128, stderr: /may not push to assistant[^]*403/ });
    await using clone = await cloneOf(product, 'assistant.git', writer);
    await clone.commit({ 'SOUL.md': soul('Pushed with a token.') });
    t.match(await clone.push(), { code: 0 });
    const memory = await remoteOf(product, 'assistant/memory.git', writer);
    t.match(await git(product.home, ['ls-remote', memory]), { code: 128, stderr: /memories:read@assistant/ });
    await using fresh = await freshClone(await remoteOf(product, 'made.git', writer));
    await fresh.commit({ 'SOUL.md': soul('New.'), 'hooks/before.sh': '#!/bin/sh\n' });
    t.match(await fresh.push(), { code: 128, stderr: /bots:write for a bot that is new/ });
    await fresh.git('remote', 'set-url', 'origin', await remoteOf(product, 'made.git', maker));
    t.match(await fresh.push(), { code: 0, stderr: /The bot made is created/ });
    t.match(await client.call('approvals.list', { bot: 'made' }), {
      approvals: [{ kind: 'code', path: 'hooks/before.sh' }],
    });
    const { tokens } = await client.call('tokens.list', {});
    await client.call('tokens.revoke', { token: tokens.find(({ name }) => name === 'writer')?.id ?? '' });
    await clone.commit({ 'SOUL.md': soul('Too late.') });
    t.match(await clone.push(), { code: 128, stderr: /Authentication failed/ });
    t.equal(await files.read('bots/assistant/SOUL.md'), soul('Pushed with a token.'));
  },
);

await t.test(
  'IDEN-03: what a push brings is sealed in the name of the pusher; its code waits until it is granted',
  async (t) => {
    await using clone = await cloneOf(product, 'assistant.git');
    await clone.commit({
      'SOUL.md': soul('Sealed by push.'),
      'tools/look.yaml': 'name: look\n',
      'bot.yaml': 'mcp:\n  servers: {}\n',
    });
    t.match(await clone.push(), {
      code: 0,
      stderr: /2 files hold code and wait for approval: bot\.yaml, tools\/look\.yaml/,
    });
    const { approvals } = await client.call('approvals.list', { bot: 'assistant' });
    t.strictSame(approvals.map(({ kind, path }) => `${kind} ${path}`).toSorted(), [
      'code bot.yaml#mcp',
      'code tools/look.yaml',
    ]);
    t.match(await client.call('soul.verify', { bot: 'assistant' }), { ok: true });
    await client.call('approvals.grant', { bot: 'assistant' });
    t.strictSame((await client.call('approvals.list', { bot: 'assistant' })).approvals, []);
    await clone.commit({ 'tools/look.yaml': 'name: look_again\n' });
    await clone.push();
    t.match(await client.call('approvals.list', { bot: 'assistant' }), {
      approvals: [{ kind: 'code', path: 'tools/look.yaml' }],
    });
    const history = await client.call('soul.history', { bot: 'assistant' });
    t.match(JSON.stringify(history), 'Petra Pusher');
  },
);

await t.test('a push that is under way ends when its token is revoked', async (t) => {
  const { token, id } = await client.call('tokens.create', { name: 'slow', scopes: ['bots:write@assistant'] });
  const request = http.request(new URL('/git/assistant.git/git-receive-pack', product.url), {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`petra:${token}`).toString('base64')}`,
      'content-type': 'application/x-git-receive-pack-request',
    },
  });
  const ended = new Promise((resolve) => request.once('close', resolve));
  request.on('error', () => undefined);
  request.on('response', (response) => response.on('error', () => undefined).resume());
  const command = `${'0'.repeat(40)} ${'1'.repeat(40)} refs/heads/slow\0 report-status side-band-64k`;
  request.write(Buffer.concat([pktLine(command), Buffer.from('0000PACK')]));
  const others = await Promise.race([ended, sleep(300, 'still open')]);
  t.equal(others, 'still open');
  await client.call('tokens.revoke', { token: id });
  t.not(await Promise.race([ended, sleep(5_000, 'still open')]), 'still open');
});

await t.test('where edits wait for the owner, a push neither takes them along nor writes over them', async (t) => {
  await client.call('settings.set', { key: 'seal', value: 'approve' });
  await using clone = await cloneOf(product, 'assistant.git');
  await files.write('bots/assistant/SOUL.md', soul('Slipped in on the disk.'));
  await clone.commit({ 'SOUL.md': soul('Pushed by a person.') });
  const refused = await clone.push();
  t.match(refused, { code: 1, stderr: /remote: SOUL\.md is on the server's disk, not as git knows it/ });
  await clone.git('reset', '-q', '--hard', 'origin/main');
  await clone.commit({ 'data/facts.yaml': 'facts: []\n' });
  t.match(await clone.push(), { code: 0 }, 'the rest may be pushed');
  t.match(await client.call('approvals.list', { bot: 'assistant' }), {
    approvals: [{ kind: 'identity', path: 'SOUL.md' }, { kind: 'code' }],
  });
  await client.call('soul.restore', { bot: 'assistant' });
  await clone.commit({ 'SOUL.md': soul('Pushed by a person.') });
  t.match(await clone.push(), { code: 0 });
  t.match(await client.call('bots.show', { bot: 'assistant' }), { soul: { body: /Pushed by a person/ } });
  t.equal((await git(path.join(product.home, 'bots/assistant'), ['status', '--porcelain'])).stdout, '');
});
