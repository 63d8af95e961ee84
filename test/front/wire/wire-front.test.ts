import { createWireFront } from '../../../src/front/wire/wire-front.ts';
import { describeFront } from '../contract/describe-front.ts';

describeFront('wire front', createWireFront, { methods: null });
