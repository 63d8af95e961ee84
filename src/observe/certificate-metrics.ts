import { Gauge, type Registry } from 'prom-client';
import type { CertificateStatus } from '../model/certificate.ts';

/** Gauges of the certificates that clients are shown; the files' names are the settings'. */
export function addCertificateMetrics(registry: Registry, status: () => CertificateStatus): void {
  const registers = [registry];
  new Gauge({
    name: 'banyan_tls_certificate_not_after_seconds',
    help: 'When the certificate in use expires, as seconds since 1970.',
    labelNames: ['certificate'],
    registers,
    collect() {
      this.reset();
      for (const { certFile, notAfterMs } of status().certificates)
        this.set({ certificate: certFile }, notAfterMs / 1000);
    },
  });
  new Gauge({
    name: 'banyan_tls_certificates_current',
    help: '1 if the certificate files as they stand are in use, 0 if one was rejected.',
    registers,
    collect() {
      this.set(status().isCurrent ? 1 : 0);
    },
  });
}
