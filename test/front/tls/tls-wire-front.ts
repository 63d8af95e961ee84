import { createHttp2Server } from '../../../src/front/http2/http2-server.ts';
import { createWireFront } from '../../../src/front/wire/wire-front.ts';
import type { CertificateSet } from '../../../src/model/certificate.ts';
import type { Front, SecureFront } from '../../../src/model/exchange.ts';
import type { CreateFront } from '../contract/front-bench.ts';
import { selfSigned } from './own-certificate.ts';

/** A set of certificates for a front. */
export function setOf(...certificates: CertificateSet['certificates']): CertificateSet {
  return { certificates, ticketKeys: Buffer.alloc(48, 7).toString('base64') };
}

/** The wire front, asked through TLS: what listens is its TLS port. */
export const createTlsWireFront: CreateFront = async (options) => overTls(await createWireFront(options));

/** The same with HTTP/2 for those who agree on it. */
export const createTlsFront: CreateFront = async (options) =>
  overTls(await createWireFront(options, createHttp2Server(options)));

function overTls(front: SecureFront): Front & { readonly isTls: true } {
  front.useCertificates(setOf(selfSigned()));
  return {
    isTls: true,
    // The plain listener too, since time limits are looked at from when it listens.
    listen: async (host, port) => {
      await front.listen(host, 0);
      return front.listenTls(host, port);
    },
    drain: () => front.drain(),
    close: () => front.close(),
    get connections() {
      return front.connections;
    },
  };
}
