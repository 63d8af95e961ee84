import { describe, expect, it } from 'vitest';
import { switchOff, switchOn } from '../../src/config/edit-legacy-only-file.ts';

const changed = (text: string | null) => ({ kind: 'changed', text });

describe('LEGACY_ONLY is switched on', () => {
  it.each([
    ['everything, without a file', null, [], changed('')],
    ['everything, over names; comments stay', '# night\norders\n', [], changed('# night\n')],
    ['everything, again', ' \n', [], { kind: 'already' }],
    ['names, without a file', null, ['orders', 'search', 'orders'], changed('orders\nsearch\n')],
    ['names, with others', '# night\norders # it\n', ['search'], changed('# night\norders # it\nsearch\n')],
    ['names, after a line without its end', 'orders', ['search'], changed('orders\nsearch\n')],
    ['names, with Windows line ends', 'orders\r\n', ['search'], changed('orders\r\nsearch\r\n')],
    ['names that are there', 'orders\nsearch\n', ['search'], { kind: 'already' }],
    ['names, when everything is: a name would let go of the rest', '\n', ['orders'], { kind: 'already' }],
  ])('%s', (_, text, names, result) => {
    expect(switchOn(text, names)).toEqual(result);
  });
});

describe('LEGACY_ONLY is switched off', () => {
  it.each([
    ['all of it', 'orders\nsearch\n', [], changed(null)],
    ['everything', '', [], changed(null)],
    ['one of two', '# night\norders # it\nsearch\n', ['orders'], changed('# night\nsearch\n')],
    ['the last name: an empty file would mean everything', '# night\norders\n', ['orders'], changed(null)],
    ['the last names', 'orders\nsearch\n', ['search', 'orders', 'x'], changed(null)],
    ['a name that is not there', 'orders\n', ['search'], { kind: 'already' }],
    ['without a file', null, ['orders'], { kind: 'already' }],
    ['a name, when everything is', '# all\n', ['orders'], { kind: 'everything' }],
  ])('%s', (_, text, names, result) => {
    expect(switchOff(text, names)).toEqual(result);
  });
});
