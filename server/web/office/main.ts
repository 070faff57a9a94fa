// The office: starts the app; pages are in router.ts.
import './early_now'
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import { counties } from '@shared/api/session'
import { reopenWhenStale } from '@shared/fresh'
import { i18nMake } from '@shared/i18n'
import '@shared/theme.css'
import './office.css'
import App from './App.vue'
import { connectionWatch } from './frame/connection'
import { keptEnd } from './frame/kept'
import { firstTake } from './first_link'
import { routerMake } from './router'

reopenWhenStale(counties, () => void keptEnd().then(() => location.reload()))
connectionWatch()
firstTake()
const app = createApp(App)
app.use(createPinia())
app.use(i18nMake())
const router = routerMake()
app.use(router)
// The link may also be opened in a tab in which the office is open already.
window.addEventListener('hashchange', () => {
  if (firstTake()) void router.replace({ name: 'sign-in' })
})
app.mount('#app')
