// Prints `N passed, N failed` for one run of vitest: `count-tests.mjs REPORT.json EXIT-CODE`.
// What was skipped has failed, and so has a run that found nothing, wrote no report, or ended badly for whatever
// other reason (a file that could not be loaded, an error outside any test).
import { readFileSync } from 'node:fs';

const [report, exitCode] = process.argv.slice(2);

function countsOf(file) {
  try {
    const { numTotalTests: total, numPassedTests: passed } = JSON.parse(readFileSync(file, 'utf8'));
    return { passed, failed: total - passed };
  } catch {
    return { passed: 0, failed: 0 };
  }
}

const { passed, failed } = countsOf(report);
const isBroken = exitCode !== '0' || passed === 0;
console.log(`${passed} passed, ${failed === 0 && isBroken ? 1 : failed} failed`);
