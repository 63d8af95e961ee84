import { judgePair } from '../config/certificate-files.ts';
import { pairsOf } from '../config/certificate-source.ts';
import { concernText } from '../config/validity-watch.ts';
import type { ConfigIssue } from '../model/config-issue.ts';
import { parseSettings } from '../settings.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** What is wrong, or doubtful, with the certificates that TLS_CERT and TLS_KEY name. `now`: wall clock, ms. */
export async function certificateIssues(env: Env, now: number): Promise<ConfigIssue[]> {
  const names = ['TLS_LISTEN', 'TLS_CERT', 'TLS_KEY'];
  const given = Object.fromEntries(names.map((name) => [name, env[name]]));
  const { settings, problems } = parseSettings({ flags: {}, env: given, terminal: false });
  if (settings === null) return problems.map((problem) => issueOf('error', problem));
  const issues = pairsOf(settings.tlsCertFiles, settings.tlsKeyFiles).map(async (pair) => {
    const judged = await judgePair(pair);
    if ('problem' in judged) return issueOf('error', judged.problem);
    const concern = concernText(judged, now);
    return concern === null ? [] : issueOf('warning', concern);
  });
  return (await Promise.all(issues)).flat();
}

/** Of `FILE: what is wrong`. */
function issueOf(severity: ConfigIssue['severity'], text: string): ConfigIssue {
  const end = text.indexOf(': ');
  const place = { file: text.slice(0, end), line: 0, column: 0, source: null, width: 1 };
  return { severity, ...place, message: text.slice(end + 2) };
}
