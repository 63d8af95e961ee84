import { METHODS } from 'node:http';
import { createFastifyFront } from '../../src/front/fastify-front.ts';
import { describeFront } from './contract/describe-front.ts';

// What node:http decides before anything can be seen of it: the reasons are in docs/fronts.md.
describeFront('fastify front', createFastifyFront, {
  methods: METHODS,
  takesRawTargets: false,
  takesLaterMinorVersions: false,
  seesFirstByte: false,
  countsTurnedAway: false,
});
