// The phone's service worker: keeps the app's own files, so that it starts without a network.
//
// Happy path: install keeps every file of this version; pages below /app/ are answered with the kept
// index.html, files with the kept ones; everything else (the API) goes to the network untouched.
// A newer version is installed beside it, takes over when the page says so, and then drops the files
// of the old one.
import { cleanupOutdatedCaches, createHandlerBoundToURL, precacheAndRoute } from 'workbox-precaching'
import { NavigationRoute, registerRoute } from 'workbox-routing'

declare const self: ServiceWorkerGlobalScope
declare const QM_KEPT_FILES: { url: string; revision: string | null }[]

precacheAndRoute(QM_KEPT_FILES)
cleanupOutdatedCaches()
registerRoute(new NavigationRoute(createHandlerBoundToURL('/app/index.html'), { allowlist: [/^\/app\//] }))

self.addEventListener('message', (event) => {
  if (event.data === 'take-over') void self.skipWaiting()
})
// The first version serves the page that installed it, too.
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()))
