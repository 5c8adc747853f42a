const { default: RedlockV5, ExecutionError } = require('redlock-compat');
const RedlockV4 = require('redlock-compat/v4');

const error = new ExecutionError('e', []);
console.log(RedlockV5.name, RedlockV4.name, new RedlockV4.LockError('m', 3).attempts, error.name);
