import { execFileSync } from 'node:child_process';

/** Builds dist/ once before any test, since end-to-end tests start the built `banyan` as its users do. */
export function setup(): void {
  execFileSync(process.execPath, ['scripts/build.mjs'], { stdio: 'inherit' });
}
