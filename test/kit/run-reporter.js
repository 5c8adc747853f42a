const SLOWEST = 10;

/** Prints at the end of a run its slowest files, and which tests were repeated and why. */
export default class RunReporter {
  onRunComplete(_contexts, { testResults }) {
    const durations = testResults
      .map(({ testFilePath, perfStats }) => ({ testFilePath, seconds: perfStats.runtime / 1000 }))
      .toSorted((one, other) => other.seconds - one.seconds);
    const slowest = durations
      .slice(0, SLOWEST)
      .map(({ testFilePath, seconds }) => `  ${seconds.toFixed(1).padStart(6)} s  ${testFilePath}`);
    if (durations.length > SLOWEST) console.error(['Slowest files:', ...slowest].join('\n'));
    const repetitions = testResults
      .flatMap((file) => file.testResults)
      .flatMap(({ fullName, retryReasons = [] }) =>
        retryReasons.map((reason) => `  ${fullName}\n    ${reason.split('\n')[0]}`),
      );
    if (repetitions.length === 0) return;
    console.error([`Tests repeated: ${repetitions.length}`, ...repetitions].join('\n'));
  }
}
