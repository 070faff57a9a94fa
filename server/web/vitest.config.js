// @ts-check
// Tests beside the code, in Node; a file whose code wants a page says so in its first line.
import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'
import { alias } from './build/apps.js'

export default defineConfig({
  test: {
    projects: [
      {
        plugins: [vue()],
        resolve: { alias },
        test: {
          name: 'pages',
          environment: 'node',
          include: ['{office,phone,public,shared}/**/*.test.ts'],
          // Drawing a page for the first time takes seconds on a busy machine.
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        root: fileURLToPath(new URL('../../client-sdk/ts', import.meta.url)),
        // Signatures in software take milliseconds, on a busy machine tens of them.
        test: { name: 'sdk', environment: 'node', include: ['test/**/*.test.ts'], testTimeout: 120_000, hookTimeout: 120_000 },
      },
    ],
  },
})
