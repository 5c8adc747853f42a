import { expect, jest, test } from '@jest/globals';
import { readArguments } from '../src/arguments.js';

test('a seed alone is told; with a number of schedules it is the first of them', () => {
  expect(readArguments(['--seed', '7'])).toMatchObject({ schedules: null, seed: 7 });
  expect(readArguments(['--seed', '7', '--schedules', '9'])).toMatchObject({ schedules: 9 });
  expect(readArguments([])).toMatchObject({ schedules: 20_000, seed: 1, workers: 2 });
});

test('a mutant is found by a part of its name, and brings its kind of plans', () => {
  expect(readArguments(['--mutant', 'room for drift'])).toMatchObject({
    kind: 'faults',
    mutant: { name: 'exclusion: validity leaves no room for drift' },
  });
});

test.each([
  [['--schedules', '0'], '--schedules must be a whole number from 1 on'],
  [['--kind', 'sige'], "There is no kind 'sige', only calm, faults"],
  [['--mutant', 'exclusion'], '--mutant must name one of these'],
  [['--seeds', '1'], "'--seeds'"],
])('%j is refused, with the usage', (args, message) => {
  const exit = jest.spyOn(process, 'exit').mockImplementation(() => {
    throw new Error('exit');
  });
  const error = jest.spyOn(console, 'error').mockImplementation(() => {});
  expect(() => readArguments(args)).toThrow('exit');
  expect(exit).toHaveBeenCalledWith(2);
  expect(String(error.mock.calls[0]?.[0])).toContain(message);
  expect(String(error.mock.calls[0]?.[0])).toContain('Usage: pnpm simulate');
  exit.mockRestore();
  error.mockRestore();
});
