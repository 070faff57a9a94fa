// One row of a long list.  It is drawn again only when it shows another row, or when what its cells read
// changes; a row that leaves the screen is taken again for one that comes, so that scrolling changes text
// and makes no elements.
import { defineComponent, h, type PropType, type Slot } from 'vue'

export default defineComponent({
  name: 'LongRow',
  props: {
    index: { type: Number, required: true },
    /** undefined: it is still asked for */
    row: { type: null as unknown as PropType<unknown>, required: true },
    keys: { type: Array as PropType<readonly string[]>, required: true },
    px: { type: Number, required: true },
    /** The cells by key: one object for all rows and for good. */
    cells: { type: Object as PropType<Record<string, Slot | undefined>>, required: true },
  },
  setup(props) {
    const cell = (key: string) => h('span', { key, role: 'cell', 'data-column': key }, props.cells[key]?.({ row: props.row }))
    return () =>
      h(
        'div',
        { class: 'row', role: 'row', 'aria-rowindex': props.index + 2, style: { top: `${props.index * props.px}px` } },
        props.row === undefined ? [h('span', { key: 'wait', role: 'cell' }, '…')] : props.keys.map(cell),
      )
  },
})
