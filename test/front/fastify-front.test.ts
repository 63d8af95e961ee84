import { METHODS } from 'node:http';
import { createFastifyFront } from '../../src/front/fastify-front.ts';
import { describeFront } from './contract/describe-front.ts';

// node:http answers method tokens that its parser does not know with 400 (docs/fronts.md).
describeFront('fastify front', createFastifyFront, { methods: METHODS });
