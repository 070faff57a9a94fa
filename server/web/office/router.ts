// The pages of the office: one file each, loaded when first opened.  A page is for whoever is signed
// in unless it says `open`; the server decides what anybody may see, this only saves a detour.
import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router'
import { useSession } from './session'

declare module 'vue-router' {
  interface RouteMeta {
    /** Also for those who are not signed in. */
    open?: boolean
  }
}

export const routes: RouteRecordRaw[] = [
  { path: '/', name: 'start', component: () => import('./pages/StartPage.vue') },
  { path: '/sign-in', name: 'sign-in', meta: { open: true }, component: () => import('./pages/SignInPage.vue') },
  { path: '/:rest(.*)*', name: 'nothing', meta: { open: true }, component: () => import('./pages/NothingPage.vue') },
]

export function routerMake() {
  const router = createRouter({
    history: createWebHistory('/office/'),
    routes,
    scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
  })
  router.beforeEach(async (to) => {
    if (to.meta.open === true) return true
    const who = useSession()
    await who.look()
    return who.state === 'out' ? { name: 'sign-in', query: { to: to.fullPath } } : true
  })
  return router
}
