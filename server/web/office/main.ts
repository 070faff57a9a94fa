// The office: starts the app; pages are in router.ts.
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import { reopenWhenStale } from '@shared/fresh'
import { i18nMake } from '@shared/i18n'
import '@shared/theme.css'
import './office.css'
import App from './App.vue'
import { connectionWatch } from './frame/connection'
import { routerMake } from './router'

reopenWhenStale()
connectionWatch()
const app = createApp(App)
app.use(createPinia())
app.use(i18nMake())
app.use(routerMake())
app.mount('#app')
