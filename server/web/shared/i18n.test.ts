// @vitest-environment happy-dom
/* eslint-disable vue/one-component-per-file */
import { mount } from '@vue/test-utils'
import { beforeEach, expect, it } from 'vitest'
import { defineComponent, h } from 'vue'
import { i18nMake, useLanguage, useSharedWords, useWords } from './i18n'
import { words } from './lang'

beforeEach(() => localStorage.setItem('qm.language', 'zh'))

const doors = words({ left: '还差{n}户, 每天{ n }户', deep: { title: '门' } }, { left: '{n} doors left, {n} a day', deep: { title: 'Doors' } })
const people = words({ left: '还差{n}人' }, { left: '{n} people left' })
const shared = words({ who: '谁:{who}' }, { who: 'Who: {who}' })

const component = (name: string, own: typeof doors | typeof people, says: (t: ReturnType<typeof useWords>['t']) => string) =>
  defineComponent({
    name,
    setup() {
      const { t, common } = useWords(own as typeof doors)
      const who = useSharedWords('shared_for_test', shared)
      return () => h('p', [says(t), who('who', { who: '<b>{n}</b>' }), common('action.again')].join('|'))
    },
  })
const Doors = component('DoorsPart', doors, (t) => t('left', { n: 31 }) + t('deep.title'))
const People = component('PeoplePart', people, (t) => t('left', { n: 2 }))
const Page = defineComponent({
  setup() {
    const { choose } = useLanguage()
    return () => h('div', [h(Doors), h(People), h(Doors), h('button', { onClick: () => choose('en') })])
  },
})

it('components with words of one key say each their own, in every instance and after the language was changed', async () => {
  const page = mount(Page, { global: { plugins: [i18nMake()] } })
  const says = () => page.findAll('p').map((p) => p.text())
  const zh = ['还差31户, 每天31户门|谁:<b>{n}</b>|再试一次', '还差2人|谁:<b>{n}</b>|再试一次']
  expect(says()).toEqual([zh[0], zh[1], zh[0]])
  await page.get('button').trigger('click')
  expect(says()[0]).toMatch(/^31 doors left, 31 a dayDoors\|Who: <b>\{n\}<\/b>\|/)
  expect(says()[1]).toMatch(/^2 people left\|/)
})

it('words that nobody wrote are an exception', () => {
  const Bad = component('BadPart', doors, (t) => t('nowhere'))
  expect(() => mount(Bad, { global: { plugins: [i18nMake()] } })).toThrow('no words for')
})

it('what is not given leaves its place empty', () => {
  const Short = component('ShortPart', doors, (t) => t('left'))
  expect(mount(Short, { global: { plugins: [i18nMake()] } }).text()).toMatch(/^还差户, 每天户\|/)
})
