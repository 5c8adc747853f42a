// Loaded before a program: the clock of its machine is LATE_MS behind.
const late = Number(process.env.LATE_MS);
const SystemDate = Date;

globalThis.Date = class extends SystemDate {
  constructor(...args) {
    super(...(args.length === 0 ? [SystemDate.now() - late] : args));
  }

  static now() {
    return SystemDate.now() - late;
  }
};
