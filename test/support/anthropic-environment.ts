import { registerHooks } from 'node:module';

/** Run as a child: loads the provider, asks it once at the address given, and prints which packages of the SDK were loaded when. */
const loaded: string[] = [];
registerHooks({
  resolve(specifier, context, next) {
    if (specifier === '@anthropic-ai/sdk') loaded.push(specifier);
    return next(specifier, context);
  },
});
const [address = ''] = process.argv.slice(2);
const { messagesModel } = await import('../../plugins/anthropic/messages.ts');
await import('../../plugins/anthropic/index.ts');
const { accessTo } = await import('./access.ts');
const { ask, hear } = await import('./hear.ts');
const model = messagesModel(accessTo(address), { id: 'claude-sonnet-4-5' });
const before = [...loaded];
const { text } = await hear(model, ask('Hello'));
const variable = process.env.ANTHROPIC_CUSTOM_HEADERS !== undefined;
process.stdout.write(JSON.stringify({ before, after: loaded, text, variable }));
