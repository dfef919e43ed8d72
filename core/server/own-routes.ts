import { z } from 'zod';
import type { DescribedRoute } from './web.ts';

const state = (word: string): z.ZodObject => z.object({ status: z.literal(word) });

/** The routes of the server itself as the document tells of them: whether it lives, whether it is ready, and what there is. */
export const ownRoutes: readonly DescribedRoute[] = [
  {
    method: 'GET',
    path: '/healthz',
    permission: 'anyone',
    describe: {
      name: 'health.live',
      summary: 'Tells that the server lives.',
      answers: { 200: { description: 'It lives', schema: state('ok') } },
    },
  },
  {
    method: 'GET',
    path: '/readyz',
    permission: 'anyone',
    describe: {
      name: 'health.ready',
      summary: 'Tells whether everything has started.',
      answers: {
        200: { description: 'It is ready', schema: state('ready') },
        503: { description: 'It is starting', schema: state('starting') },
      },
    },
  },
  {
    method: 'GET',
    path: '/api/v1/gate',
    permission: 'anyone',
    describe: {
      name: 'gate.show',
      summary: 'Tells the page what to show to whom nobody knows.',
      answers: {
        200: {
          description: 'The element and its module; null where nobody signs in',
          data: z.object({ element: z.string(), module: z.string() }).nullable(),
        },
      },
    },
  },
  {
    method: 'GET',
    path: '/api/openapi.json',
    permission: 'caller',
    describe: {
      name: 'openapi.show',
      summary: 'Describes every route: this document.',
      answers: { 200: { description: 'The document', schema: z.looseObject({ openapi: z.string() }) } },
    },
  },
];
