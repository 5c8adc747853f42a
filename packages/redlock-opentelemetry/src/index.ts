export {
  instrumentRedlock,
  RedlockInstrumentation,
  type RedlockInstrumentationConfig,
} from './redlock-instrumentation.js';
