declare module '*.css';
declare module 'live-cluster';
