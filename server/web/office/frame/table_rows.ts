// The rows of a DataTable, drawn by one function: hundreds of rows with a dozen cells each have no
// component and no slot of their own.
import { h, type VNode, type VNodeChild } from 'vue'

export interface Column<T> {
  key: string
  label: string
  /** Numbers stand at the right; nearly all columns are numbers, so that their cells carry no mark of it. */
  number?: boolean
  /** What to sort by; null comes last. */
  sort?: (row: T) => number | string | null
  cell: (row: T) => VNodeChild
}

interface Props<R> {
  columns: readonly Column<R>[]
  rows: readonly R[]
  keyOf: (row: R) => string
}

function cellDraw<R>(column: Column<R>, index: number, row: R): VNode {
  const inside = column.cell(row)
  // A text alone is set with its cell; in a list it would be a node more to make and to put in.
  const children = typeof inside === 'string' || Array.isArray(inside) ? inside : [inside]
  if (index === 0) return h('th', { scope: 'row' }, children)
  return h('td', { class: column.number === true ? undefined : 'words', 'data-column': column.key }, children)
}

export function TableRows<R>(props: Props<R>): VNode[] {
  return props.rows.map((row) => {
    const key = props.keyOf(row)
    return h('tr', { key, 'data-row': key }, props.columns.map((column, i) => cellDraw(column, i, row)))
  })
}
TableRows.props = ['columns', 'rows', 'keyOf']
