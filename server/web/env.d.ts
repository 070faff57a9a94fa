// Files that Vite turns into modules.
declare module '*.vue' {
  import type { DefineComponent } from 'vue'
  const component: DefineComponent
  export default component
}
declare module '*.css' {}

// Replaced by the build and by the tests.
declare const process: { env: { NODE_ENV: string } }
/** A thread as a file of its own, classic so that its code is kept compiled. */
declare module '*?worker' {
  const Thread: new () => Worker
  export default Thread
}
