import { createWireFront } from '../../../src/front/wire/wire-front.ts';
import { describeFront, WITHOUT_LIMITS } from '../contract/describe-front.ts';

describeFront('wire front', createWireFront, WITHOUT_LIMITS);
