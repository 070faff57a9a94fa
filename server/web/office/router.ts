// The pages of the office: one file each, loaded when first opened.  A page is for whoever is signed
// in unless it says `open`; the server decides what anybody may see, this only saves a detour.
import { createRouter, createWebHistory, type RouteComponent, type RouteRecordRaw } from 'vue-router'
import { useSession } from './session'

declare module 'vue-router' {
  interface RouteMeta {
    /** Also for those who are not signed in. */
    open?: boolean
    /** Printed on paper: no menu around it. */
    bare?: boolean
  }
}

declare global {
  interface ImportMeta {
    glob: (pattern: string) => Record<string, () => Promise<RouteComponent>>
  }
}

const files = import.meta.glob('./pages/*/*Page.vue')
const nothing = () => import('./pages/NothingPage.vue')

/** The page in this file below pages, and "there is no such page" where there is none. */
const page = (file: string) => files[`./pages/${file}Page.vue`] ?? nothing

export const routes: RouteRecordRaw[] = [
  { path: '/', name: 'start', redirect: { name: 'board' } },
  { path: '/account', name: 'account', component: () => import('./pages/AccountPage.vue') },
  { path: '/board/:code(\\d{6,15})?', name: 'board', component: () => import('./pages/board/BoardPage.vue') },
  { path: '/households', name: 'households', component: () => import('./pages/lists/HouseholdsPage.vue') },
  { path: '/residents', name: 'residents', component: () => import('./pages/lists/ResidentsPage.vue') },
  { path: '/print/:form', name: 'print', meta: { bare: true }, component: () => import('./pages/print/PrintPage.vue') },
  { path: '/sign-in', name: 'sign-in', meta: { open: true }, component: () => import('./pages/SignInPage.vue') },
  { path: '/week', name: 'week', component: page('week/Week') },
  { path: '/bulletins/:id', name: 'bulletin', component: page('bulletin/Bulletin') },
  { path: '/people', name: 'people', component: page('people/People') },
  { path: '/register', name: 'register', component: page('register/Register') },
  { path: '/settings', name: 'settings', component: page('settings/Settings') },
  { path: '/access', name: 'access', component: page('access/Access') },
  { path: '/:rest(.*)*', name: 'nothing', meta: { open: true }, component: nothing },
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
