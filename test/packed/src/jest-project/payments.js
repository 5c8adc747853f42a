const { QuorumError, ResourceLockedError } = require('redlock-core');

/** Pays orders, each by one server of the shop at a time. */
class Payments {
  constructor(redlock, bank) {
    this.redlock = redlock;
    this.bank = bank;
  }

  async pay(order) {
    try {
      return await this.redlock.using(`payment:${order}`, 10_000, { wait: 0 }, async (signal) => {
        await this.bank.charge(order, { signal });
        return 'paid';
      });
    } catch (error) {
      if (ResourceLockedError.is(error)) return 'in progress';
      if (QuorumError.is(error)) return 'try again later';
      throw error;
    }
  }
}

module.exports = { Payments };
