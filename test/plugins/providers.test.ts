import t from 'tap';
import { providerContract } from '../../core/testing.ts';
import { chatModel } from '../../plugins/openai/chat/chat.ts';
import { accessTo } from '../support/access.ts';
import { chatFrames, frame } from '../support/chat-frames.ts';
import { openAiRefusals, stageOver } from '../support/model-service.ts';
import { asEvents, playsRecordings } from '../support/recordings.ts';

await t.test('the provider openai-compatible keeps the contract', (t) =>
  providerContract(t, {
    stage: stageOver({
      path: '/v1/chat/completions',
      modelAt: (url, patience) =>
        chatModel(accessTo(`${url}/v1`, { name: 'mock', key: 'sk-test', ...patience }), { id: 'mock-model' }),
      frames: chatFrames(),
      error: frame({ error: { message: 'The engine is overloaded', type: 'server_error' } }),
      refusals: openAiRefusals,
    }),
    lacks: ['toolImages'],
  }),
);

for (const folder of ['openai-chat', 'mistral'])
  await t.test(`what services sent in Chat Completions is understood: ${folder}`, (t) =>
    playsRecordings(t, {
      folder,
      frame: asEvents({ isDone: true }),
      contentType: 'text/event-stream',
      modelAt: (address) => chatModel(accessTo(address), { id: 'recorded' }),
    }),
  );
