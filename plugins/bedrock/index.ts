import { definePlugin, z } from 'boternity';
import type {} from '../providers/index.ts';
import { converseModel } from './converse.ts';
import { listModels } from './list.ts';
import { ADDRESS } from './region.ts';

/** Amazon Bedrock, with an access key of AWS or a key of Bedrock. */
export default definePlugin({
  name: 'bedrock',
  needs: ['providers'],
  setup({ providers }) {
    providers.addKind({
      type: 'bedrock',
      title: 'Amazon Bedrock',
      address: ADDRESS,
      key: 'AWS_BEARER_TOKEN_BEDROCK',
      keyInstead: 'AWS_ACCESS_KEY_ID',
      models: ['anthropic.claude-sonnet-5-5', 'anthropic.claude-haiku-5-5', 'amazon.nova-2-lite-v1:0'],
      options: z.strictObject({
        region: z
          .string()
          .regex(/^[a-z]{2}(-[a-z]+)+-\d+$/, 'write a region: eu-west-1')
          .optional()
          .describe('Region of AWS; else that of the key, AWS_REGION, AWS_DEFAULT_REGION or us-east-1'),
        profile: z
          .enum(['none', 'us', 'us-gov', 'eu', 'apac', 'jp', 'au', 'in', 'ca', 'global'])
          .optional()
          .describe('Inference profile of ids that name none; by the region when absent'),
      }),
      model: converseModel,
      list: listModels,
    });
  },
});
