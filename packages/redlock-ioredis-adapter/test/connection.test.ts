import { testConnection } from './cases/connection.js';

testConnection(6);
