// The office's service worker: keeps the page that the office starts with, its script and its style, so
// that a later start waits for the figures alone.
//
// Happy path: install keeps these three; pages below /office/ are answered with the kept index.html; all
// else, the API above all, goes to the network untouched.  A newer version takes over as soon as it has
// come whole, and drops the old one.  It never keeps an answer with data in it.
import { cleanupOutdatedCaches, createHandlerBoundToURL, precacheAndRoute } from 'workbox-precaching'
import { NavigationRoute, registerRoute } from 'workbox-routing'
import { API_PATHS } from '@shared/api/paths'

declare const self: ServiceWorkerGlobalScope
declare const QM_KEPT_FILES: { url: string; revision: string | null }[]

precacheAndRoute(QM_KEPT_FILES)
cleanupOutdatedCaches()
registerRoute(new NavigationRoute(createHandlerBoundToURL('/office/index.html'), { allowlist: [/^\/office\//] }))

interface Routed {
  addRoutes?: (rules: object) => Promise<void>
}

self.addEventListener('install', (event) => {
  void self.skipWaiting()
  // Chrome 123 and newer ask the server without a way through this worker.
  void (event as Routed).addRoutes?.({ condition: { urlPattern: { pathname: API_PATHS } }, source: 'network' })
})
