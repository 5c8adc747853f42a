/** Says at the end of a run which tests were repeated, and why. */
export default class RepetitionReporter {
  onRunComplete(_contexts, { testResults }) {
    const repetitions = testResults
      .flatMap((file) => file.testResults)
      .flatMap(({ fullName, retryReasons = [] }) =>
        retryReasons.map((reason) => `  ${fullName}\n    ${reason.split('\n')[0]}`),
      );
    if (repetitions.length === 0) return;
    console.error([`Tests repeated: ${repetitions.length}`, ...repetitions].join('\n'));
  }
}
