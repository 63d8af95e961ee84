/**
 * How the texts of settings are read. Each reader throws {@link UnreadableSetting} with what is wrong, worded to stand
 * after the text.
 */
import { availableParallelism } from 'node:os';
import { type ListenAddress, parseListenAddress } from './model/listen-address.ts';
import { parseDuration, parseSize } from './model/units.ts';

/** What is wrong with a setting's text, worded to be read after it: `is not a port (0–65535)`. */
export class UnreadableSetting extends Error {}

function refuse(problem: string): never {
  throw new UnreadableSetting(problem);
}

/** `0.0.0.0:8080`, `[::]:8080`, `:8080`. */
export function address(text: string): ListenAddress {
  const parsed = parseListenAddress(text);
  return 'problem' in parsed ? refuse(parsed.problem) : parsed;
}

/** Milliseconds of `2s`. */
export function duration(text: string): number {
  return parseDuration(text) ?? refuse('is not a duration (500ms, 2s, 1m; at most 24d)');
}

function size(text: string): number {
  return parseSize(text) ?? refuse('is not a size (512, 32KiB, 10MiB)');
}

/** Bytes of `32KiB`, at least 1. */
export function sizeAboveZero(text: string): number {
  return size(text) || refuse('must be at least 1 byte');
}

/** A whole number from 0. */
export function count(text: string): number {
  if (!/^\d{1,9}$/.test(text)) refuse('is not a whole number (0 or more)');
  return Number(text);
}

/** A whole number from 1. */
export function countAboveZero(text: string): number {
  return count(text) || refuse('must be at least 1');
}

/** One of a list; `later` are known and not built yet. */
export function words<Word extends string>(list: readonly Word[], later: readonly string[] = []) {
  return (text: string): Word => {
    if (later.includes(text)) refuse('is not supported yet');
    return list.find((word) => word === text) ?? refuse(`is not one of ${list.join(', ')}`);
  };
}

/** 0 to 1 of `10%`. The sign is required, since 0.1 may mean a tenth or a thousandth. */
export function percentage(text: string): number {
  const share = /^(\d{1,3}(?:\.\d{1,4})?)%$/.exec(text);
  const percent = share === null ? Number.NaN : Number(share[1]);
  if (!(percent <= 100)) refuse('is not a percentage (0% to 100%, as 10% or 0.5%)');
  return percent / 100;
}

/** Any text that is not empty. */
export function text(value: string): string {
  return value;
}

/** The port that `https` URLs name; `true` is the usual one, `false` none. */
export function redirectPort(value: string): number | null {
  if (value === 'false') return null;
  const port = value === 'true' ? 443 : /^\d{1,5}$/.test(value) ? Number(value) : 0;
  return port >= 1 && port <= 65_535 ? port : refuse('is not a port (1–65535), nor true or false');
}

/** More processes than any machine has cores would be a slip of the keyboard. */
const MOST_WORKERS = 512;

/** A number of processes; `auto` is as many as the process may use cores. */
export function workers(value: string): number {
  if (value === 'auto') return availableParallelism();
  if (!/^\d{1,9}$/.test(value)) refuse('is not a number of processes (1 or more), nor auto');
  const wanted = countAboveZero(value);
  return wanted > MOST_WORKERS ? refuse(`is more than ${MOST_WORKERS}`) : wanted;
}

/** A host name in lower case. */
export function hostName(value: string): string {
  if (!/^[A-Za-z0-9._-]+$/.test(value)) refuse('is not a host name (without a port)');
  return value.toLowerCase().replace(/\.$/, '');
}

/** Upper bounds of the histograms, in seconds. */
export function buckets(value: string): readonly number[] {
  const bounds = value
    .split(',')
    .map((bound) => (/^\d*\.?\d+$/.test(bound.trim()) ? Number(bound) : Number.NaN));
  const ascending = bounds.every((bound, i) => bound > (bounds[i - 1] ?? 0));
  if (!ascending || bounds.length > 50) refuse('is not a list of ascending seconds (0.01,0.1,1; at most 50)');
  return Object.freeze(bounds);
}
