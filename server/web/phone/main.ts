// The phone of a grid worker: starts the app; pages are in router.ts.
//
// The office's code stands behind the # of the address.  It is taken from there at once, so that it
// stays neither in the history nor in a screenshot of the address bar.
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import { i18nMake } from '@shared/i18n'
import { reopenWhenStale } from '@shared/fresh'
import '@shared/theme.css'
import './phone.css'
import App from './App.vue'
import { codeTake } from './enrol_link'
import { routerMake } from './router'
import { workerStart } from './update'

reopenWhenStale()
codeTake()
const app = createApp(App)
app.use(createPinia())
app.use(i18nMake())
app.use(routerMake())
app.mount('#app')
void workerStart()
