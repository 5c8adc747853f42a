import RedlockV5, { ExecutionError } from 'redlock-compat';
import RedlockV4 from 'redlock-compat/v4';

const error = new ExecutionError('e', []);
console.log(RedlockV5.name, RedlockV4.name, new RedlockV4.LockError('m', 3).attempts, error.name);
