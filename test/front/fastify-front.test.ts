import { createFastifyFront } from '../../src/front/fastify-front.ts';
import { describeFront } from './front-contract.ts';

describeFront('fastify front', createFastifyFront);
