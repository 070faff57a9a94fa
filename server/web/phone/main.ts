// The phone of a grid worker: starts the app; pages are in router.ts.
//
// The office's code stands behind the # of the address.  It is taken from there at once, so that it
// stays neither in the history nor in a screenshot of the address bar.
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import { workerLast } from '@shared/device/worker_last'
import { i18nMake } from '@shared/i18n'
import '@shared/theme.css'
import './phone.css'
import App from './App.vue'
import { codeTake } from './enrol_link'
import { fontSize, fontSizeUse } from './ui/font_size'
import { routerMake } from './router'
import { usePhone } from './store/phone'
import { snack } from './ui/snack'
import { updateWhenQuiet, workerStart } from './update'

codeTake()
fontSizeUse(fontSize())
const pinia = createPinia()
// The last worker's outbox opens while the page is put together; who asks for it next hears of a fault.
if (workerLast() !== '') usePhone(pinia).boot().catch(() => undefined)
const app = createApp(App)
app.use(pinia)
app.use(i18nMake())
const router = routerMake()
app.use(router)
// A code that arrives while the page is open changes only what stands behind the #.
window.addEventListener('hashchange', () => {
  if (codeTake()) void router.push({ name: 'start' })
})
app.mount('#app')
updateWhenQuiet(() => {
  const { status } = usePhone()
  return router.currentRoute.value.meta['quiet'] === true && snack.value === undefined && status?.syncing !== true
})
// Behind the first page, which it would hold up.
void router.isReady().finally(() => setTimeout(() => void workerStart()))
