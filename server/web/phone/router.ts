// The pages of the phone: one file each, loaded when first opened.
import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: '/', name: 'start', component: () => import('./pages/StartPage.vue') },
  { path: '/:rest(.*)*', redirect: { name: 'start' } },
]

export function routerMake() {
  return createRouter({
    history: createWebHistory('/app/'),
    routes,
    scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
  })
}
