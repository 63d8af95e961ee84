import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DnsServer } from './dns-server.ts';

/** A name server, and what makes a router ask it instead of the machine's own. */
export interface PlantedDns {
  readonly server: DnsServer;
  /** For Node itself, in front of the command. */
  readonly nodeFlags: readonly string[];
  stop(): Promise<void>;
}

/**
 * Plants a resolv.conf and an empty hosts file of the test's own: the process is started with a few lines that lead
 * its reads of the files in /etc elsewhere, so the product needs no switch for it.
 */
export async function plantDns(): Promise<PlantedDns> {
  const server = await DnsServer.start();
  const folder = await mkdtemp(path.join(tmpdir(), 'banyan-dns-'));
  await writeFile(path.join(folder, 'resolv.conf'), `nameserver ${server.address}\n`);
  await writeFile(path.join(folder, 'hosts'), '127.0.0.1 localhost\n');
  const code = `
    import fs from 'node:fs/promises';
    import { syncBuiltinESMExports } from 'node:module';
    const planted = (file) => String(file).replace(/^\\/etc(?=\\/(?:hosts|resolv\\.conf)$)/, ${JSON.stringify(folder)});
    for (const name of ['stat', 'readFile']) {
      const own = fs[name];
      fs[name] = (file, ...more) => own(typeof file === 'string' ? planted(file) : file, ...more);
    }
    syncBuiltinESMExports();`;
  return {
    server,
    nodeFlags: ['--import', `data:text/javascript,${encodeURIComponent(code)}`],
    async stop() {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
