import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

// In development the pages come from Vite, and everything else from the console's server that `ferry up` starts.
const SYSTEM = process.env.FERRY_CONSOLE ?? 'http://localhost:4580';
const elsewhere = { target: SYSTEM, changeOrigin: false };

export default defineConfig({
  plugins: [react()],
  server: { port: 5173, proxy: { '/v1': elsewhere, '/config.json': elsewhere } },
  build: {
    target: 'es2022',
    sourcemap: false,
    chunkSizeWarningLimit: 1600, // elkjs, loaded with the graph only
  },
  test: { environment: 'jsdom', setupFiles: 'src/testing/setup.ts', include: ['src/**/*.test.{ts,tsx}'] },
});
