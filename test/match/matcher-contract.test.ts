import { buildMatcher } from '../../src/match/build-matcher.ts';
import { matcherContract } from './matcher-contract.ts';
import { naiveMatcher } from './naive-matcher.ts';

matcherContract('the index', buildMatcher);
matcherContract('the naive reference', naiveMatcher);
