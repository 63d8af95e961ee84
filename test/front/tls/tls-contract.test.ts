import { describeFront, WITHOUT_LIMITS } from '../contract/describe-front.ts';
import { createTlsWireFront } from './tls-wire-front.ts';

describeFront('wire front through TLS', createTlsWireFront, WITHOUT_LIMITS);
