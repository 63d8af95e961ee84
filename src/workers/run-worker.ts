/**
 * One worker: an App that does what the primary says (messages.ts). It has no routes file, no admin listener and no
 * will of its own: signals, which a terminal or systemd sends to all processes of a group, it leaves to the
 * primary. If the primary is gone, it finishes what it has, as long as a drain may take, and ends.
 */
import { App } from '../app.ts';
import { LoadedAssembly, type LoadedPart } from '../config/loaded-parts.ts';
import type { RouteTable } from '../model/route-table.ts';
import { VERSION } from '../model/version.ts';
import { type Logs, openLogs } from '../open-logs.ts';
import { LineReport } from './line-report.ts';
import type { PrimaryNote, ToWorker } from './messages.ts';
import { openPrimaryLine, type PrimaryLine } from './primary-line.ts';
import { settingsShare, tableShare } from './shares.ts';
import { startProblem } from './start-problem.ts';

type Start = Extract<ToWorker, { kind: 'start' }>;

/** What a worker hangs on. */
export interface WorkerDeps {
  /** Called with the log once there is one: from then on a fault that nobody caught must not end the process. */
  readonly onServing: (logger: Logs['logger']) => void;
  readonly err: (text: string) => void;
}

const USAGE = 2;

const FLUSH_MS = 1_000;
/** Lines go to the primary, which is woken by each piece: so they wait for others longer than for a file. */
const LINGER_MS = 50;

/** Serves until the primary says `close`, or is gone; resolves with the exit code. */
export async function runWorker({ onServing, err }: WorkerDeps): Promise<number> {
  const line = openPrimaryLine();
  if (line === null) {
    err('banyan worker: started by `banyan serve --workers`, never by hand\n');
    return USAGE;
  }
  return new Promise((end) => {
    let worker: WorkerProcess | null = null;
    line.onMessage((message) => {
      if (message.kind !== 'start') worker?.take(message);
      else if (message.version === VERSION) worker = new WorkerProcess(message, { line, onServing, end });
      else void line.tell({ kind: 'start_failed', problem: { message: otherVersion(message.version) } });
    });
    line.onGone(() => {
      if (worker === null) end(0);
      else void worker.orphaned();
    });
    void line.tell({ kind: 'here' });
  });
}

function otherVersion(version: string): string {
  return `the files of version ${VERSION} are there, and the primary is of ${version}: restart the whole router`;
}

interface Connected extends Pick<WorkerDeps, 'onServing'> {
  readonly line: PrimaryLine;
  readonly end: (code: number) => void;
}

class WorkerProcess {
  private readonly start: Start;
  private readonly line: PrimaryLine;
  private readonly end: (code: number) => void;
  private readonly logs: Logs;
  private readonly app: App;
  private readonly report: LineReport;
  private assembly = new LoadedAssembly();
  private turn: { use: () => void; drop: (reason: Error) => void } | null = null;
  private isListening = false;

  constructor(start: Start, { line, onServing, end }: Connected) {
    this.start = start;
    this.line = line;
    this.end = end;
    this.logs = openLogs(start.settings, start.hasColors, LINGER_MS);
    const logger = this.logs.logger.child({ worker: start.worker });
    this.report = new LineReport(this.line);
    this.app = new App(settingsShare(start.settings, start), {
      logger,
      sink: this.logs.sink,
      hasColors: start.hasColors,
      among: {
        news: this.report.news,
        allReady: () => this.allReady(),
        portion: 1 / start.workers,
      },
    });
    onServing(logger);
    void this.line.tell({ kind: 'started' });
  }

  take(message: ToWorker): void {
    switch (message.kind) {
      case 'table_part':
        return void this.takePart(message.part);
      case 'table_use':
        this.turn?.use();
        return;
      case 'table_drop':
        this.turn?.drop(new Error('another worker could not take it'));
        return;
      case 'listen':
        return void this.listen();
      case 'metrics_wanted':
        this.report.metrics(this.app.metrics);
        return;
      case 'live_wanted':
        this.report.live(this.app.live());
        return;
      case 'note':
        this.note(message.note);
        return;
      case 'drain':
        return void this.drain();
      case 'close':
        return void this.close();
    }
  }

  private note(note: PrimaryNote): void {
    if (note.kind === 'rolled_back') this.app.switches.use(new Set(note.features));
    else this.app.useCertificates(note.set);
  }

  /** The primary is gone: no new connection can come. What is here may finish. */
  async orphaned(): Promise<void> {
    if (this.isListening) await Promise.race([this.app.drain(), wait(this.start.settings.drainTimeoutMs)]);
    await this.app.close();
    this.end(0);
  }

  private async takePart(part: LoadedPart): Promise<void> {
    const loaded = this.assembly.add(part);
    if (loaded === null) return this.line.tell({ kind: 'next_part' });
    this.assembly = new LoadedAssembly();
    if (loaded.table !== null) await this.apply(tableShare(loaded.table, this.start));
  }

  private async apply(table: RouteTable): Promise<void> {
    const { routes } = this.app;
    const { revision } = table;
    await routes.apply(
      { result: 'applied', time: Date.now(), revision, issues: [], fromState: false },
      table,
    );
    const isUsed = routes.current?.table === table;
    await this.line.tell(
      isUsed ? { kind: 'table_used' } : { kind: 'table_failed', reason: 'the log says why' },
    );
  }

  /** Everything is made for the table; the primary says when it counts. */
  private async allReady(): Promise<void> {
    try {
      await new Promise<void>((use, drop) => {
        this.turn = { use, drop };
        void this.line.tell({ kind: 'table_ready' });
      });
    } finally {
      this.turn = null;
    }
  }

  private async listen(): Promise<void> {
    try {
      const bound = await this.app.listen();
      this.isListening = true;
      this.report.connectionsOf(() => this.app.connections);
      this.report.countsOf(() => this.app.watch.take());
      this.report.comparisonsOf(() => this.app.judge.take());
      await this.line.tell({ kind: 'listening', ...bound });
    } catch (error) {
      await this.line.tell({ kind: 'start_failed', problem: startProblem(error) });
    }
  }

  private async drain(): Promise<void> {
    await this.app.drain();
    await this.line.tell({ kind: 'drained' });
  }

  /** The counts of the last moment are told too, so that none is lost by a restart. */
  private async close(): Promise<void> {
    await this.app.close();
    this.report.comparisons(this.app.judge.take());
    await this.report.lastMetrics(this.app.metrics);
    await this.logs.flush(FLUSH_MS);
    this.end(0);
  }
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
